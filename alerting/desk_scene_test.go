package alerting

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// deskScene is a desk with what it is told: levels, as the watch tells them.
type deskScene struct {
	testing.TB
	desk   *Desk
	now    time.Time
	faults []*Fault
}

// testDirectory has a customer with an office in Berlin (Monday to Friday 09:00
// to 17:00) on the plan business-care, and another on care.
func testDirectory(t testing.TB) *Directory {
	office := calendarsOf(t, testCalendars)["office"]
	plans := BuiltinPlans()
	acme := &Tenant{Name: "acme", Service: "contact centre voice", Plan: plans[BusinessCare], Calendar: office, Contacts: []string{"noc@acme.example", "boss@acme.example"}}
	other := &Tenant{Name: "other-tenant", Environment: "development", Plan: plans[Care], Calendar: office, Contacts: []string{"it@other.example"}}
	return &Directory{
		Tenants: map[string]*Tenant{"acme": acme, "other-tenant": other}, Default: acme,
		Segments: map[string]*SegmentFacts{
			"trunk-b": {Name: "trunk-b", Owner: "Carrier B", Contact: "noc@carrier-b.example", Tenant: "acme"},
			"sbc-a":   {Name: "sbc-a", Owner: "Acme Voice", Tenant: "acme"},
			"lan":     {Name: "lan", Owner: "Other IT", Tenant: "other-tenant"},
			"wan":     {Name: "wan", Tenant: "acme", Plan: plans[LevelOne]},
		},
		Peers:    map[string]*PeerFacts{"relay-1": {Name: "relay-1", Owner: "Acme Voice", Contact: "relay@acme.example"}},
		Operator: "Probe Ltd", OperatorContact: "probes@probe.example",
	}
}

// newDeskScene begins on Tuesday, 10 March 2026, at 10:00 in Berlin.
func newDeskScene(t testing.TB, change ...func(*DeskConfig)) *deskScene {
	cfg := DeskConfig{Directory: testDirectory(t), Maintenance: maintenanceOf(t, testMaintenance)}
	for _, c := range change {
		c(&cfg)
	}
	return &deskScene{TB: t, desk: NewDesk(cfg), now: instantOf(t, "2026-03-10T10:00+01:00").UTC()}
}

// faulty is a fault of a segment that begins now, fires at once and goes on.
func (s *deskScene) faulty(id, segment string, severity Severity, signals ...Signal) *Fault {
	f := &Fault{
		ID: FaultID(id), Signals: signals, Severity: severity, Began: s.now, Fired: s.now, Seen: s.now,
		Verdict: Verdict{Segment: segment, Share: 1, Reason: "all loss is seen there"},
		Impact:  Impact{Calls: 12, CallsTotal: 100, Share: 0.12, Sites: []string{segment}},
		Spells:  []FaultSpell{{From: s.now}},
	}
	if segment != "" {
		f.Factors = []Factor{{FactorSegment, segment}}
	}
	for i, signal := range signals {
		f.Alerts = append(f.Alerts, Alert{Fingerprint: fingerprint([]Label{{"id", segment}, {"signal", string(signal)}}), Rule: string(signal) + "-rule", Signal: signal, Severity: severity, Started: s.now, Fired: s.now.Add(time.Duration(i) * time.Second)})
	}
	s.faults = append(s.faults, f)
	return f
}

// over ends a fault's spell now.
func (s *deskScene) over(f *Fault) {
	f.Over = s.now
	f.Spells[len(f.Spells)-1].To = s.now
	f.Proof = Proof{Since: f.Seen, Units: 40, Reason: "40 calls were good since"}
}

// again begins another spell of a fault.
func (s *deskScene) again(f *Fault) {
	f.Over, f.Seen, f.Proof = time.Time{}, s.now, Proof{}
	f.Spells = append(slices.Clip(f.Spells), FaultSpell{From: s.now})
}

// forget makes the watch tell of a fault no more.
func (s *deskScene) forget(f *Fault) {
	s.faults = slices.DeleteFunc(s.faults, func(g *Fault) bool { return g == f })
}

// tell says how it is now; faults that go on are seen now.
func (s *deskScene) tell() {
	list := make([]Fault, len(s.faults))
	for i, f := range s.faults {
		list[i] = *f
		list[i].Spells = slices.Clone(f.Spells)
	}
	s.desk.Faults(s.now, list)
	s.desk.Tick(s.now)
}

// see is tell, with the faults that go on impaired now.
func (s *deskScene) see() {
	for _, f := range s.faults {
		if f.Over.IsZero() {
			f.Seen = s.now
		}
	}
	s.tell()
}

// at goes to a time, "12:30" of the day or a whole one, and sees.
func (s *deskScene) at(clock string) *deskScene {
	s.Helper()
	if len(clock) == len("12:30") {
		clock = s.now.In(s.zone()).Format("2006-01-02T") + clock
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", clock, s.zone())
	if err != nil || at.Before(s.now) {
		s.Fatalf("no time to come: %q", clock)
	}
	s.now = at.UTC()
	s.see()
	return s
}

func (s *deskScene) zone() *time.Location { return s.desk.cfg.Directory.Default.Calendar.Zone() }

// do gives a command that has to be done.
func (s *deskScene) do(c Command) *Case {
	s.Helper()
	if c.Author == "" {
		c.Author = "anna"
	}
	got, err := s.desk.Do(s.now, c)
	if err != nil {
		s.Fatalf("%s: %v", c.Kind, err)
	}
	return got
}

// refuses gives a command that must not be done.
func (s *deskScene) refuses(c Command, reason Reason, want string) *CommandError {
	s.Helper()
	if c.Author == "" {
		c.Author = "anna"
	}
	before := wire(s, s.desk.Cases())
	_, err := s.desk.Do(s.now, c)
	e, ok := err.(*CommandError)
	if !ok {
		s.Errorf("%s: got %v, want an error of %q", c.Kind, err, want)
		return &CommandError{}
	}
	if e.Reason != reason || !strings.Contains(e.Text, want) {
		s.Errorf("%s: reason %d %q, want %d %q", c.Kind, e.Reason, e.Text, reason, want)
	}
	if after := wire(s, s.desk.Cases()); after != before {
		s.Errorf("%s was refused and changed something", c.Kind)
	}
	return e
}

func wire(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// timeline writes the updates of a case: "10 12:30 restored by earshot", with
// what they changed, in the zone of the office.
func (s *deskScene) timeline(c *Case) []string {
	var list []string
	for _, u := range c.Updates {
		line := fmt.Sprintf("%s %s", u.At.In(s.zone()).Format("02 15:04"), u.Kind)
		if u.Author != MonitorAuthor {
			line += " by " + u.Author
		}
		for _, f := range u.Fields {
			line += fmt.Sprintf(" %s:%s>%s", f.Field, f.From, f.To)
		}
		list = append(list, line)
	}
	return list
}

func (s *deskScene) wantTimeline(number int, want ...string) {
	s.Helper()
	if got := s.timeline(s.desk.Case(number)); !slices.Equal(got, want) {
		s.Errorf("case %d: got\n  %s\nwant\n  %s", number, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// wantCases says how all cases stand: "1 open new high", "2 closed resolved low".
func (s *deskScene) wantCases(want ...string) {
	s.Helper()
	var got []string
	for _, c := range s.desk.Cases() {
		got = append(got, fmt.Sprintf("%d %s %s %s", c.Number, c.Status, c.SubStatus, c.Severity))
	}
	if !slices.Equal(got, want) {
		s.Errorf("%s: cases %q, want %q", s.now.Format("02 15:04"), got, want)
	}
}

// clock reads one clock of a case: "met", and when it is due in the office's zone.
func (s *deskScene) clock(number int, g Goal) (state, due string) {
	c := s.desk.Read(s.desk.Case(number), s.now).Clocks[g]
	return c.State, c.Due.In(s.zone()).Format("02 15:04")
}

func (s *deskScene) wantClock(number int, g Goal, state, due string) {
	s.Helper()
	if a, b := s.clock(number, g); a != state || b != due {
		s.Errorf("%s of case %d at %s: %s, due %s; want %s, %s", g, number, s.now.In(s.zone()).Format("02 15:04"), a, b, state, due)
	}
}
