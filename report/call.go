package report

import (
	"cmp"
	"io"

	"earshot/dialog"
)

// Call shows one call in full: what is known of it, what was wrong, its SIP
// ladder, and each stream's figures with its timeline.
func Call(w io.Writer, c *dialog.CallRecord, s Style) {
	title := "Call " + clean(c.ID, 32) + "  " + cmp.Or(clean(c.From, 40), none) + " → " + cmp.Or(clean(c.To, 40), none)
	io.WriteString(w, s.paint(heading, title)+"\n")
	writeFacts(w, s, callFacts(c))
	if verdict := Verdict(c); verdict != "" {
		worst := severityOfCall(c)
		io.WriteString(w, "\n")
		for i, line := range wrap(verdict, s.Width-2) {
			mark := " "
			if i == 0 {
				mark = worst.mark()
			}
			io.WriteString(w, s.paint(worst.color(), mark+" "+line)+"\n")
		}
	}
	writeFindings(w, s, c)
	section(w, s, "Signalling")
	ladderOf(c).write(w, s)
	if len(c.Media) == 0 {
		section(w, s, "Media")
		io.WriteString(w, "  no RTP stream was bound to this call\n")
	}
	for _, m := range c.Media {
		section(w, s, streamTitle(m))
		writeFacts(w, s, streamFacts(m))
		if chart := chartOf(m, chartSlots(s)); chart != nil {
			chart.write(w, s)
		}
	}
	io.WriteString(w, "\n")
}

func section(w io.Writer, s Style, title string) {
	io.WriteString(w, "\n"+s.paint(heading, title)+"\n")
}

// writeFacts writes lines of a name and a text that may run over several.
func writeFacts(w io.Writer, s Style, list []fact) {
	for _, f := range list {
		name := f.Name
		for _, line := range wrap(f.Text, s.Width-12) {
			io.WriteString(w, s.paint(faint, pad(name, 10, false))+"  "+line+"\n")
			name = ""
		}
	}
}

func writeFindings(w io.Writer, s Style, c *dialog.CallRecord) {
	if len(c.Findings) == 0 {
		return
	}
	section(w, s, "Findings")
	for _, f := range byUrgency(c) {
		grade := severityOf(f.Code)
		text := clean(f.Code, 40) + ": " + clean(f.Text, 2*maxText)
		if m := streamOf(c, f.Stream); m != nil && arrowOf(m) != "" {
			text = arrowOf(m) + " " + text
		}
		for i, line := range wrap(text, s.Width-4) {
			mark := " "
			if i == 0 {
				mark = grade.mark()
			}
			io.WriteString(w, s.paint(grade.color(), mark)+" "+line+"\n")
		}
		if f.Evidence == "" {
			continue
		}
		for _, line := range wrap(clean(f.Evidence, 2*maxText), s.Width-4) {
			io.WriteString(w, "    "+s.paint(faint, line)+"\n")
		}
	}
}
