package alerting

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// telling is one webhook of an Alertmanager: alerts of a group, "a" fires, "-a"
// has ended.
func (s *deskScene) telling(group, segment string, started time.Time, names ...string) ForeignTaken {
	s.Helper()
	got, err := s.desk.Foreign(s.now, strange(group, segment, started, s.now, names...), 0)
	if err != nil {
		s.Fatalf("%s: %v", group, err)
	}
	return got
}

func strange(group, segment string, started, now time.Time, names ...string) []ForeignAlert {
	var list []ForeignAlert
	for _, name := range names {
		a := ForeignAlert{Source: "alertmanager", Group: group, Starts: started, Severity: High, Segment: segment}
		if ended, ok := strings.CutPrefix(name, "-"); ok {
			name, a.Ends = ended, now
		}
		a.Fingerprint, a.Labels = name, map[string]string{"alertname": name}
		list = append(list, a)
	}
	return list
}

func TestForeignAlertsOpenAndCloseACase(t *testing.T) {
	s := newDeskScene(t)
	began := s.now
	if got := s.telling("g", "trunk-b", began, "a", "b"); got.New != 2 || !slices.Equal(got.Cases, []int{1}) {
		t.Errorf("got %+v, want two new alerts in case 1", got)
	}
	s.wantCases("1 open new high")
	c := s.desk.Case(1)
	if c.Owner != "Carrier B" || c.Tenant != "acme" || c.Subject != "a (and 1 more)" || c.Foreign.Firing != 2 {
		t.Errorf("owner %q, tenant %q, subject %q, %+v", c.Owner, c.Tenant, c.Subject, c.Foreign)
	}
	if got := s.telling("g", "trunk-b", began, "b", "a"); got.Known != 2 || got.New != 0 {
		t.Errorf("the other member tells the same: got %+v", got)
	}
	s.at("10:30").telling("g", "trunk-b", began, "-a", "b")
	s.wantCases("1 open new high")
	s.at("11:00").telling("g", "trunk-b", began, "-b", "-a")
	s.wantCases("1 closed resolved high")
	if c = s.desk.Case(1); !c.Restored.Equal(s.now) || c.Foreign.Firing != 0 || c.Foreign.Alerts != 2 {
		t.Errorf("restored %s, %+v", c.Restored, c.Foreign)
	}
	// The member that was slower still says that b fires.
	if got := s.telling("g", "trunk-b", began, "b"); got.Known != 1 {
		t.Errorf("an ended alert told late: got %+v", got)
	}
	s.wantCases("1 closed resolved high")
	// It fires again: another start.
	s.at("12:00").telling("g", "trunk-b", s.now, "b")
	s.wantCases("1 open new high")
	// Beyond the 30 days of reopening it is another case that refers to it.
	s.telling("g", "trunk-b", s.now, "-b")
	s.now = s.now.AddDate(0, 2, 0)
	s.telling("g", "trunk-b", s.now, "b")
	s.wantCases("1 closed resolved high", "2 open new high")
	if c := s.desk.Case(2); c.RefersTo != 1 {
		t.Errorf("case 2 refers to %d, want 1", c.RefersTo)
	}
}

func TestForeignClosedByAPerson(t *testing.T) {
	s := newDeskScene(t)
	began := s.now
	s.telling("g", "", began, "a")
	s.at("10:10").do(Command{Kind: CommandClose, Case: 1, Text: "known, no fault", SubStatus: SubCancelled})
	s.at("14:00").telling("g", "", began, "a") // repeated after four hours
	s.wantCases("1 closed cancelled high")
	s.at("14:05").telling("g", "", began, "a", "b") // b is new
	s.wantCases("1 open new high")
	s.at("14:10").telling("g", "", began, "-a", "-b")
	s.wantCases("1 closed resolved high")
}

func TestForeignStays(t *testing.T) {
	s := newDeskScene(t, func(c *DeskConfig) { c.ForeignStay = true })
	began := s.now
	s.telling("g", "", began, "a")
	s.at("10:10").telling("g", "", began, "-a")
	s.wantCases("1 open restored high")
}

func TestForeignUnknownEndOpensNothing(t *testing.T) {
	s := newDeskScene(t)
	if got := s.telling("g", "", s.now, "-a"); got.Known != 1 || len(got.Cases) != 0 {
		t.Errorf("got %+v", got)
	}
	s.wantCases()
}

// Of 100 groups within a minute 30 make cases of their own, which is the
// preset; the 70 others are summed up, and none is lost.
func TestForeignStorm(t *testing.T) {
	s := newDeskScene(t)
	began := s.now
	for i := range 100 {
		s.telling(fmt.Sprint("g", i), "", began, fmt.Sprint("a", i), fmt.Sprint("b", i))
	}
	cases := s.desk.Cases()
	if len(cases) != 31 {
		t.Fatalf("%d cases, want 31", len(cases))
	}
	storm, alerts := cases[30], 0
	for _, c := range cases {
		alerts += c.Foreign.Firing
	}
	if !storm.Foreign.Storm || storm.Foreign.Firing != 140 || alerts != 200 {
		t.Errorf("storm %+v, %d alerts in all; want 140 in the storm, 200 in all", storm.Foreign, alerts)
	}
	if n := len(storm.Updates); n > 3 {
		t.Errorf("%d entries in the storm's timeline of one minute", n)
	}
	s.at("10:10").telling("late", "", s.now, "late") // the storm is over: a case of its own
	if got := len(s.desk.Cases()); got != 32 {
		t.Errorf("%d cases, want 32", got)
	}
	for i := range 100 {
		s.telling(fmt.Sprint("g", i), "", began, fmt.Sprint("-a", i), fmt.Sprint("-b", i))
	}
	for _, c := range s.desk.Cases()[:31] {
		if c.Status != StatusClosed || c.Foreign.Firing != 0 {
			t.Errorf("case %d is %s, %+v", c.Number, c.Status, c.Foreign)
		}
	}
}

// An alert that comes in maintenance opens its
// case when it still fires after it.
func TestForeignInMaintenance(t *testing.T) {
	m := maintenanceOf(t, "- {name: works, segments: [sbc-a], from: 2026-03-10T11:00, to: 2026-03-10T12:00, zone: Europe/Berlin}\n")
	s := newDeskScene(t, func(c *DeskConfig) { c.Maintenance = m })
	s.at("11:30")
	began := s.now
	if got := s.telling("g", "sbc-a", began, "a", "b"); got.Waiting != 2 {
		t.Errorf("got %+v", got)
	}
	s.telling("g", "sbc-a", began, "-b")
	s.at("11:59").wantCases()
	s.at("12:01").wantCases("1 open new high")
	if c := s.desk.Case(1); c.Foreign.Alerts != 1 {
		t.Errorf("%+v, want the one that still fires", c.Foreign)
	}
}

// A desk that is killed between any two tellings goes on as one that lives.
func TestForeignDeskKilled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := DeskConfig{MaxForeignNew: 2}
		living, killed := NewDesk(cfg), NewDesk(cfg)
		keep, alerts := newKeeper(), map[foreignKey]string{}
		now := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
		began := now
		for range rapid.IntRange(1, 25).Draw(t, "tellings") {
			now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
			if rapid.Bool().Draw(t, "again") {
				began = now
			}
			group := fmt.Sprint(rapid.IntRange(0, 5).Draw(t, "group"))
			names := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "-a", "-b"}), 1, 3).Draw(t, "alerts")
			for i, name := range names {
				ended := strings.HasPrefix(name, "-")
				names[i] = strings.TrimPrefix(name, "-") + group
				if ended {
					names[i] = "-" + names[i]
				}
			}
			list := strange(group, "", began, now, names...)
			for _, d := range []*Desk{living, killed} {
				if _, err := d.Foreign(now, list, 0); err != nil {
					t.Fatal(err)
				}
			}
			j := killed.Take()
			keep.commit(t, &j)
			for _, a := range j.Foreign {
				body, _ := json.Marshal(a)
				alerts[a.key()] = string(body)
			}
			m := keep.load(t)
			for _, key := range slices.SortedFunc(maps.Keys(alerts), func(a, b foreignKey) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) }) {
				a := new(ForeignAlert)
				if err := json.Unmarshal([]byte(alerts[key]), a); err != nil {
					t.Fatal(err)
				}
				m.Foreign = append(m.Foreign, a)
			}
			next := cfg
			next.Memory = m
			killed = NewDesk(next)
			a, _ := json.Marshal(living.Cases())
			b, _ := json.Marshal(killed.Cases())
			if string(a) != string(b) {
				t.Fatalf("living %s\nkilled %s", a, b)
			}
		}
	})
}
