package report

import (
	"bytes"
	"cmp"
	"io"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
)

// Cases shows a list of cases, as of now and in the order given: what needs
// somebody shows by its marks and colours. The cases are ones that were read as
// of now, so that they have their clocks.
func Cases(w io.Writer, s Style, cases []*alerting.Case, now time.Time) error {
	b := &bytes.Buffer{}
	if len(cases) == 0 {
		b.WriteString("No cases.\n")
	} else {
		g := grid{columns: caseListColumns(), rows: len(cases), row: func(i int, cells []cell) { caseCells(cases[i], now, cells) }}
		g.write(b, s)
		b.WriteString(s.paint(faint, caseCount(cases)) + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

func caseListColumns() []column {
	return []column{
		{title: "CASE", right: true},
		{title: "SEVERITY"},
		{title: "STATUS", least: 13},
		{title: "AGE", right: true, leave: 2},
		{title: "NEXT CLOCK", leave: 4},
		{title: "OWNER", least: 6, leave: 3},
		{title: "TENANT", least: 6, leave: 1},
		{title: "SUBJECT", least: 20},
	}
}

func caseCells(c *alerting.Case, now time.Time, cells []cell) {
	cells[0] = cell{text: strconv.Itoa(c.Number)}
	cells[1] = cell{cmp.Or(caseMark(c), "  ") + c.Severity.String(), urgency(c.Severity)}
	cells[2] = cell{text: statusWord(c)}
	if c.Status == alerting.StatusClosed {
		cells[1].color = faint
	}
	cells[3] = cell{text: caseSpan(now.Sub(c.Opened))}
	cells[4] = clockCell(c, now)
	cells[5] = cell{text: cmp.Or(clean(c.Owner, 40), none)}
	cells[6] = cell{text: cmp.Or(clean(c.Tenant, 40), none)}
	cells[7] = cell{text: clean(c.Subject, maxText)}
}

// statusWord is the sub-status, which says the status too: resolved and
// cancelled cases are closed, the others open.
func statusWord(c *alerting.Case) string {
	return strings.ReplaceAll(cmp.Or(clean(string(c.SubStatus), 40), clean(string(c.Status), 40)), "_", " ")
}

// clockCell is the clock that calls for somebody first.
func clockCell(c *alerting.Case, now time.Time) cell {
	k := nextClock(c)
	switch {
	case k == nil:
		return cell{none, faint}
	case k.State == clockBreached:
		return cell{"! " + clean(k.Goal, 20) + " " + caseSpan(now.Sub(k.Breached)) + " late", bad}
	case k.State == clockWarning:
		return cell{"~ " + clean(k.Goal, 20) + " in " + caseSpan(k.Due.Sub(now)), fair}
	}
	return cell{text: "  " + clean(k.Goal, 20) + " in " + caseSpan(k.Due.Sub(now))}
}

// caseCount says how many there are, and how many of them are late.
func caseCount(cases []*alerting.Case) string {
	var open, late int
	for _, c := range cases {
		if c.Status == alerting.StatusClosed {
			continue
		}
		open++
		if k := nextClock(c); k != nil && k.State == clockBreached {
			late++
		}
	}
	text := plural(uint64(len(cases)), "case") + ", " + strconv.Itoa(open) + " open"
	if late > 0 {
		text += ", " + strconv.Itoa(late) + " late"
	}
	return text
}
