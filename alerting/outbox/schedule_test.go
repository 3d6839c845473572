package outbox_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// profiles are what destinations can do: those of ticket systems, of one whose
// search is late, of one that reopens nothing, of those whose key makes a
// request harmless, and of a chat, which can do nothing.
var profiles = []outbox.Abilities{
	{Find: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true},
	{Find: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true, FindLag: 30 * time.Second},
	{Find: true, Comment: true, Close: true, Read: true},
	{Idempotent: true, Close: true, Reopen: true},
	{Find: true, Idempotent: true, Comment: true, Attach: true, Close: true, Reopen: true, Read: true},
	{Idempotent: true, Close: true, Reopen: true, Refresh: 10 * time.Minute},
	{Comment: true},
}

// disk is what outlives the process.
type disk interface {
	commit(j *alerting.Journal, tickets []*outbox.Ticket) error
	load(now time.Time) (*alerting.Memory, []*outbox.Ticket, int64)
}

// memoryDisk keeps what a store would.
type memoryDisk struct {
	memory  alerting.Memory
	cases   map[int]*alerting.Case
	tickets map[int64]*outbox.Ticket
	next    int64
}

func (d *memoryDisk) commit(j *alerting.Journal, tickets []*outbox.Ticket) error {
	for _, c := range j.Cases {
		d.cases[c.Number] = c
		d.memory.NextCase = max(d.memory.NextCase, c.Number+1)
	}
	for i := range j.Audit {
		d.memory.NextAudit = max(d.memory.NextAudit, j.Audit[i].Seq+1)
	}
	for _, t := range tickets {
		if old := d.tickets[t.ID]; old == nil || old.Version < t.Version {
			d.tickets[t.ID] = t
		}
		d.next = max(d.next, t.ID+1)
	}
	return nil
}

func (d *memoryDisk) load(time.Time) (*alerting.Memory, []*outbox.Ticket, int64) {
	m := d.memory
	for n := 1; n < m.NextCase; n++ {
		m.Cases = append(m.Cases, d.cases[n])
	}
	var list []*outbox.Ticket
	for id := int64(1); id < d.next; id++ {
		if t := d.tickets[id]; t != nil {
			list = append(list, t)
		}
	}
	return &m, list, d.next
}

// Whatever goes wrong, once the other side works again there is exactly one open
// ticket for each open case, none for the others, and everything was told. The
// process is killed anywhere; requests are lost, late, done twice or refused;
// answers get lost; the other side is down for a day or begins anew; people
// close and delete tickets there. EARSHOT_SCHEDULES says how many to play.
func TestSchedules(t *testing.T) {
	schedules := 1000
	if testing.Short() {
		schedules = 100
	}
	if more, err := strconv.Atoi(os.Getenv("EARSHOT_SCHEDULES")); err == nil {
		schedules = more
	}
	kills, requests := 0, uint64(0)
	for seed := range uint64(schedules) {
		w := play(seed, nil)
		kills += w.kills
		for _, s := range w.box.Stats(w.now) {
			requests += s.Requests["done"]
		}
		if wrong := w.check(); len(wrong) > 0 {
			var log []string
			play(seed, func(format string, args ...any) { log = append(log, fmt.Sprintf(format, args...)) })
			t.Fatalf("seed %d:\n%s\n\n%s", seed, strings.Join(wrong, "\n"), strings.Join(log, "\n"))
		}
	}
	t.Logf("%d schedules, %d kills, %d requests done by the last process of each", schedules, kills, requests)
}

func play(seed uint64, say func(string, ...any)) *world {
	w := newWorld(seed, &memoryDisk{cases: map[int]*alerting.Case{}, tickets: map[int64]*outbox.Ticket{}, memory: alerting.Memory{NextCase: 1, NextAudit: 1}, next: 1}, say)
	w.run(150)
	return w
}
