package report

import (
	"cmp"
	"fmt"
	"strings"

	"earshot/dialog"
)

// tile is one figure of the page's head.
type tile struct{ Name, Value, Note string }

// tiles are the figures that a reader wants first.
func (p *Page) tiles() []tile {
	var hurt int
	for _, c := range p.Calls {
		if severityOfCall(c) == severityFault {
			hurt++
		}
	}
	k := &p.Overview.Summary.Totals.KPI
	list := []tile{
		{"Calls", count(uint64(len(p.Calls))), "shown on this page"},
		{"With a fault", count(uint64(hurt)), "hurt, or failed"},
	}
	if k.Attempts > 0 {
		attempts := float64(k.Attempts)
		list = append(list,
			tile{"ASR", percentage(float64(k.Answered)/attempts) + " %", "answered of attempted"},
			tile{"NER", percentage(float64(k.Answered+k.UserFault)/attempts) + " %", "reached the user or were refused by one"})
	}
	if k.Answered > 0 {
		acd := k.TalkMS / float64(k.Answered)
		list = append(list, tile{"ACD", talkTime(&acd), "mean talk time"})
	}
	if k.PDDMS.Count > 0 {
		pdd := k.PDDMS.Sum / float64(k.PDDMS.Count)
		list = append(list, tile{"PDD", seconds(&pdd), "mean post-dial delay"})
	}
	return list
}

// rowView is one line of the page's table of calls.
type rowView struct {
	ID, Date, Start, From, To, Talk, Result, Codec, Findings string
	Linked                                                   bool // the page shows it in full
	Outcome, Severity                                        severity
	Voices                                                   [2]voiceView
}

// voiceView is one direction in the table.
type voiceView struct {
	Loss, Jitter, MOS, Model string
	Band                     band
}

func rowOf(c *dialog.CallRecord, linked bool) rowView {
	status := 0
	if c.FinalStatus != nil {
		status = *c.FinalStatus
	}
	v := rowView{
		ID: clean(c.ID, 32), Date: date(c.Start), Start: clockTime(c.Start, false), Linked: linked,
		From: cmp.Or(clean(c.From, 40), none), To: cmp.Or(clean(c.To, 40), none),
		Talk: talkTime(c.DurationMS), Result: resultCell(c.Disposition, status).text, Codec: codecsOf(c),
		Outcome: severityOfOutcome(c.Disposition, status), Findings: findingsCell(strings.Join(codes(c), ",")).text, Severity: severityNote,
	}
	for _, f := range c.Findings {
		v.Severity = max(v.Severity, severityOf(f.Code))
	}
	for _, from := range sides {
		v.Voices[from] = voiceView{Loss: none, Jitter: none, MOS: none}
		if s := speaks(c, from); s != nil {
			v.Voices[from] = voiceView{lossText(s), milliseconds(s.JitterMS.Mean), scoreText(&s.MOS), modelOf(&s.MOS), bandOf(s.MOS.LQ)}
		}
	}
	return v
}

// sectionView is one call in full.
type sectionView struct {
	ID, Title, Verdict string
	Severity           severity
	Facts              []fact
	Findings           []findingView
	Ladder             *ladderView
	Streams            []streamSection
}

// findingView is one finding in a call's list.
type findingView struct {
	Severity             severity
	Code, Text, Evidence string
	Arrow                string
}

// streamSection is one stream in full.
type streamSection struct {
	Title string
	Facts []fact
	Chart *chartView
}

// maxStreamSections bounds the streams of one call that are drawn.
const maxStreamSections = 32

func sectionOf(c *dialog.CallRecord) sectionView {
	v := sectionView{
		ID: clean(c.ID, 32), Title: cmp.Or(clean(c.From, 40), none) + " → " + cmp.Or(clean(c.To, 40), none),
		Verdict: Verdict(c), Severity: severityOfCall(c), Facts: callFacts(c),
		Ladder: ladderOf(c).view(clean(c.ID, 32)),
	}
	for _, f := range byUrgency(c) {
		x := findingView{Severity: severityOf(f.Code), Code: clean(f.Code, 40), Text: clean(f.Text, 2*maxText), Evidence: clean(f.Evidence, 2*maxText)}
		if s := streamOf(c, f.Stream); s != nil {
			x.Arrow = arrowOf(s)
		}
		v.Findings = append(v.Findings, x)
	}
	for i, s := range c.Media[:min(len(c.Media), maxStreamSections)] {
		x := streamSectionOf(s)
		if chart := chartOf(s, chartMaxSlots); chart != nil {
			x.Chart = chart.view(fmt.Sprintf("%s-%d", clean(c.ID, 32), i), streamTitle(s))
		}
		v.Streams = append(v.Streams, x)
	}
	return v
}

// streamSectionOf shows a stream without its timeline.
func streamSectionOf(s *dialog.StreamRecord) streamSection {
	return streamSection{Title: streamTitle(s), Facts: streamFacts(s)}
}

// Mark and Word let the template say a severity in both ways.
func (s severity) Mark() string { return s.mark() }

// Tip says in words what a voice's score is.
func (v voiceView) Tip() string {
	if v.Model == "" {
		return "no score"
	}
	return v.Band.String() + ", " + v.Model
}
