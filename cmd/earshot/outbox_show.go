package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"earshot/alerting/outbox"
	"earshot/store"
)

func (f *outboxFlags) list(ctx context.Context, book outboxBook, q *store.TicketQuery, std stdio) error {
	q.Open = !f.all && f.state == ""
	list, err := book.tickets(ctx, q)
	switch {
	case err != nil:
		return err
	case f.json:
		return jsonLines(std.out, list)
	case len(list) == 0 && q.Open:
		fmt.Fprintln(std.out, "There is no such ticket. Those that are closed come with --all.")
		return nil
	case len(list) == 0:
		fmt.Fprintln(std.out, "There is no such ticket.")
		return nil
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tDESTINATION\tCASE\tSTATE\tTHERE\tTRIES\tNEXT (UTC)\tERROR")
	for _, t := range list {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, printable(t.Destination), aboutCases(t), standing(t), printable(t.Remote.Name), tries(t), whenNext(t), printable(t.Error))
	}
	return w.Flush()
}

// aboutCases is the case that a ticket tells of, or how many it sums up.
func aboutCases(t *outbox.Ticket) string {
	if t.Case != 0 {
		return fmt.Sprint("#", t.Case)
	}
	return fmt.Sprintf("%d cases", len(t.Cases))
}

// standing is the state, and why nothing more is told.
func standing(t *outbox.Ticket) string {
	switch {
	case t.Dropped != "":
		return "dropped by " + printable(t.Dropped)
	case t.Folded != 0:
		return fmt.Sprintf("%s, in ticket %d", t.State, t.Folded)
	case t.Human != outbox.Untouched:
		return fmt.Sprintf("%s (%s there)", t.State, strings.ReplaceAll(string(t.Human), "_", " "))
	}
	return string(t.State)
}

func tries(t *outbox.Ticket) string {
	if t.Attempts == 0 {
		return ""
	}
	return fmt.Sprint(t.Attempts)
}

func whenNext(t *outbox.Ticket) string {
	if t.Next.IsZero() || t.State != outbox.Pending {
		return ""
	}
	return t.Next.UTC().Format("2006-01-02 15:04:05")
}

// show prints a ticket in full.
func (f *outboxFlags) show(t *outbox.Ticket, std stdio) error {
	if f.json {
		return jsonLines(std.out, []*outbox.Ticket{t})
	}
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Ticket %d\t%s: %s\n", t.ID, printable(t.Destination), standing(t))
	say := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, printable(text))
		}
	}
	say("About", aboutCases(t))
	if len(t.Cases) > 0 {
		say("Cases", strings.Trim(fmt.Sprint(t.Cases), "[]"))
	}
	say("There", strings.TrimSpace(t.Remote.Name+" "+t.Remote.URL))
	say("Key", t.Key)
	sayTime(w, "Made", t.Made)
	sayTime(w, "Changed", t.Modified)
	if t.Step != "" {
		say("Last request", string(t.Step)+doubtOf(t))
		sayTime(w, "Made at", t.Tried)
	}
	if t.Attempts > 0 {
		say("Failures in a row", fmt.Sprintf("%d, of %s", t.Attempts, t.Failing))
		say("Next try (UTC)", whenNext(t))
	}
	say("Error", t.Error)
	say("To be shown", standText(t.Wanted))
	say("Shown", standText(t.Shown))
	say("Files there", fmt.Sprint(len(t.Attached)))
	if len(t.Skipped) > 0 {
		say("Files not taken", fmt.Sprint(len(t.Skipped)))
	}
	return w.Flush()
}

// doubtOf says that nobody knows whether a request was done.
func doubtOf(t *outbox.Ticket) string {
	if t.Doubt {
		return ", in doubt: it is looked for, or made again"
	}
	return ""
}

func sayTime(w io.Writer, name string, t time.Time) {
	if !t.IsZero() {
		fmt.Fprintf(w, "%s\t%s UTC\n", name, t.UTC().Format("2006-01-02 15:04:05"))
	}
}

// standText says how a case stands: "open, high, restored, entry 7".
func standText(s outbox.Stand) string {
	if s == (outbox.Stand{}) {
		return "nothing"
	}
	words := []string{"closed"}
	if s.Open {
		words[0] = "open"
	}
	if s.Severity != 0 {
		words = append(words, s.Severity.String())
	}
	if s.Restored {
		words = append(words, "restored")
	}
	return strings.Join(append(words, fmt.Sprint("entry ", s.Update)), ", ")
}
