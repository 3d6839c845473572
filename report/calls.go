package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unique"

	"earshot/dialog"
)

// Calls is the table of calls, and what was wrong with the bad ones in words.
// It keeps about 200 octets a call, never the record. The zero value is ready.
type Calls struct {
	rows     []callRow
	verdicts verdicts
	loose    looseStreams

	transactions int
	methods      []string // of the transactions, in order of appearance, at most maxMethods
}

// maxMethods is how many methods are named where there is no call to show.
const maxMethods = 8

// callRow is what a table keeps of one call.
type callRow struct {
	start       dialog.Time
	id          string
	from, to    string
	codec       unique.Handle[string]
	disposition dialog.Disposition
	talkMS      float64 // negative where the call was not answered
	status      int16   // 0 where there was no final response
	voice       [2]voiceRow
	codes       unique.Handle[string] // of the findings, with commas between
}

// voiceRow is one direction of a call.
type voiceRow struct {
	present   bool
	suspect   bool
	band      band
	lossRatio float64
	jitterMS  float64
	mos       unique.Handle[string] // as shown
	scale     string
}

// Add takes one call.
func (t *Calls) Add(c *dialog.CallRecord) {
	row := callRow{
		start: c.Start, id: shortID(c.ID), from: clean(c.From, 40), to: clean(c.To, 40),
		disposition: c.Disposition, talkMS: -1,
		codec: unique.Make(codecsOf(c)), codes: unique.Make(strings.Join(codes(c), ",")),
	}
	if c.DurationMS != nil {
		row.talkMS = *c.DurationMS
	}
	if c.FinalStatus != nil {
		row.status = int16(*c.FinalStatus)
	}
	for _, from := range sides {
		if s := speaks(c, from); s != nil {
			row.voice[from] = voiceRowOf(s)
		}
	}
	t.rows = append(t.rows, row)
	t.verdicts.add(c)
}

// AddLoose takes one stream of no call; a stream that names its call is that
// call's business and left out.
func (t *Calls) AddLoose(s *dialog.StreamRecord) {
	if s.Call == nil {
		t.loose.add(s)
	}
}

// AddTransaction takes one SIP transaction outside calls. They are counted, and
// spoken of where there is no call to show.
func (t *Calls) AddTransaction(r *dialog.TransactionRecord) {
	t.transactions++
	if method := clean(r.Method, 16); len(t.methods) < maxMethods && !slices.Contains(t.methods, method) {
		t.methods = append(t.methods, method)
	}
}

func voiceRowOf(s *dialog.StreamRecord) voiceRow {
	return voiceRow{
		present: true, suspect: s.Trust == "suspect", band: bandOf(s.MOS.LQ),
		lossRatio: s.LossRatio, jitterMS: s.JitterMS.Mean, mos: unique.Make(scoreText(&s.MOS)),
		scale: scaleMark(modelOf(&s.MOS)),
	}
}

// shortID is as much of a call's id as a table shows: enough for --call, which
// takes the beginning of an id too.
func shortID(id string) string { return clean(id[:min(len(id), 8)], 32) }

// codecsOf names the codecs of both directions, once where they are the same.
func codecsOf(c *dialog.CallRecord) string {
	var names []string
	for _, from := range sides {
		s := speaks(c, from)
		if s == nil || s.Codec == nil {
			continue
		}
		if name := codecOf(s); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return cmp.Or(strings.Join(names, "/"), none)
}

// Write writes the table, in order of start, the verdicts and what there was
// of streams without a call.
func (t *Calls) Write(w io.Writer, s Style) {
	if len(t.rows) == 0 {
		t.nothing(w, s)
		return
	}
	slices.SortStableFunc(t.rows, func(a, b callRow) int { return cmp.Compare(a.start, b.start) })
	g := grid{columns: callColumns(), rows: len(t.rows), row: t.cells, above: t.day}
	g.write(w, s)
	t.legend(w, s)
	t.verdicts.write(w, s)
	t.loose.write(w, s)
}

func callColumns() []column {
	return []column{
		{title: "START"},
		{title: "FROM", least: 13, first: true},
		{title: "TO", least: 13, first: true},
		{title: "TALK", right: true, leave: 5},
		{title: "RESULT", least: 8},
		{title: "CODEC", least: 4, leave: 3},
		{title: "→LOSS%", right: true, leave: 4},
		{title: "JITTER", right: true, leave: 2},
		{title: "MOS ", right: true},
		{title: "←LOSS%", right: true, leave: 4},
		{title: "JITTER", right: true, leave: 2},
		{title: "MOS ", right: true},
		{title: "FINDINGS", least: 14},
		{title: "ID", leave: 1},
	}
}

// day is the date above the first call of each day: the table shows times.
func (t *Calls) day(i int) string {
	if today := date(t.rows[i].start); i == 0 || today != date(t.rows[i-1].start) {
		return today + " UTC"
	}
	return ""
}

func (t *Calls) cells(i int, cells []cell) {
	r := &t.rows[i]
	cells[0] = cell{text: clockTime(r.start, false)}
	cells[1] = cell{text: cmp.Or(r.from, none)}
	cells[2] = cell{text: cmp.Or(r.to, none)}
	cells[3] = cell{text: none, color: faint}
	if r.talkMS >= 0 {
		cells[3] = cell{text: talkTime(&r.talkMS)}
	}
	cells[4] = resultCell(r.disposition, int(r.status))
	cells[5] = cell{text: r.codec.Value()}
	for _, from := range sides {
		r.voice[from].cells(cells[6+3*int(from):])
	}
	cells[12] = findingsCell(r.codes.Value())
	cells[13] = cell{text: r.id, color: faint}
}

func (v *voiceRow) cells(cells []cell) {
	if !v.present {
		cells[0], cells[1], cells[2] = cell{none, faint}, cell{none, faint}, cell{none + " ", faint}
		return
	}
	loss := percentage(v.lossRatio)
	if v.suspect {
		loss += "?"
	}
	cells[0] = cell{text: loss}
	cells[1] = cell{text: milliseconds(v.jitterMS)}
	cells[2] = cell{v.mos.Value(), v.band.color()}
	if v.scale == "" {
		cells[2].text += " " // where others have the mark of their scale
	}
}

// resultCell is how the call came out: with its status where it did not work.
func resultCell(d dialog.Disposition, status int) cell {
	text := strings.ReplaceAll(string(d), "_", " ")
	if d == dialog.Answered || d == dialog.InProgress {
		return cell{text: text}
	}
	if status != 0 {
		text += " " + strconv.Itoa(status)
	}
	if grade := severityOfOutcome(d, status); grade != severityNote {
		return cell{grade.mark() + " " + text, grade.color()}
	}
	return cell{text: text}
}

// findingsCell lists the findings, marked and coloured by the worst.
func findingsCell(codes string) cell {
	if codes == "" {
		return cell{}
	}
	list := strings.Split(codes, ",")
	worst := severityNote
	words := make([]string, len(list))
	for i, code := range list {
		worst = max(worst, severityOf(code))
		words[i] = word(code)
	}
	return cell{worst.mark() + " " + strings.Join(words, ", "), worst.color()}
}

// legend explains the marks that the table uses, and no others.
func (t *Calls) legend(w io.Writer, s Style) {
	var banded [bandBad + 1]bool
	var wide, full, suspect bool
	for i := range t.rows {
		for j := range t.rows[i].voice {
			v := &t.rows[i].voice[j]
			banded[v.band] = true
			suspect = suspect || v.suspect
			wide = wide || v.scale == scaleMark("G.107.1")
			full = full || v.scale == scaleMark("G.107.2")
		}
	}
	notes := []string{"→ from the caller, ← from the callee; loss before this capture point; jitter in ms; MOS-LQ"}
	notes = appendIf(notes, banded[bandFair], fmt.Sprintf("~ below %.1f", mosGood))
	notes = appendIf(notes, banded[bandBad], fmt.Sprintf("! below %.1f", mosFair))
	notes = appendIf(notes, wide, "w wideband scale (G.107.1)")
	notes = appendIf(notes, full, "f fullband scale (G.107.2)")
	notes = appendIf(notes, wide || full, "scores of different scales don't compare")
	notes = appendIf(notes, suspect, "? the capture itself lost packets")
	for _, line := range wrap(strings.Join(notes, "; "), s.Width) {
		io.WriteString(w, s.paint(faint, line)+"\n")
	}
}

func appendIf(list []string, when bool, text string) []string {
	if !when {
		return list
	}
	return append(list, text)
}

// nothing says what there was instead of calls, and what to try.
func (t *Calls) nothing(w io.Writer, s Style) {
	io.WriteString(w, s.paint(strong, "No calls to show.")+"\n")
	if t.transactions > 0 {
		fmt.Fprintf(w, "There was other SIP: %s (%s). --json lists it.\n",
			plural(uint64(t.transactions), "transaction"), strings.Join(t.methods, ", "))
	}
	if t.loose.count > 0 {
		fmt.Fprintf(w, "There was media without signalling, measured all the same: %s; --streams shows all.\n"+
			"The INVITE was not captured, or it is encrypted.\n", plural(uint64(t.loose.count), "stream"))
		t.loose.write(w, s)
		return
	}
	io.WriteString(w, "No INVITE and no media stream matched. If there should be some: leave out the filters;\n"+
		"check what was skipped below, and that signalling is not encrypted (SIP over TLS can't be read).\n")
}
