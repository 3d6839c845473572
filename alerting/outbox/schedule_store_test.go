package outbox_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
	"earshot/store"
)

// storeDisk is the real store. What a process leaves when it is killed is what
// was committed: it is opened again at each beginning.
type storeDisk struct {
	t     *testing.T
	dir   string
	cases *store.Cases
}

func (d *storeDisk) commit(j *alerting.Journal, tickets []*outbox.Ticket) error {
	return d.cases.Commit(j, tickets)
}

func (d *storeDisk) load(now time.Time) (*alerting.Memory, []*outbox.Ticket, int64) {
	if d.cases != nil {
		if err := d.cases.Close(); err != nil {
			d.t.Fatal(err)
		}
	}
	var err error
	if d.cases, err = store.OpenCases(d.dir, now); err != nil {
		d.t.Fatal(err)
	}
	m, err := d.cases.Load(now)
	if err != nil {
		d.t.Fatal(err)
	}
	tickets, next, err := d.cases.LoadTickets(now)
	if err != nil {
		d.t.Fatal(err)
	}
	return m, tickets, next
}

// The same in the store itself.
func TestSchedulesInStore(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes to the disk all the time")
	}
	for seed := range uint64(10) {
		d := &storeDisk{t: t, dir: t.TempDir()}
		w := newWorld(seed, d, nil)
		w.run(100)
		if wrong := w.check(); len(wrong) > 0 {
			t.Errorf("seed %d: %s", seed, strings.Join(wrong, "; "))
		}
		kept, err := d.cases.Tickets(t.Context(), &store.TicketQuery{})
		if err != nil {
			t.Fatal(err)
		}
		last := map[int64]*outbox.Ticket{}
		for _, one := range w.box.Tickets() {
			last[one.ID] = one
		}
		seen := map[string]int64{}
		for _, one := range kept {
			name := fmt.Sprint(one.Destination, " ", one.Key)
			if other := seen[name]; other != 0 {
				t.Errorf("seed %d: tickets %d and %d have one key", seed, other, one.ID)
			}
			seen[name] = one.ID
			if last[one.ID] == nil || last[one.ID].Key != one.Key {
				t.Errorf("seed %d: ticket %d is kept and not known", seed, one.ID)
			}
		}
		if err := d.cases.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
