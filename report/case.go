package report

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"earshot/alerting"
)

// Case shows one case in full, as of now: what a support engineer reads first,
// first. Without colours and width it can be pasted into a mail.
func Case(w io.Writer, s Style, c *alerting.Case, now time.Time) error {
	var b bytes.Buffer
	b.WriteString(s.paint(heading, fmt.Sprintf("Case %d  %s", c.Number, clean(c.Subject, maxText))) + "\n")
	for _, a := range c.Questions {
		section(&b, s, fmt.Sprintf("%d. %s", a.Number, a.Question))
		for _, line := range wrap(clean(a.Text, 20*maxText), s.Width-3) {
			b.WriteString("   " + line + "\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Cases shows a list of cases, as of now.
func Cases(w io.Writer, s Style, cases []*alerting.Case, now time.Time) error {
	var b bytes.Buffer
	g := grid{
		columns: []column{{title: "CASE", right: true}, {title: "SEVERITY"}, {title: "SUBJECT", least: 20}},
		rows:    len(cases),
		row: func(i int, cells []cell) {
			c := cases[i]
			cells[0] = cell{text: fmt.Sprint(c.Number)}
			cells[1] = cell{text: c.Severity.String()}
			cells[2] = cell{text: clean(c.Subject, maxText)}
		},
	}
	g.write(&b, s)
	_, err := w.Write(b.Bytes())
	return err
}
