package outbox

import (
	"fmt"
	"testing"
	"time"

	"earshot/alerting"
)

// stormCase is one of many cases.
func stormCase(n int, s alerting.Severity) *alerting.Case {
	return &alerting.Case{
		Number: n, Tenant: "acme", Severity: s, Status: alerting.StatusOpen, Opened: moment0, Faults: []alerting.FaultID{alerting.FaultID(fmt.Sprint("f", n))},
		Updates: []alerting.Update{{Seq: 1, At: moment0, Author: alerting.MonitorAuthor, Kind: alerting.UpdateOpened}},
	}
}

// perform does all that is due, as a destination where nothing goes wrong.
func perform(b *Box, now time.Time, made map[string][]*Job) {
	for {
		jobs := b.Due(now)
		if len(jobs) == 0 {
			return
		}
		for _, j := range jobs {
			made[string(j.Step)] = append(made[string(j.Step)], j)
			b.Done(now, Outcome{Job: j, Remote: Remote{ID: fmt.Sprint(j.Ticket.ID)}})
		}
	}
}

// A thousand cases in a minute: ten have tickets of their own, as many critical
// ones more; all others are in one summary, which tells every one of them, is
// updated in place and closes with the last of them.
func TestStorm(t *testing.T) {
	able := Abilities{Idempotent: true, Close: true, Reopen: true}
	b := NewBox(Config{Destinations: []Terms{{Name: "pager", Abilities: able, PerMinute: 1000}}})
	made := map[string][]*Job{}
	var cases []*alerting.Case
	for i := range 1000 {
		s := alerting.Medium
		if i%20 == 19 {
			s = alerting.Critical
		}
		c := stormCase(i+1, s)
		cases = append(cases, c)
		now := moment0.Add(time.Duration(i) * 50 * time.Millisecond) // in 50 seconds
		b.Cases(now, []*alerting.Case{c})
		perform(b, now, made)
	}
	perform(b, moment0.Add(2*time.Minute), made)
	// 10 pass; of the 50 critical ones those that find fewer than 20 new tickets.
	if got := len(made["create"]); got != 20+1 {
		t.Errorf("%d tickets were made, want 20 and a summary", got)
	}
	told := map[int]bool{}
	var sum *Ticket
	for _, tk := range b.Tickets() {
		switch {
		case tk.State != Confirmed:
			t.Fatalf("ticket %d is %s", tk.ID, tk.State)
		case tk.Case == 0 && sum != nil:
			t.Fatal("there are two summaries")
		case tk.Case == 0:
			sum = tk
		case tk.Folded == 0:
			told[tk.Case] = true
		}
	}
	for _, n := range sum.Cases {
		told[n] = true
	}
	if len(told) != 1000 || len(sum.Cases) != 980 {
		t.Errorf("%d cases were told, %d of them in the summary", len(told), len(sum.Cases))
	}
	if n := len(made["update"]); n == 0 || n > 3 {
		t.Errorf("the summary was updated %d times, want once a minute", n)
	}
	if last := made["update"][len(made["update"])-1]; len(last.Cases) != mostSummed || last.Cases[0].Severity != alerting.Critical {
		t.Errorf("the summary shows %d cases, want the %d worst", len(last.Cases), mostSummed)
	}
	now := moment0.Add(time.Hour)
	for i, c := range cases {
		closed := *c
		closed.Status = alerting.StatusClosed
		closed.Updates = append(closed.Updates, alerting.Update{Seq: 2, Kind: alerting.UpdateClosed})
		b.Cases(now, []*alerting.Case{&closed})
		if want := i == 999; (b.entries[sum.ID].t.Wanted.Open == false) != want {
			t.Fatalf("after %d were closed the summary is to be open: %v", i+1, !want)
		}
	}
	perform(b, now.Add(10*time.Minute), made)
	if got := len(made["close"]); got != 21 {
		t.Errorf("%d tickets were closed, want 21", got)
	}
	for _, s := range b.Stats(now) {
		if s.Folded != 980 || s.Tickets[Closed] != 1001 {
			t.Errorf("%+v", s)
		}
	}
}

// A storm costs little: the desk tells of a second's cases at once.
func BenchmarkStorm(b *testing.B) {
	b.ReportAllocs()
	box := NewBox(Config{Destinations: []Terms{{Name: "pager", Abilities: Abilities{Idempotent: true, Close: true, Reopen: true}}}})
	second := make([]*alerting.Case, 0, 1000)
	for i := range b.N {
		second = append(second, stormCase(i+1, alerting.Medium))
		if len(second) < cap(second) && i+1 < b.N {
			continue
		}
		now := moment0.Add(time.Duration(i) * time.Millisecond)
		box.Cases(now, second)
		for _, j := range box.Due(now) {
			box.Done(now, Outcome{Job: j, Remote: Remote{ID: "1"}})
		}
		box.Take()
		second = second[:0]
	}
	if n := len(box.Tickets()); n < b.N {
		b.Fatalf("%d tickets of %d cases", n, b.N)
	}
}
