package report

import (
	"bytes"
	"io"
	"strings"
)

// markdown writes the sheet as GitHub-flavoured Markdown. Tables are the only
// part of it that goes beyond CommonMark.
func (s *sheet) markdown(w io.Writer) error {
	b := &bytes.Buffer{}
	b.WriteString("# " + escapeMarkdown(s.Title) + "\n\n" + escapeMarkdown(s.Subtitle) + "\n")
	if s.Notice != "" {
		b.WriteString("\n> **" + escapeMarkdown(s.Notice) + "**\n")
	}
	if len(s.Tiles) > 0 {
		b.WriteString("\n")
		for _, t := range s.Tiles {
			b.WriteString("- **" + escapeMarkdown(t.Name) + "**: " + escapeMarkdown(t.Value) + noteOf(t.Note) + "\n")
		}
	}
	for _, part := range s.Sections {
		b.WriteString("\n## " + escapeMarkdown(part.Title) + "\n")
		for i := range part.Blocks {
			b.WriteString("\n")
			part.Blocks[i].markdown(b)
		}
	}
	if s.Foot != "" {
		b.WriteString("\n---\n\n" + escapeMarkdown(s.Foot) + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

func noteOf(note string) string {
	if note == "" {
		return ""
	}
	return " (" + escapeMarkdown(note) + ")"
}

func (k *block) markdown(b *bytes.Buffer) {
	switch {
	case k.Gap != "":
		b.WriteString("> **[" + escapeMarkdown(k.Gap) + "]**\n")
	case len(k.Facts) > 0:
		for _, f := range k.Facts {
			b.WriteString("- **" + escapeMarkdown(f.Name) + "**: " + escapeMarkdown(f.Text) + "\n")
		}
	case k.Table != nil:
		k.Table.markdown(b)
	case k.Chart != nil:
		b.WriteString("*" + escapeMarkdown(k.Chart.Text) + "*\n")
	default:
		if k.Head != "" {
			b.WriteString("### " + escapeMarkdown(k.Head) + "\n\n")
		}
		for i, line := range k.Lines {
			if i > 0 {
				b.WriteString("\\\n") // a break of the line, not of the paragraph
			}
			b.WriteString(escapeMarkdown(line))
		}
		b.WriteString("\n")
	}
}

func (t *sheetTable) markdown(b *bytes.Buffer) {
	if t.Caption != "" {
		b.WriteString(escapeMarkdown(t.Caption) + "\n\n")
	}
	row := func(cells []string) {
		b.WriteString("|")
		for _, c := range cells {
			b.WriteString(" " + escapeMarkdown(c) + " |")
		}
		b.WriteString("\n")
	}
	row(t.Columns)
	b.WriteString("|")
	for i := range t.Columns {
		if t.Numbers[i] {
			b.WriteString("---:|")
			continue
		}
		b.WriteString("---|")
	}
	b.WriteString("\n")
	for _, cells := range t.Rows {
		row(cells)
	}
}

// escapeMarkdown makes a text on one line mean itself: what begins markup
// anywhere, or a list, a heading or a rule at the start of a line, is escaped.
func escapeMarkdown(text string) string {
	text = strings.TrimSpace(text)
	var b strings.Builder
	for i, r := range text {
		switch {
		case strings.ContainsRune("\\`*_[]<>&|~#!$", r), i == 0 && strings.ContainsRune("-+=:", r), (r == '.' || r == ')') && numbers(text[:i]) && ends(text[i+1:]):
			b.WriteByte('\\')
		case r == ':' && strings.HasPrefix(text[i:], "://"):
			b.WriteByte('\\') // no link that nobody made
		}
		b.WriteRune(r)
	}
	return b.String()
}

// ends reports whether a mark of a list is followed by what makes it one.
func ends(rest string) bool { return rest == "" || rest[0] == ' ' }

// numbers reports digits and nothing else: with a point they begin a list.
func numbers(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
