package report

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
)

// Case shows one case in full, as of now: what it is and how it stands, its
// clocks, the eight questions, related cases and its timeline. Without colours
// and width it can be pasted into a mail. The case is one that was read as of
// now, so that it has its clocks.
func Case(w io.Writer, s Style, c *alerting.Case, now time.Time) error {
	b := &bytes.Buffer{}
	title := fmt.Sprintf("Case %d: %s", c.Number, clean(c.Subject, 2*maxText))
	for i, line := range fold(title, caseColumns(s)-6) {
		if i > 0 {
			line = strings.Repeat(" ", len("Case ")) + line
		}
		b.WriteString(s.paint(heading, line) + "\n")
	}
	writeCaseFacts(b, s, caseFacts(c, now))
	writeCaseClocks(b, s, c, now)
	writeCaseTexts(b, s, c)
	writeRelated(b, s, c)
	writeAttachments(b, s, c)
	writeUpdates(b, s, c)
	_, err := w.Write(b.Bytes())
	return err
}

// writeCaseFacts is writeFacts at the width of a case, with severities painted.
func writeCaseFacts(b *bytes.Buffer, s Style, list []caseFact) {
	for _, f := range list {
		name := f.name
		for _, line := range fold(f.text, caseColumns(s)-12) {
			b.WriteString(s.paint(faint, pad(name, 10, false)) + "  " + s.paint(f.color, line) + "\n")
			name = ""
		}
	}
}

// writeCaseTexts writes what is said of the case: the description where the
// first answer does not begin with it, the impact and the answers.
func writeCaseTexts(b *bytes.Buffer, s Style, c *alerting.Case) {
	if c.Description != "" && (len(c.Questions) == 0 || !strings.HasPrefix(c.Questions[0].Text, c.Description)) {
		section(b, s, "Description")
		writeProse(b, s, noColor, c.Description)
	}
	if c.Business != "" {
		section(b, s, "Business impact")
		writeProse(b, s, noColor, c.Business)
	}
	for _, a := range c.Questions {
		section(b, s, strconv.Itoa(a.Number)+". "+clean(a.Question, maxText))
		if a.Known {
			writeProse(b, s, noColor, a.Text)
			continue
		}
		writeProse(b, s, faint, a.Text)
	}
}

func writeRelated(b *bytes.Buffer, s Style, c *alerting.Case) {
	if len(c.Related) == 0 {
		return
	}
	section(b, s, "Related cases")
	for _, r := range c.Related {
		writeProse(b, s, noColor, fmt.Sprintf("- case %d: %s", r.Number, r.Why))
	}
}

func writeAttachments(b *bytes.Buffer, s Style, c *alerting.Case) {
	if len(c.Attachments) == 0 {
		return
	}
	section(b, s, "Attachments")
	for _, a := range c.Attachments {
		writeProse(b, s, noColor, fmt.Sprintf("- %s (%s), added %s, SHA-256 %s", a.Name, octets(uint64(a.Bytes)), caseTime(a.Added), a.SHA256))
	}
}

// writeUpdates writes the timeline, the oldest entry first.
func writeUpdates(b *bytes.Buffer, s Style, c *alerting.Case) {
	if len(c.Updates) == 0 {
		return
	}
	section(b, s, "Timeline (UTC)")
	for _, u := range c.Updates {
		head := u.At.UTC().Format("2006-01-02 15:04:05") + "  " + clean(u.Author, 40) + ": " + wordOfUpdate(u.Kind)
		b.WriteString("  " + s.paint(updateColor(u.Kind), head) + "\n")
		text := u.Text
		for _, f := range u.Fields {
			text += fmt.Sprintf("\n%s: %s → %s", strings.ReplaceAll(f.Field, "_", " "), orNone(f.From), orNone(f.To))
		}
		writeIndented(b, s, noColor, text, "    ")
	}
}

func orNone(text string) string {
	if text == "" {
		return none
	}
	return text
}

// wordOfUpdate is a kind of update for people.
func wordOfUpdate(k alerting.UpdateKind) string {
	return strings.ReplaceAll(clean(string(k), 40), "_", " ")
}

func updateColor(k alerting.UpdateKind) color {
	switch k {
	case alerting.UpdateBreached, alerting.UpdateImpaired:
		return bad
	case alerting.UpdateWarned, alerting.UpdateReminded, alerting.UpdateMayEscalate, alerting.UpdateEscalated:
		return fair
	case alerting.UpdateRestored:
		return good
	}
	return noColor
}
