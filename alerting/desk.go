package alerting

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// DeskConfig is what a desk needs.
type DeskConfig struct {
	Directory   *Directory   // who answers for what; nil knows nobody
	Maintenance *Maintenance // planned windows; nil has none
	Memory      *Memory      // what an earlier desk left; nil: nothing

	Persists     time.Duration // for how long a fault goes on after its case was closed as resolved, before that opens again; 0: an hour
	FiguresEvery time.Duration // how often figures that merely move on make another version of a case; 0: a minute
	MaxOpen      int           // cases; 0: 1,000
	MaxClosed    int           // that are still known, the latest; 0: 5,000
	MaxUpdates   int           // of one case, before the monitor's older ones are summed up; 0: 500
	MaxChanges   int           // of the network; 0: 10,000

	MaxForeignNew int  // cases that other systems' alerts may open in a minute, before one sums up the rest; 0: 30
	ForeignStay   bool // such a case stays open when its alerts are over, until a person closes it
}

// Desk is where cases live: a state machine over faults, commands of people and
// the passing of time. One goroutine drives it. It is told levels, not edges:
// the same faults twice change nothing, and what was missed while nobody told
// it the time is made good by the next word.
//
// Everything it knows is in the cases, changes and counters that it gives out
// by Take: a desk that begins with them goes on as this one would.
type Desk struct {
	cfg        DeskConfig
	cases      map[int]*Case
	open       []int             // numbers, in order
	faults     map[FaultID]int   // the latest case of each fault
	due        map[int]time.Time // when the passing of time may change a case next; missing: it is not reckoned yet
	full       map[FaultID]bool  // faults that found no room, as of the last word
	changes    []*NetworkChange
	nextCase   int
	nextChange int64
	nextAudit  int64
	stats      DeskStats
	strange    strangers // what other systems tell

	touched map[int]*Case // cases that the next journal holds
	journal Journal       // changes and audit of the next one
}

// NewDesk returns a desk that goes on from its memory.
func NewDesk(cfg DeskConfig) *Desk {
	preset(&cfg.FiguresEvery, time.Minute)
	preset(&cfg.Persists, time.Hour)
	preset(&cfg.MaxOpen, 1000)
	preset(&cfg.MaxClosed, 5000)
	preset(&cfg.MaxUpdates, 500)
	preset(&cfg.MaxChanges, 10_000)
	preset(&cfg.MaxForeignNew, 30)
	d := &Desk{cfg: cfg, cases: map[int]*Case{}, faults: map[FaultID]int{}, due: map[int]time.Time{}, full: map[FaultID]bool{}, touched: map[int]*Case{}, nextCase: 1, nextChange: 1, nextAudit: 1}
	m := cfg.Memory
	if m == nil {
		m = new(Memory)
	}
	d.remember(m)
	return d
}

// preset fills in what was left at zero.
func preset[T int | time.Duration](value *T, preset T) {
	if *value == 0 {
		*value = preset
	}
}

// remember takes what an earlier desk left.
func (d *Desk) remember(m *Memory) {
	d.nextCase, d.nextChange, d.nextAudit = max(1, m.NextCase), max(1, m.NextChange), max(1, m.NextAudit)
	for _, c := range m.Cases {
		d.cases[c.Number] = c
		d.nextCase = max(d.nextCase, c.Number+1)
	}
	d.changes = slices.Clone(m.Changes)
	slices.SortFunc(d.changes, func(a, b *NetworkChange) int { return cmp.Compare(a.ID, b.ID) })
	for _, n := range d.changes {
		d.nextChange = max(d.nextChange, n.ID+1)
	}
	d.changes = lastOf(d.changes, d.cfg.MaxChanges)
	for _, n := range slices.Sorted(maps.Keys(d.cases)) {
		d.index(d.cases[n])
	}
	d.strange.remember(d.cases, m.Foreign)
	d.forget()
}

// index finds a case by its faults, and among the open ones.
func (d *Desk) index(c *Case) {
	for _, id := range c.Faults {
		d.faults[id] = max(d.faults[id], c.Number)
	}
	i, found := slices.BinarySearch(d.open, c.Number)
	switch {
	case c.Status == StatusOpen && !found:
		d.open = slices.Insert(d.open, i, c.Number)
	case c.Status != StatusOpen && found:
		d.open = slices.Delete(d.open, i, i+1)
	}
}

// forget drops what was closed longest ago, to hold the bound. The store still
// has it.
func (d *Desk) forget() {
	for len(d.cases)-len(d.open) > d.cfg.MaxClosed {
		var oldest *Case
		for _, c := range d.cases {
			if c.Status == StatusClosed && (oldest == nil || c.Closed.Before(oldest.Closed) || c.Closed.Equal(oldest.Closed) && c.Number < oldest.Number) {
				oldest = c
			}
		}
		delete(d.cases, oldest.Number)
		delete(d.due, oldest.Number)
		for _, id := range oldest.Faults {
			if d.faults[id] == oldest.Number {
				d.unknow(id)
			}
		}
	}
}

// unknow forgets which case is about a fault; an older one may be.
func (d *Desk) unknow(id FaultID) {
	delete(d.faults, id)
	for _, c := range d.cases {
		if slices.Contains(c.Faults, id) {
			d.faults[id] = max(d.faults[id], c.Number)
		}
	}
}

// room reports whether another case may be open, for a fault or, with none, for
// a command; a fault that finds no room counts once.
func (d *Desk) room(f *Fault) bool {
	if len(d.open) < d.cfg.MaxOpen {
		return true
	}
	if f == nil || !d.full[f.ID] {
		d.stats.Full++
	}
	if f != nil {
		d.full[f.ID] = true
	}
	return false
}

// Take returns what changed since it was asked last.
func (d *Desk) Take() Journal {
	j := d.journal
	for _, n := range slices.Sorted(maps.Keys(d.touched)) {
		j.Cases = append(j.Cases, d.touched[n])
	}
	d.journal = Journal{}
	clear(d.touched)
	return j
}

// Cases lists the cases that are known by their numbers: all open ones, and
// those closed lately.
func (d *Desk) Cases() []*Case {
	list := make([]*Case, 0, len(d.cases))
	for _, n := range slices.Sorted(maps.Keys(d.cases)) {
		list = append(list, d.cases[n])
	}
	return list
}

// Case returns a case, nil where none of that number is known.
func (d *Desk) Case(number int) *Case { return d.cases[number] }

// Changes lists the changes of the network that are known, in the order in
// which they were recorded.
func (d *Desk) Changes() []*NetworkChange { return slices.Clone(d.changes) }

// SetDirectory takes other parties, plans and calendars: the clocks of open
// cases go by them from the next word on. Cases keep their owners.
func (d *Desk) SetDirectory(dir *Directory) {
	d.cfg.Directory = dir
	clear(d.due)
}

// SetForeign takes other settings for other systems' alerts, see DeskConfig.
func (d *Desk) SetForeign(maxNew int, stay bool) {
	d.cfg.MaxForeignNew, d.cfg.ForeignStay = maxNew, stay
}

// SetMaintenance takes other windows.
func (d *Desk) SetMaintenance(m *Maintenance) {
	d.cfg.Maintenance = m
	clear(d.due)
}
