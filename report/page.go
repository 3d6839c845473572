package report

import (
	"cmp"
	"embed"
	"html/template"
	"io"
	"slices"

	"earshot/dialog"
)

//go:embed page.html page.css
var pageFiles embed.FS

// maxSections is how many calls a page shows in full: the worst. Its table has
// them all.
const maxSections = 300

// Page is one self-contained page of HTML: overview, verdicts, table of calls,
// and calls in full with their ladders and timelines. It needs no script and
// fetches nothing; it reads in the light, in the dark and on paper.
type Page struct {
	Overview Overview
	Calls    []*dialog.CallRecord
	Loose    []*dialog.StreamRecord // streams of no call
}

// Write writes the page.
func (p *Page) Write(w io.Writer) error {
	style, err := pageFiles.ReadFile("page.css")
	if err != nil {
		return err
	}
	t, err := template.New("page.html").Funcs(template.FuncMap{
		"call":   sectionOf,
		"stream": streamSectionOf,
	}).ParseFS(pageFiles, "page.html")
	if err != nil {
		return err
	}
	return t.Execute(w, p.view(template.CSS(style)))
}

// pageView is what the template shows.
type pageView struct {
	Style       template.CSS
	Files       string
	Period      string
	Tiles       []tile
	Facts       []fact
	Interrupted bool
	Verdicts    []verdictView
	MoreBad     int
	Rows        []rowView
	Sections    []*dialog.CallRecord
	Left        int // calls without a section
	Loose       []*dialog.StreamRecord
	LooseLeft   int
}

// verdictView is one of the worst calls, in words.
type verdictView struct {
	ID, Time, From, To, Text string
	Severity                 severity
}

func (p *Page) view(style template.CSS) *pageView {
	calls := slices.Clone(p.Calls)
	byStart := func(a, b *dialog.CallRecord) int { return cmp.Compare(a.Start, b.Start) }
	slices.SortStableFunc(calls, byStart)
	sections := worstCalls(calls, maxSections)
	seen := p.Overview
	seen.Elapsed = 0 // the same capture gives the same page
	v := &pageView{
		Style: style, Files: fileNames(p.Overview.Files), Period: p.Overview.period(), Interrupted: p.Overview.Interrupted,
		Tiles: p.tiles(), Facts: seen.facts(), Sections: sections, Left: len(calls) - len(sections),
	}
	shown := make(map[*dialog.CallRecord]bool, len(sections))
	for _, c := range sections {
		shown[c] = true
	}
	var worst verdicts
	for _, c := range calls {
		v.Rows = append(v.Rows, rowOf(c, shown[c]))
		worst.add(c)
	}
	for _, x := range worst.worst {
		v.Verdicts = append(v.Verdicts, verdictView{
			ID: x.id, Time: clockTime(x.start, false), From: cmp.Or(x.from, none), To: cmp.Or(x.to, none), Text: x.text, Severity: x.severity,
		})
	}
	v.MoreBad = worst.bad - len(worst.worst)
	v.Loose, v.LooseLeft = p.loose()
	return v
}

// worstCalls picks at most limit calls, the worst, and leaves them in the order
// in which they are.
func worstCalls(calls []*dialog.CallRecord, limit int) []*dialog.CallRecord {
	if len(calls) <= limit {
		return calls
	}
	order := make([]int, len(calls))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return badnessOf(calls[a]).compare(badnessOf(calls[b])) })
	order = order[:limit]
	slices.Sort(order)
	picked := make([]*dialog.CallRecord, limit)
	for i, at := range order {
		picked[i] = calls[at]
	}
	return picked
}

// maxLoosePage is how many streams of no call a page shows.
const maxLoosePage = 50

// loose picks the worst streams of no call.
func (p *Page) loose() (list []*dialog.StreamRecord, left int) {
	for _, s := range p.Loose {
		if s.Call == nil {
			list = append(list, s)
		}
	}
	slices.SortStableFunc(list, worseStream)
	shown := min(len(list), maxLoosePage)
	return list[:shown], len(list) - shown
}
