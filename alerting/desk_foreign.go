package alerting

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// strangers is what a desk knows of other systems' alerts.
type strangers struct {
	alerts  map[foreignKey]*ForeignAlert // that fire, and those that ended lately
	groups  map[string]int               // by source and group: the case that took its alerts last
	storms  map[string]int               // by source: the case that sums up, while it is open
	firing  map[int]int                  // by case: how many of its alerts fire
	waiting map[foreignKey]bool          // for the end of maintenance
	opened  []time.Time                  // of cases, within the last minute
}

func groupName(source, group string) string { return source + "\x00" + group }

// Bounds of what is known of other systems' alerts.
const (
	foreignMemory = 24 * time.Hour // for how long an ended alert is known: another member may still tell of it
	maxStrangers  = 200_000
	stormMinute   = time.Minute
)

// Foreign takes what another system tells of its alerts: all of it or, with an
// error, nothing. What was told before changes nothing, whoever tells it. The
// first alert of a group opens a case; when the last one has ended the case is
// closed, unless DeskConfig.ForeignStay. A person who closes it earlier is
// respected until an alert comes that he did not know.
//
// Ours is how many of Earshot's own alerts came with them, which only count.
func (d *Desk) Foreign(now time.Time, alerts []ForeignAlert, ours int) (ForeignTaken, error) {
	now = plain(now)
	taken := ForeignTaken{Ours: ours}
	if err := d.roomForStrangers(now, alerts); err != nil {
		return taken, err
	}
	fresh := map[string][]*ForeignAlert{} // by group
	ended := map[int]time.Time{}          // by case: when the last of them did
	for i := range alerts {
		a := alerts[i]
		switch old := d.strange.alerts[a.key()]; {
		case old == nil && a.Ends.IsZero():
			name := groupName(a.Source, a.Group)
			if !slices.ContainsFunc(fresh[name], func(b *ForeignAlert) bool { return b.key() == a.key() }) {
				fresh[name] = append(fresh[name], &a)
				continue
			}
			taken.Known++
		case old == nil || !old.Ends.IsZero() || a.Ends.IsZero():
			taken.Known++ // an end whose beginning nobody told opens nothing
		default:
			over := *old
			over.Ends = a.Ends
			d.keepForeign(&over)
			taken.Ended++
			if over.Case != 0 {
				ended[over.Case] = latest(ended[over.Case], over.Ends)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fresh)) {
		d.welcome(now, name, fresh[name], &taken)
	}
	for _, n := range slices.Sorted(maps.Keys(ended)) {
		taken.Cases = append(taken.Cases, n)
		d.foreignEnded(now, n, ended[n])
	}
	slices.Sort(taken.Cases)
	taken.Cases = slices.Compact(taken.Cases)
	d.stats.ForeignKnown += uint64(taken.Known)
	d.stats.ForeignEnded += uint64(taken.Ended)
	d.stats.ForeignOurs += uint64(ours)
	return taken, nil
}

// roomForStrangers forgets what ended long ago, and refuses what there is no
// room for before anything of it is taken.
func (d *Desk) roomForStrangers(now time.Time, alerts []ForeignAlert) error {
	if len(d.strange.alerts)+len(alerts) > maxStrangers {
		d.forgetForeign(now)
	}
	if len(d.strange.alerts)+len(alerts) > maxStrangers {
		return refused("%d alerts of other systems fire, as many as can be kept", len(d.strange.alerts))
	}
	// One case may always be needed: that which sums up.
	if len(d.open) >= d.cfg.MaxOpen {
		d.stats.Full++
		return refused("%d cases are open, as many as can be kept: close some; it is tried again", len(d.open))
	}
	return nil
}

// forgetForeign forgets alerts that ended long ago.
func (d *Desk) forgetForeign(now time.Time) {
	maps.DeleteFunc(d.strange.alerts, func(_ foreignKey, a *ForeignAlert) bool {
		return !a.Ends.IsZero() && a.Ends.Before(now.Add(-foreignMemory))
	})
}

// keepForeign makes an alert the one that is known and kept.
func (d *Desk) keepForeign(a *ForeignAlert) {
	d.strange.know(a)
	d.journal.Foreign = append(d.journal.Foreign, a)
}

// know counts an alert where it fires, in the place of what was known of it.
func (s *strangers) know(a *ForeignAlert) {
	if old := s.alerts[a.key()]; old != nil {
		s.count(old, -1)
	}
	s.alerts[a.key()] = a
	s.count(a, 1)
}

func (s *strangers) count(a *ForeignAlert, n int) {
	if !a.Ends.IsZero() {
		return
	}
	if a.Case == 0 {
		s.waiting[a.key()] = true
		if n < 0 {
			delete(s.waiting, a.key())
		}
		return
	}
	if s.firing[a.Case] += n; s.firing[a.Case] == 0 {
		delete(s.firing, a.Case)
	}
}

// remember takes what an earlier desk left.
func (s *strangers) remember(cases map[int]*Case, alerts []*ForeignAlert) {
	*s = strangers{alerts: map[foreignKey]*ForeignAlert{}, groups: map[string]int{}, storms: map[string]int{}, firing: map[int]int{}, waiting: map[foreignKey]bool{}}
	for n, c := range cases {
		switch f := c.Foreign; {
		case f == nil:
		case !f.Storm:
			s.groups[groupName(f.Source, f.Group)] = max(n, s.groups[groupName(f.Source, f.Group)])
			s.opened = append(s.opened, c.Opened)
		case c.Status == StatusOpen:
			s.storms[f.Source] = max(n, s.storms[f.Source])
		}
	}
	for _, a := range alerts {
		s.know(a)
		s.groups[groupName(a.Source, a.Group)] = max(a.Case, s.groups[groupName(a.Source, a.Group)])
	}
}

// welcome takes new alerts of one group into the case that they belong to.
func (d *Desk) welcome(now time.Time, name string, list []*ForeignAlert, taken *ForeignTaken) {
	p := d.foreignParty(list)
	where := Where{p.tenant.Name, d.foreignSegment(list)}
	if _, on := d.cfg.Maintenance.Current(now, where); on {
		for _, a := range list {
			d.keepForeign(a)
			taken.Waiting++
		}
		return
	}
	n := d.foreignCase(now, name, list)
	for _, a := range list {
		a.Case = n
		d.keepForeign(a)
		taken.New++
	}
	d.stats.ForeignNew += uint64(len(list))
	taken.Cases = append(taken.Cases, n)
}

// foreignCase finds, opens again or opens the case of new alerts of a group, and
// tells it of them.
func (d *Desk) foreignCase(now time.Time, name string, list []*ForeignAlert) int {
	source := list[0].Source
	c := d.cases[d.strange.groups[name]]
	old := 0
	if c != nil && c.Status == StatusClosed {
		p := d.cfg.Directory.of(c)
		switch {
		case c.Foreign.Storm:
			c = nil // what was summed up once stands for itself
		case !p.plan.MayReopen(p.calendar, c.Closed, now):
			c, old = nil, c.Number
		}
	}
	if c == nil && d.stormy(now) {
		name = groupName(source, "")
		if c = d.cases[d.strange.storms[source]]; c != nil && c.Status == StatusClosed {
			c = nil
		}
	}
	switch {
	case c == nil:
		c = d.openForeign(now, name, list, old)
	case c.Status == StatusClosed:
		e := d.edit(now, c)
		e.reopen(MonitorAuthor, foreignAgain(list))
		e.c.Restored = time.Time{}
		e.event(ServiceImpaired, 0)
		d.addForeign(e, list)
		d.put(e)
		c = e.c
	default:
		e := d.edit(now, c)
		d.addForeign(e, list)
		d.put(e)
		c = e.c
	}
	d.strange.groups[groupName(source, list[0].Group)] = c.Number
	return c.Number
}

// stormy reports whether as many cases were opened within the last minute as
// other systems may open.
func (d *Desk) stormy(now time.Time) bool {
	s := &d.strange
	s.opened = slices.DeleteFunc(s.opened, func(t time.Time) bool { return !t.After(now.Add(-stormMinute)) })
	return len(s.opened) >= d.cfg.MaxForeignNew || len(d.open)+1 >= d.cfg.MaxOpen
}

// foreignParty is who answers for the place that alerts name.
func (d *Desk) foreignParty(list []*ForeignAlert) party {
	tenant := ""
	for _, a := range list {
		if names := d.cfg.Directory.tenantNames(); slices.Contains(names, a.Tenant) {
			tenant = a.Tenant
			break
		}
	}
	return d.cfg.Directory.at(tenant, d.foreignSegment(list))
}

// foreignSegment is the first segment that alerts name and that there is.
func (d *Desk) foreignSegment(list []*ForeignAlert) string {
	for _, a := range list {
		if d.cfg.Directory.facts(a.Segment) != nil {
			return a.Segment
		}
	}
	return ""
}

// awake lets those alerts of other systems in that still fire when the
// maintenance that they came in is over.
func (d *Desk) awake(now time.Time) {
	if len(d.strange.waiting) == 0 || len(d.open) >= d.cfg.MaxOpen {
		return
	}
	groups := map[string][]*ForeignAlert{}
	for key := range d.strange.waiting {
		a := *d.strange.alerts[key]
		groups[groupName(a.Source, a.Group)] = append(groups[groupName(a.Source, a.Group)], &a)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		list := groups[name]
		slices.SortFunc(list, func(a, b *ForeignAlert) int {
			return cmp.Or(a.Starts.Compare(b.Starts), cmp.Compare(a.Fingerprint, b.Fingerprint))
		})
		p := d.foreignParty(list)
		if _, on := d.cfg.Maintenance.Current(now, Where{p.tenant.Name, d.foreignSegment(list)}); on || len(d.open) >= d.cfg.MaxOpen {
			continue
		}
		d.welcome(now, name, list, new(ForeignTaken))
	}
}
