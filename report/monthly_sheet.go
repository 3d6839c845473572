package report

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Markdown writes the report as Markdown.
func (m *Monthly) Markdown(w io.Writer) error { return m.sheet().markdown(w) }

// HTML writes the report as one self-contained page.
func (m *Monthly) HTML(w io.Writer) error { return m.sheet().html(w) }

// JSON writes the report as it is documented in docs/reports.md.
func (m *Monthly) JSON(w io.Writer) error { return writeReportJSON(w, m) }

// Brief is the report in a few lines of plain text.
func (m *Monthly) Brief() string { return m.sheet().brief() }

func (m *Monthly) sheet() *sheet {
	s := &sheet{
		Title:    "Monthly report: " + cmp.Or(m.Tenant, "voice"),
		Subtitle: m.Month + ", " + zonedTime(m.From, m.zone) + " to " + zonedTime(m.To, m.zone),
		Tiles:    m.tiles(),
		Foot:     "Made by Earshot as of " + zonedTime(m.AsOf, m.zone) + ". Times and days are those of " + m.Zone + ". Service-affecting are problems of production, critical or high, that were not cancelled. Downtime is the time for which they were measured impaired, or for a case opened by hand from its opening to its restoration, outside maintenance windows. MOS-LQ: of each call its worst stream, on the scale of its codec.",
	}
	if !m.Complete {
		s.Notice = "The month is not over: this is what is known until " + zonedTime(m.AsOf, m.zone) + "."
	}
	s.Sections = []sheetSection{
		{"Cases", m.caseTables()},
		{"Targets", m.targetTable()},
		{"Uptime", m.uptimeBlocks()},
		{"Service-affecting cases closed", m.downtimeTable()},
		{"Quality", m.qualityBlocks()},
	}
	return s
}

func (m *Monthly) tiles() []tile {
	list := []tile{{"Cases opened", strconv.Itoa(m.Cases.Opened), fmt.Sprintf("%d closed, %d open at the end", m.Cases.Closed, m.Cases.Open)}}
	for i := range m.Targets {
		if g := &m.Targets[i]; g.Goal == "restoration" && g.Percent != nil {
			list = append(list, tile{"Restored in time", percentText(*g.Percent, 1), g.aim()})
		}
	}
	list = append(list, tile{"Uptime", m.Uptime.text(), m.Uptime.aim()})
	if q := &m.Quality.Total; q.Calls > 0 {
		list = append(list, tile{"Impaired calls", q.share(), count(uint64(q.Impaired)) + " of " + count(uint64(q.Calls))})
	}
	return list
}

func percentText(v float64, decimals int) string {
	return strconv.FormatFloat(v, 'f', decimals, 64) + " %"
}

// text is the uptime, "–" before the month began.
func (u *Uptime) text() string {
	if u.PeriodS <= 0 {
		return none
	}
	return percentText(u.Percent, 3)
}

func (u *Uptime) aim() string {
	if u.TargetPercent == nil {
		return "no target was agreed"
	}
	return aimText(strconv.FormatFloat(*u.TargetPercent, 'g', -1, 64), *u.Met)
}

func (n *GoalCount) aim() string {
	if n.TargetPercent == nil {
		return none
	}
	return aimText(strconv.FormatFloat(*n.TargetPercent, 'g', -1, 64), n.reached())
}

// aimText says whether a target was reached, in words: a colour tells nothing on paper.
func aimText(target string, reached bool) string {
	if reached {
		return "target " + target + " %: met"
	}
	return "target " + target + " %: missed"
}

func (m *Monthly) caseTables() []block {
	if m.Cases == (CaseCounts{}) {
		return prose("There was no case in this month, and none was open.")
	}
	all := func(name, total string, rows []CaseRow) block {
		t := &sheetTable{Columns: []string{name, "Open at start", "Opened", "Reopened", "Closed", "Open at end"}, Numbers: []bool{false, true, true, true, true, true}}
		for i := range rows[:min(len(rows), mostRows)] {
			t.Rows = append(t.Rows, rows[i].cells())
		}
		if total != "" {
			t.Rows = append(t.Rows, (&CaseRow{total, m.Cases}).cells())
		}
		return block{Table: t}
	}
	return []block{all("Severity", "all", m.Severity), all("Owner", "", m.Owners)}
}

func (r *CaseRow) cells() []string {
	cells := []string{r.Name}
	for _, n := range []int{r.OpenBefore, r.Opened, r.Reopened, r.Closed, r.Open} {
		cells = append(cells, strconv.Itoa(n))
	}
	return cells
}

func (m *Monthly) targetTable() []block {
	t := &sheetTable{
		Caption: "Targets of the plan that were met or missed in the month.",
		Columns: []string{"Target", "Met", "Missed", "Met, %", "To be met", "Missed by cases"}, Numbers: []bool{false, true, true, true, false, false},
	}
	some := false
	for i := range m.Targets {
		g := &m.Targets[i]
		percent := none
		if g.Percent != nil {
			percent, some = strconv.FormatFloat(*g.Percent, 'f', 1, 64), true
		}
		t.Rows = append(t.Rows, []string{g.Goal, strconv.Itoa(g.Met), strconv.Itoa(g.Missed), percent, g.aim(), caseNumbers(g.MissedCases)})
	}
	if !some {
		return prose("No target was met or missed in this month.")
	}
	return []block{{Table: t}}
}

// mostNumbers bounds a list of cases in a line.
const mostNumbers = 50

func caseNumbers(list []int) string {
	if len(list) == 0 {
		return none
	}
	texts := make([]string, 0, mostNumbers)
	for _, n := range list[:min(len(list), mostNumbers)] {
		texts = append(texts, strconv.Itoa(n))
	}
	text := strings.Join(texts, ", ")
	if more := len(list) - mostNumbers; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func (m *Monthly) uptimeBlocks() []block {
	u := &m.Uptime
	return []block{{Facts: []fact{
		{"Uptime", u.text() + "; " + u.aim()},
		{"Downtime", lasted(u.DowntimeS) + " of " + lasted(u.PeriodS)},
		{"By cases", caseNumbers(u.Cases)},
	}}}
}

func (m *Monthly) downtimeTable() []block {
	if len(m.Downtimes) == 0 {
		return prose("No service-affecting case was closed in this month.")
	}
	t := &sheetTable{Columns: []string{"Case", "Subject", "Severity", "Closed", "Downtime", "In this month"}, Numbers: []bool{false, false, false, false, true, true}}
	for _, d := range m.Downtimes[:min(len(m.Downtimes), mostRows)] {
		t.Rows = append(t.Rows, []string{strconv.Itoa(d.Number), d.Subject, d.Severity, zonedTime(d.Closed, m.zone), lasted(d.DowntimeS), lasted(d.InMonthS)})
	}
	return []block{{Table: t}}
}

func (m *Monthly) qualityBlocks() []block {
	q := &m.Quality
	var blocks []block
	if q.Missing != "" {
		blocks = prose(q.Missing)
	}
	if q.Total.Calls == 0 {
		return append(blocks, prose("No answered call and no stream was kept of this month.")...)
	}
	if chart := trendChart(q, "Quality in "+m.Month); chart != nil {
		blocks = append(blocks, block{Chart: chart})
	}
	columns := []string{"Calls", "Impaired", "Impaired, share", "MOS median", "MOS p5"}
	numbers := []bool{false, true, true, true, true, true}
	if len(q.Segments) > 0 {
		t := &sheetTable{Caption: "By segment: a call counts in each that it passed.", Columns: append([]string{"Segment"}, columns...), Numbers: numbers}
		for i := range q.Segments[:min(len(q.Segments), mostRows)] {
			t.Rows = append(t.Rows, append([]string{q.Segments[i].Segment}, q.Segments[i].cells()...))
		}
		blocks = append(blocks, block{Table: t})
	}
	t := &sheetTable{Caption: "By day: answered calls that started on it, and streams of no call.", Columns: append([]string{"Day"}, columns...), Numbers: numbers}
	for i := range q.Days {
		d := &q.Days[i]
		cells := d.cells()
		if !d.Kept && d.Calls == 0 {
			cells = []string{"not kept", none, none, none, none}
		}
		t.Rows = append(t.Rows, append([]string{d.Day}, cells...))
	}
	t.Rows = append(t.Rows, append([]string{"all"}, q.Total.cells()...))
	return append(blocks, block{Table: t})
}
