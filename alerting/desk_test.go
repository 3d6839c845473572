package alerting

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDeskOpensACase(t *testing.T) {
	s := newDeskScene(t)
	s.faulty("f1", "trunk-b", High, SignalLoss, SignalMOS)
	s.at("10:01")
	s.wantCases("1 open new high")
	c := s.desk.Case(1)
	if c.Tenant != "acme" || c.Service != "contact centre voice" || c.Environment != "production" || c.Owner != "Carrier B" || c.Contact != "noc@carrier-b.example" {
		t.Errorf("tenant %q, service %q, environment %q, owner %q, contact %q", c.Tenant, c.Service, c.Environment, c.Owner, c.Contact)
	}
	if c.Type != TypeSupport || c.SubType != SubTypeProblem || c.Segment != "trunk-b" || c.Impact.Calls != 12 || c.Down || c.Probe || c.Maintenance != "" {
		t.Errorf("got %+v", c)
	}
	if c.Subject == "" || c.Description == "" || c.Business == "" || len(c.Questions) != 8 || len(c.Alerts) != 2 || len(c.Faults) != 1 {
		t.Errorf("texts or evidence are missing: %+v", c)
	}
	if !c.FirstSeen.Equal(instantOf(t, "2026-03-10T10:00+01:00")) || !c.Opened.Equal(s.now) || !c.Modified.Equal(s.now) || c.Opened.Location() != time.UTC {
		t.Errorf("first seen %s, opened %s, modified %s", c.FirstSeen, c.Opened, c.Modified)
	}
	j := s.desk.Take()
	if len(j.Cases) != 1 || j.Cases[0] != c || len(j.Audit) != 1 || j.Audit[0].What != "case.opened" || j.Audit[0].Who != MonitorAuthor || j.Audit[0].Case != 1 || j.Audit[0].Seq != 1 {
		t.Errorf("journal: %s", wire(t, j))
	}

	// The same again changes nothing.
	s.tell()
	s.tell()
	if j := s.desk.Take(); !j.Empty() {
		t.Errorf("told the same again: %s", wire(t, j))
	}
}

func TestDeskWhoAnswers(t *testing.T) {
	s := newDeskScene(t)
	s.faulty("f1", "", High, SignalLoss).Impact.Sites = []string{"lan"}
	s.faulty("f2", "", Medium, SignalJitter).Impact.Sites = []string{"lan", "trunk-b"}
	s.faulty("f3", "wan", Low, SignalPDD)
	s.faulty("f4", "other", Low, SignalDSCP)
	s.faulty("f5", "", Medium, SignalProbe).Probe = true
	many := s.faulty("f6", "", Low, SignalLate)
	s.faulty("f7", "", Low, SignalOneWay).Verdict.Peer = "relay-1"
	many.Verdict.Segments, many.Verdict.Owner = []string{"trunk-b", "sbc-a"}, "Carrier B"
	s.tell()
	got := map[FaultID]string{}
	for _, c := range s.desk.Cases() {
		got[c.Faults[0]] = c.Tenant + " | " + c.Environment + " | " + c.Owner + " | " + c.Contact
	}
	want := map[FaultID]string{
		"f1": "other-tenant | development |  | it@other.example", // the only one who suffers
		"f2": "acme | production |  | noc@acme.example",          // several suffer: the default
		"f3": "acme | production |  | noc@acme.example",          // no owner is named
		"f4": "acme | production |  | noc@acme.example",
		"f5": "acme | production | Probe Ltd | probes@probe.example",
		"f6": "acme | production | Carrier B | noc@carrier-b.example",
		"f7": "acme | production | Acme Voice | relay@acme.example",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for _, test := range []struct{ id, text string }{
		{"f1", "undetermined, so it has no owner yet; it goes to it@other.example"},
		{"f3", "wan, which has no owner in the configuration; it goes to noc@acme.example"},
		{"f5", "about the probe itself, which Probe Ltd operates"},
		{"f6", "several places, for which Carrier B answers"},
		{"f7", "at relay-1, which Acme Voice runs"},
	} {
		if c := s.desk.Case(s.desk.faults[FaultID(test.id)]); !strings.Contains(c.Updates[0].Text, test.text) {
			t.Errorf("%s: %q, want %q", test.id, c.Updates[0].Text, test.text)
		}
	}
	// A desk that knows nobody works, and nobody owns its cases.
	s = newDeskScene(t, func(c *DeskConfig) { c.Directory, c.Maintenance = nil, nil })
	s.faulty("f1", "trunk-b", High, SignalLoss)
	s.tell()
	if c := s.desk.Case(1); c.Tenant != "" || c.Owner != "" || c.Service != "voice" {
		t.Errorf("tenant %q, owner %q, service %q", c.Tenant, c.Owner, c.Service)
	}
}

// Flapping is one case with a history.
func TestDeskFlapping(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Medium, SignalLoss)
	s.at("10:01").at("10:10")
	s.over(f)
	s.at("10:10")
	s.wantCases("1 open restored medium")
	if c := s.desk.Case(1); !c.Restored.Equal(f.Over) {
		t.Errorf("restored %s, want %s", c.Restored, f.Over)
	}
	s.at("10:30")
	s.again(f)
	s.at("10:30")
	s.wantCases("1 open new medium")
	if c := s.desk.Case(1); !c.Restored.IsZero() {
		t.Errorf("restored %s, want not", c.Restored)
	}
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "looking at it"})
	s.at("10:40")
	s.over(f)
	s.at("10:40").at("10:50")
	s.again(f)
	s.at("10:50")
	s.wantCases("1 open investigation medium")
	s.wantTimeline(1,
		"10 10:01 opened",
		"10 10:10 restored sub_status:new>restored",
		"10 10:30 impaired sub_status:restored>new",
		"10 10:30 answered by anna sub_status:new>investigation",
		"10 10:40 restored sub_status:investigation>restored",
		"10 10:50 impaired sub_status:restored>investigation",
	)
	if got := s.desk.Case(1).Occurrences; !reflect.DeepEqual(got, plainSpells(f.Spells)) {
		t.Errorf("occurrences %v, want %v", got, f.Spells)
	}

	// Where its beginning is found to be another, that is the only one.
	f.Began = f.Began.Add(2 * time.Minute)
	f.Spells[0].From = f.Began
	f.Spells[2].From = f.Spells[2].From.Add(time.Minute)
	s.at("10:52")
	if c := s.desk.Case(1); !reflect.DeepEqual(c.Occurrences, plainSpells(f.Spells)) || !c.FirstSeen.Equal(f.Began) {
		t.Errorf("first seen %s, occurrences %v, want %v", c.FirstSeen, c.Occurrences, f.Spells)
	}

	// A pause that was no proof is told, and leaves the clocks alone.
	events := len(s.desk.Case(1).Events)
	f.Spells[len(f.Spells)-1].To = s.now
	s.now = s.now.Add(4 * time.Minute)
	s.again(f)
	s.at("10:56")
	c := s.desk.Case(1)
	if last := c.Updates[len(c.Updates)-1]; last.Kind != UpdateImpaired || last.Text != "Impaired again since 2026-03-10 09:56:00 UTC, after a pause since 2026-03-10 09:52:00 UTC that proved no repair." {
		t.Errorf("got %+v", last)
	}
	if len(c.Events) != events || !reflect.DeepEqual(c.Occurrences, plainSpells(f.Spells)) {
		t.Errorf("events %v, occurrences %v", c.Events[events:], c.Occurrences)
	}
}

func plainSpells(list []FaultSpell) []FaultSpell {
	var got []FaultSpell
	for _, s := range list {
		got = append(got, FaultSpell{plain(s.From), plain(s.To)})
	}
	return got
}

// No traffic proves nothing: a fault that nobody tells of any more leaves its
// case as it is.
func TestDeskNoNews(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Low, SignalLoss)
	s.at("10:01")
	s.forget(f)
	s.desk.Take()
	s.at("10:30").at("11:00")
	s.wantCases("1 open new low")
	if j := s.desk.Take(); !j.Empty() {
		t.Errorf("got %s", wire(t, j))
	}
	// The same problem, found anew under another name: the same case.
	s.faulty("f2", "trunk-b", Low, SignalMOS, SignalLoss)
	s.at("11:30")
	s.wantCases("1 open new low")
	if c := s.desk.Case(1); !reflect.DeepEqual(c.Faults, []FaultID{"f1", "f2"}) || len(c.Occurrences) != 2 || c.Occurrences[0].To.IsZero() {
		t.Errorf("faults %v, occurrences %v", c.Faults, c.Occurrences)
	}
}

func TestDeskSeverity(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Medium, SignalLoss)
	s.at("10:01")
	f.Severity = Critical
	s.at("10:02")
	if c := s.desk.Case(1); c.Severity != Critical || !c.Down {
		t.Errorf("severity %s, down %t", c.Severity, c.Down)
	}
	f.Severity = Medium // milder: nothing by itself
	s.at("10:03")
	s.do(Command{Kind: CommandUpdate, Case: 1, Severity: Low, Set: map[string]string{"down": "false"}})
	f.Severity = Critical // as bad as it was when somebody lowered it
	s.at("10:04")
	s.wantCases("1 open new low") // fields are no answer
	s.wantTimeline(1,
		"10 10:01 opened",
		"10 10:02 measured severity:medium>critical down:false>true",
		"10 10:03 changed by anna down:true>false severity:critical>low",
	)
}

// Figures that merely move on are told once a minute, and make no update.
func TestDeskFigures(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Medium, SignalLoss)
	s.tell()
	s.desk.Take()
	journals := 0
	for second := 1; second <= 180; second++ {
		s.now = s.now.Add(time.Second)
		f.Impact.Calls++
		s.see()
		if j := s.desk.Take(); !j.Empty() {
			journals++
			if len(j.Audit) != 0 || j.Cases[0].Impact.Calls != 12+second || !j.Cases[0].LastSeen.Equal(s.now) {
				t.Errorf("second %d: %s", second, wire(t, j))
			}
		}
	}
	if journals != 3 {
		t.Errorf("%d versions in three minutes, want 3", journals)
	}
	if c := s.desk.Case(1); len(c.Updates) != 1 || !c.Modified.Equal(c.Opened) {
		t.Errorf("%d updates, modified %s", len(c.Updates), c.Modified)
	}
	// A further alert is an update, with the next figures.
	f.Signals = []Signal{SignalLoss, SignalMOS}
	f.Alerts = append(f.Alerts, Alert{Fingerprint: 7, Rule: "low-mos", Labels: []Label{{"direction", "from_peer"}, {"segment", "trunk-b"}}})
	s.now = s.now.Add(time.Second)
	s.see()
	s.at("10:05")
	// One that brings nothing else waits for five minutes, with those that come meanwhile.
	for n := range 3 {
		f.Alerts = append(slices.Clip(f.Alerts), Alert{Fingerprint: Fingerprint(8 + n), Rule: fmt.Sprint("rule-", n)})
		s.at(fmt.Sprintf("10:0%d", 6+n))
	}
	s.at("10:09")
	if n := len(s.desk.Case(1).Updates); n != 2 {
		t.Errorf("%d updates, want 2 yet", n)
	}
	s.at("10:10")
	c := s.desk.Case(1)
	if len(c.Updates) != 3 || c.Updates[2].Text != "Fires too: rule-0, rule-1 and rule-2." {
		t.Errorf("got %+v", c.Updates)
	}
	if c.Updates[1].Text != "Fires too: low-mos (trunk-b, from peer)." || c.Updates[1].Fields[0] != (FieldChange{"signals", "loss", "loss, mos"}) {
		t.Errorf("got %+v", c.Updates)
	}
}

func TestDeskSettles(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Medium, SignalLoss)
	s.see()
	s.now = s.now.Add(time.Second)
	f.Impact.Calls, f.Seen = 99, s.now
	f.Alerts = append(f.Alerts, Alert{Fingerprint: 7, Rule: "low-mos"})
	s.see()
	if c := s.desk.Case(1); c.Impact.Calls == 99 {
		t.Error("figures are taken within a second")
	}
	s.desk.Settle(s.now, []Fault{*f})
	if c := s.desk.Case(1); c.Impact.Calls != 99 || !c.LastSeen.Equal(s.now) || len(c.Alerts) != 2 {
		t.Errorf("got %s", wire(t, c))
	}
}

// Where a fault arises may be found later.
func TestDeskPlace(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "", Medium, SignalLoss)
	s.tell()
	f.Verdict.Segment = "trunk-b"
	s.at("10:01")
	if c := s.desk.Case(1); c.Segment != "trunk-b" || c.Owner != "Carrier B" || c.Contact != "noc@carrier-b.example" || len(c.Updates) != 2 {
		t.Errorf("segment %q, owner %q, contact %q, updates %v", c.Segment, c.Owner, c.Contact, s.timeline(c))
	}
	s.do(Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"owner": "Acme LAN"}})
	f.Verdict.Segment = "sbc-a" // what somebody set stays
	s.at("10:02")
	if c := s.desk.Case(1); c.Segment != "sbc-a" || c.Owner != "Acme LAN" || c.Contact != "noc@acme.example" {
		t.Errorf("segment %q, owner %q, contact %q", c.Segment, c.Owner, c.Contact)
	}
	f.Verdict.Segment = "" // too little traffic now
	s.at("10:03")
	if c := s.desk.Case(1); c.Segment != "sbc-a" {
		t.Errorf("segment %q is forgotten", c.Segment)
	}
}

// Two problems never share a case.
func TestDeskTwoProblems(t *testing.T) {
	s := newDeskScene(t)
	a := s.faulty("f1", "trunk-b", Medium, SignalLoss, SignalMOS)
	b := s.faulty("f2", "trunk-b", Medium, SignalLoss, SignalMOS) // at the same place, at the same time
	s.faulty("f3", "sbc-a", Medium, SignalLoss, SignalMOS)
	s.at("10:01")
	s.wantCases("1 open new medium", "2 open new medium", "3 open new medium")
	s.over(a)
	s.over(b)
	s.at("10:02")
	s.forget(a)
	s.forget(b)
	s.faulty("f4", "trunk-b", Medium, SignalJitter, SignalMOS) // another cause
	s.at("10:03")
	if c := s.desk.Case(4); c == nil || c.Faults[0] != "f4" {
		t.Errorf("cases %d", len(s.desk.Cases()))
	}
	codec := s.faulty("f5", "trunk-b", Medium, SignalLoss) // others suffer
	codec.Factors = append(codec.Factors, Factor{FactorCodec, "G729"})
	codec.Alerts[0].Fingerprint = 77
	s.at("10:04")
	if c := s.desk.Case(5); c == nil || c.Faults[0] != "f5" {
		t.Errorf("cases %d", len(s.desk.Cases()))
	}
}

// Within 30 days the same number; later a new case that refers to the old one.
func TestDeskReopens(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Medium, SignalLoss)
	s.at("10:01")
	s.over(f)
	s.at("10:30")
	s.do(Command{Kind: CommandClose, Case: 1, Text: "the carrier changed a card"})
	s.wantCases("1 closed resolved medium")
	s.again(f) // the same fault, within its hour
	s.at("10:40")
	s.wantCases("1 open new medium")
	s.over(f)
	s.at("10:50")
	s.do(Command{Kind: CommandClose, Case: 1, Text: "another card"})
	s.forget(f)

	// 30 days of 24 h later the clocks of Berlin are an hour ahead: 9 April, 11:50.
	s.at("2026-04-09T11:50")
	g := s.faulty("f2", "trunk-b", High, SignalLoss)
	s.at("11:50")
	s.wantCases("1 open new high")
	s.over(g)
	s.at("12:00")
	s.do(Command{Kind: CommandClose, Case: 1, Text: "the whole shelf"})
	s.forget(g)
	s.at("2026-05-09T12:01")
	s.faulty("f3", "trunk-b", High, SignalLoss)
	s.at("12:01")
	s.wantCases("1 closed resolved high", "2 open new high")
	if c := s.desk.Case(2); c.RefersTo != 1 || len(c.Related) == 0 || c.Related[0].Number != 1 || !strings.Contains(c.Updates[0].Text, "Case 1") {
		t.Errorf("refers to %d, related %v", c.RefersTo, c.Related)
	}
}

// A case that is closed while its fault goes on: what somebody chose stands,
// but "resolved" is taken back when it is not true after an hour.
func TestDeskClosedWhileMeasured(t *testing.T) {
	for _, test := range []struct {
		sub   CaseSubStatus
		after string
	}{{SubResolved, "1 open new medium"}, {SubCancelled, "1 closed cancelled medium"}} {
		s := newDeskScene(t)
		f := s.faulty("f1", "trunk-b", Medium, SignalLoss)
		s.at("10:01")
		s.do(Command{Kind: CommandClose, Case: 1, SubStatus: test.sub, Text: "done"})
		s.at("11:00")
		s.wantCases("1 closed " + string(test.sub) + " medium")
		s.at("11:02")
		s.wantCases(test.after)
		// Worse than ever is new.
		f.Severity = High
		s.at("11:03")
		s.wantCases("1 open new high")
	}
	// The proof may come after closing.
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Medium, SignalLoss)
	s.at("10:01")
	s.do(Command{Kind: CommandClose, Case: 1, Text: "done"})
	s.now = s.now.Add(5 * time.Minute)
	s.over(f)
	s.at("10:06")
	if c := s.desk.Case(1); c.Status != StatusClosed || !c.Restored.Equal(f.Over) || c.SubStatus != SubResolved {
		t.Errorf("%s %s, restored %s", c.Status, c.SubStatus, c.Restored)
	}
	s.wantTimeline(1, "10 10:01 opened", "10 10:01 closed by anna status:open>closed sub_status:new>resolved", "10 10:01 measured", "10 10:06 restored")
}

// In testMaintenance, sbc-a is maintained every night from 02:00 to 03:00.
func TestDeskMaintenance(t *testing.T) {
	s := newDeskScene(t)
	s.at("2026-03-11T02:10")
	gone := s.faulty("f1", "sbc-a", High, SignalLoss)
	stays := s.faulty("f2", "sbc-a", High, SignalJitter)
	s.faulty("f3", "trunk-b", High, SignalLoss)
	s.at("02:11")
	s.wantCases("1 open new high") // trunk-b
	if n := s.desk.Stats().InMaintenance; n != 2 {
		t.Errorf("%d faults are held, want 2", n)
	}
	s.at("02:50")
	s.over(gone)
	s.now = instantOf(t, "2026-03-11T03:00+01:00")
	s.tell() // at the end, not seen since
	s.wantCases("1 open new high")
	s.at("03:01")
	s.wantCases("1 open new high", "2 open new high")
	c := s.desk.Case(2)
	if c.Faults[0] != stays.ID || c.Maintenance != "nightly" || !c.FirstSeen.Equal(instantOf(t, "2026-03-11T03:00+01:00")) || !c.Occurrences[0].From.Equal(c.FirstSeen) || !c.Opened.Equal(s.now) {
		t.Errorf("faults %v, maintenance %q, first seen %s, occurrences %v", c.Faults, c.Maintenance, c.FirstSeen, c.Occurrences)
	}
	if !strings.Contains(c.Updates[0].Text, `began in the maintenance "nightly" and counts since its end at 2026-03-11 02:00:00 UTC`) {
		t.Errorf("got %q", c.Updates[0].Text)
	}

	// The clocks of an open case stand still; what gets worse in a window is told after it.
	s.over(stays)
	s.at("03:10")
	s.wantCases("1 open new high", "2 open restored high")
	s.at("2026-03-12T01:59").at("02:00").at("02:30")
	s.again(stays)
	stays.Severity = Critical
	s.at("02:30").at("02:59")
	s.wantCases("1 open new high", "2 open restored high")
	s.at("03:00")
	s.wantCases("1 open new high", "2 open new critical")
	s.wantTimeline(2,
		"11 03:01 opened",
		"11 03:10 restored sub_status:new>restored",
		"12 01:59 breached", // the first answer was due at 11:00
		"12 02:00 changed",  // the clocks stand still
		"12 03:00 impaired sub_status:restored>new",
		"12 03:00 measured severity:high>critical down:false>true",
		"12 03:00 changed",
	)
	if c := s.desk.Case(2); c.Events[len(c.Events)-1].What != MaintenanceEnded {
		t.Errorf("events %v", c.Events)
	}
}

func TestCaseJSON(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", High, SignalLoss)
	s.at("10:01")
	s.over(f)
	s.at("10:02")
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "what did you change?", SubStatus: SubAwaiting})
	s.do(Command{Kind: CommandOpen, Subject: "crackling", Text: "on line 7"})
	for _, c := range s.desk.Cases() {
		var back Case
		if err := json.Unmarshal([]byte(wire(t, c)), &back); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c, &back) {
			t.Errorf("case %d: got  %s\nwant %s", c.Number, wire(t, &back), wire(t, c))
		}
		if text := wire(t, c); strings.Contains(strings.Replace(text, `"clocks":null`, "", 1), "null") {
			t.Errorf("a list is missing: %s", text)
		}
	}
}
