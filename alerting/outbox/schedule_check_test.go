package outbox_test

import (
	"fmt"
	"slices"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// check holds the end of a schedule to what must be true of it.
func (w *world) check() (wrong []string) {
	fail := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	tickets := map[int64]*outbox.Ticket{}
	byCase := map[string]*outbox.Ticket{}
	keys := map[string]bool{}
	for _, t := range w.box.Tickets() {
		tickets[t.ID] = t
		if t.Case != 0 {
			byCase[fmt.Sprint(t.Destination, t.Case)] = t
		}
		keys[t.Key] = true
		if t.State != outbox.Confirmed && t.State != outbox.Closed {
			fail("ticket %d is %s: %s, %q", t.ID, t.State, t.Step, t.Error)
		}
	}
	for _, m := range w.models {
		for _, c := range withFiles(w.desk.Cases()) {
			t := byCase[fmt.Sprint(m.name, c.Number)]
			switch {
			case t == nil && c.Status == alerting.StatusOpen:
				fail("%s: case %d has no ticket", m.name, c.Number)
			case t == nil: // it came and went before the box heard of it
			case t.Folded != 0:
				w.checkSum(m, c, tickets[t.Folded], byCase, fail)
			default:
				m.check(c, t, w.kills, fail)
			}
		}
		for _, key := range m.keys() {
			if !keys[key] && m.able.Close {
				fail("%s: %d tickets of key %s are open, which no case has", m.name, len(m.openOf(key)), key)
			}
		}
	}
	return wrong
}

// check looks at one ticket of a case.
func (m *model) check(c *alerting.Case, t *outbox.Ticket, kills int, fail func(string, ...any)) {
	open, want := m.openOf(t.Key), 0
	if c.Status == alerting.StatusOpen && t.Human == outbox.Untouched {
		want = 1
	}
	if !m.able.Close { // a chat: what was said stays, and more than once where an answer was lost
		if len(open) < want || len(open) > 1+m.doubts+kills {
			fail("%s: case %d was told %d times", m.name, c.Number, len(open))
		}
		return
	}
	if len(open) != want {
		fail("%s: case %d is %s, a person has %q: %d tickets are open; ticket %d, %q, of key %s", m.name, c.Number, c.Status, t.Human, len(open), t.ID, t.Remote.ID, t.Key)
		return
	}
	i := m.byID(t.Remote.ID)
	if m.keyed() {
		i = m.byKey(t.Key)
	}
	if t.Human != outbox.Untouched || i == nil && want == 0 {
		return
	}
	if i == nil || want == 1 && i != open[0] {
		fail("%s: ticket %d goes on with %q, which is not the open one", m.name, t.ID, t.Remote.ID)
		return
	}
	for _, u := range c.Updates {
		if !i.told[u.Seq] && u.Author != m.name && (want == 1 || u.Seq <= i.closed) {
			fail("%s: case %d: entry %d (%s) never arrived", m.name, c.Number, u.Seq, u.Text)
		}
	}
	if want == 1 && (i.severity != c.Severity || i.restored == c.Restored.IsZero()) {
		fail("%s: case %d is shown as %s, restored %v; it is %s, %v", m.name, c.Number, i.severity, i.restored, c.Severity, !c.Restored.IsZero())
	}
	for _, f := range c.Attachments {
		if m.able.Attach && want == 1 && i.files[f.SHA256] == 0 {
			fail("%s: case %d lacks %q", m.name, c.Number, f.Name)
		}
	}
}

// checkSum looks at a summary for one of its cases.
func (w *world) checkSum(m *model, c *alerting.Case, sum *outbox.Ticket, byCase map[string]*outbox.Ticket, fail func(string, ...any)) {
	if sum == nil {
		fail("%s: case %d is folded into nothing", m.name, c.Number)
		return
	}
	open, want := m.openOf(sum.Key), 0
	for _, n := range sum.Cases {
		if w.desk.Case(n).Status == alerting.StatusOpen && byCase[fmt.Sprint(m.name, n)].Folded == sum.ID && sum.Human == outbox.Untouched {
			want = 1
		}
	}
	switch {
	case !m.able.Close && len(open) < want, m.able.Close && len(open) != want:
		fail("%s: %d summaries are open, want %d", m.name, len(open), want)
	case want == 1 && c.Status == alerting.StatusOpen && !slices.Contains(open[len(open)-1].cases, c.Number) && m.able.Close:
		fail("%s: the summary lacks case %d", m.name, c.Number)
	}
}
