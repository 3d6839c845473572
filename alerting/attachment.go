package alerting

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	maxAttachments = 100 // of a case
	maxFileName    = 120 // octets
)

// SafeName reports whether a file of this name may belong to a case: letters,
// digits and a few signs of ASCII, so that it is one and the same in every
// folder, URL and archive.
func SafeName(name string) bool {
	if name == "" || len(name) > maxFileName || name[0] == '.' || name[0] == '-' {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_+", r)
	})
}

// Attach attaches files that the monitor made itself, which are kept already.
// Those that the case has are passed over; the error is a *CommandError.
func (d *Desk) Attach(now time.Time, number int, files []Attachment) (*Case, error) {
	old := d.cases[number]
	if old == nil {
		return nil, notFound("there is no case %d among the open ones and those closed lately", number)
	}
	e := d.edit(now, old)
	files = slices.Clone(files)
	for i := range files {
		files[i].Sanitised = true
	}
	added, err := e.attach(files)
	if err != nil || len(added) == 0 {
		return e.c, err
	}
	e.monitor(UpdateAttached, attachedText(added))
	d.put(e)
	return e.c, nil
}

// doAttach attaches files that somebody has brought.
func (d *Desk) doAttach(e *edit, c *Command) error {
	if e.c.Status == StatusClosed {
		return refused("case %d is closed since %s: %s", e.c.Number, sayAt(e.c.Closed), d.reopenAdvice(e.c))
	}
	added, err := e.attach(c.Files)
	if err != nil || len(added) == 0 {
		return err
	}
	var fields []FieldChange
	if e.c.answers(c) {
		e.answer(&fields)
	}
	e.live()
	text := attachedText(added)
	if note := strings.TrimSpace(c.Text); note != "" {
		text = note + "\n\n" + text
	}
	e.update(c.Signed(), UpdateAttached, text, fields...)
	return nil
}

// attach adds the files that the case does not have, and returns them.
func (e *edit) attach(files []Attachment) (added []Attachment, err error) {
	list := slices.Clone(e.c.Attachments)
	for _, f := range files {
		if slices.ContainsFunc(list, func(a Attachment) bool { return a.SHA256 == f.SHA256 && a.Bytes == f.Bytes }) {
			continue
		}
		if slices.ContainsFunc(list, func(a Attachment) bool { return a.Name == f.Name }) {
			return nil, &CommandError{Reason: Conflict, Field: "files", Text: fmt.Sprintf("case %d has another file %q: give this one another name", e.c.Number, f.Name)}
		}
		if len(list) >= maxAttachments {
			return nil, refused("case %d has %d attachments, as many as it may have", e.c.Number, len(list))
		}
		f.Added = e.at
		list, added = append(list, f), append(added, f)
	}
	e.c.Attachments = list
	return added, nil
}

// attachedText tells what was attached.
func attachedText(files []Attachment) string {
	var names []string
	for _, f := range files {
		names = append(names, fmt.Sprintf("%s (%d octets)", f.Name, f.Bytes))
	}
	return "Attached: " + strings.Join(names, ", ") + "."
}

// checkFiles looks at what a command says of files.
func (c *Command) checkFiles() error {
	for _, f := range c.Files {
		switch {
		case !SafeName(f.Name):
			return invalid("files", "%.80q is no name for a file: up to %d letters, digits and . - _ +, the first one no sign", f.Name, maxFileName)
		case f.Bytes < 0 || len(f.SHA256) != 64 || strings.Trim(f.SHA256, "0123456789abcdef") != "":
			return invalid("files", "%q needs its size, and its SHA-256 as 64 hex digits", f.Name)
		}
	}
	return nil
}
