package alerting

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// A fault that comes and goes for weeks leaves a timeline that can be read:
// what people said and the steps of the case stay, the rest is counted.
func TestDeskSumsUp(t *testing.T) {
	s := newDeskScene(t, func(c *DeskConfig) { c.MaxUpdates = 40 })
	f := s.faulty("f1", "trunk-b", Low, SignalLoss)
	s.see()
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "note 0"})
	const spells = 300
	for n := 1; n <= spells; n++ {
		s.now = s.now.Add(10 * time.Minute)
		s.over(f)
		s.see()
		if n%100 == 0 {
			s.do(Command{Kind: CommandUpdate, Case: 1, Text: fmt.Sprintf("note %d", n)})
		}
		s.now = s.now.Add(20 * time.Minute)
		s.again(f)
		s.see()
	}
	c := s.desk.Case(1)
	if len(c.Updates) > 41 || c.Updates[0].Kind != UpdateOpened {
		t.Errorf("%d updates, the first %s", len(c.Updates), c.Updates[0].Kind)
	}
	var notes []string
	counted, there := 0, 0
	for i, u := range c.Updates {
		if i > 0 && (u.Seq <= c.Updates[i-1].Seq || u.At.Before(c.Updates[i-1].At)) {
			t.Errorf("update %d comes after %d", u.Seq, c.Updates[i-1].Seq)
		}
		switch {
		case u.Author == "anna":
			notes = append(notes, u.Text)
		case u.Kind == UpdateSummed:
			for _, f := range u.Fields {
				n := 0
				fmt.Sscan(f.To, &n)
				counted += n
			}
		case u.routine():
			there++
		}
	}
	if want := []string{"note 0", "note 100", "note 200", "note 300"}; !slices.Equal(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
	// Two entries a spell, and what the clocks told of the response, nothing else.
	if counted+there != 2*spells || c.newest() != 2*spells+5 {
		t.Errorf("%d counted and %d there, newest %d, want %d in all", counted, there, c.newest(), 2*spells)
	}
	if got := s.desk.Stats().Summed; got != uint64(counted) {
		t.Errorf("%d summed up, want %d", got, counted)
	}
	if n := len(c.Occurrences); n != maxOccurrences || !c.Occurrences[0].From.Equal(f.Began) || !c.Occurrences[n-1].From.Equal(s.now) {
		t.Errorf("%d occurrences, the first %s, the last %s", n, c.Occurrences[0].From, c.Occurrences[n-1].From)
	}

	// What people write has an end too.
	for n := 0; ; n++ {
		_, err := s.desk.Do(s.now, Command{Kind: CommandUpdate, Case: 1, Author: "bot", Text: "again"})
		if err != nil {
			if !strings.Contains(err.Error(), "close it, and open another one that refers to it") || n > 80 {
				t.Errorf("after %d: %v", n, err)
			}
			break
		}
	}
	s.do(Command{Kind: CommandClose, Case: 1, Text: "a bot wrote here"})
}

// A watch keeps the first spell of a fault and the latest: another one is told
// all the same.
func TestDeskManySpells(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", Low, SignalLoss)
	s.see()
	for range 20 {
		s.now = s.now.Add(10 * time.Minute)
		f.Spells[len(f.Spells)-1].To = s.now
		s.now = s.now.Add(5 * time.Minute)
		s.again(f)
		if len(f.Spells) > 10 {
			f.Spells = slices.Delete(slices.Clone(f.Spells), 1, 2)
		}
		s.see()
		s.see()
	}
	told := 0
	for _, u := range s.desk.Case(1).Updates {
		if u.Kind == UpdateImpaired {
			told++
		}
	}
	if told != 20 {
		t.Errorf("%d spells are told, want 20", told)
	}
}

// The shortest recoveries of long ago are left out, and the clock reads nearly
// the same.
func TestBoundEvents(t *testing.T) {
	at := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	list := []CaseEvent{{at, CaseOpened, Critical}, {at, CaseAnswered, 0}}
	for n := range maxEvents {
		at = at.Add(time.Hour)
		list = boundEvents(append(list, CaseEvent{at, ServiceRestored, 0}))
		at = at.Add(time.Duration(1+n%7) * time.Minute)
		list = boundEvents(append(list, CaseEvent{at, ServiceImpaired, 0}))
	}
	if len(list) > maxEvents || list[0].What != CaseOpened || list[1].What != CaseAnswered || !list[len(list)-1].At.Equal(at) {
		t.Fatalf("%d events", len(list))
	}
	for i := 2; i < len(list); i++ {
		want := ServiceRestored
		if i%2 == 1 {
			want = ServiceImpaired
		}
		if list[i].What != want {
			t.Fatalf("event %d is %s, want %s", i, list[i].What, want)
		}
	}
	short := 0
	for i := 2; i+1 < len(list)/2; i += 2 {
		if list[i+1].At.Sub(list[i].At) < 3*time.Minute {
			short++
		}
	}
	if short > 1 { // that which came to be long ago just now
		t.Errorf("%d short recoveries are kept from long ago", short)
	}
}

func TestDeskIsFull(t *testing.T) {
	s := newDeskScene(t, func(c *DeskConfig) { c.MaxOpen, c.MaxClosed, c.MaxChanges = 2, 3, 4 })
	for n := range 4 {
		s.faulty(fmt.Sprint("f", n), "trunk-b", Severity(4-n), SignalLoss).Factors = []Factor{{FactorCodec, fmt.Sprint("codec ", n)}}
		s.faults[n].Alerts[0].Fingerprint = Fingerprint(n)
	}
	s.see()
	s.now = s.now.Add(time.Second)
	s.see()
	s.wantCases("1 open new critical", "2 open new high") // the worst
	s.refuses(Command{Kind: CommandOpen, Subject: "x"}, Refused, "2 cases are open, more than can be kept")
	if got := s.desk.Stats().Full; got != 3 { // two faults, each once, and a command
		t.Errorf("%d found no room, want 3", got)
	}
	s.do(Command{Kind: CommandClose, Case: 1, Text: "enough", SubStatus: SubCancelled})
	s.now = s.now.Add(time.Second)
	s.see()
	s.wantCases("1 closed cancelled critical", "2 open new high", "3 open new medium")
	s.see()
	s.faults = nil
	for n := 2; n <= 4; n++ {
		s.now = s.now.Add(time.Minute)
		if n == 4 {
			s.faulty("last", "sbc-a", Low, SignalLoss)
			s.see()
			s.faults = nil
		}
		s.do(Command{Kind: CommandClose, Case: n, Text: "enough", SubStatus: SubCancelled})
	}
	s.wantCases("2 closed cancelled high", "3 closed cancelled medium", "4 closed cancelled low")
	s.refuses(Command{Kind: CommandReopen, Case: 1, Text: "x"}, NotFound, "no case 1 among")

	for range 6 {
		s.do(Command{Kind: CommandChange, Text: "x"})
	}
	list := s.desk.Changes()
	if len(list) != 4 || list[0].ID != 3 || list[3].ID != 6 || s.desk.Stats().ChangesDropped != 2 {
		t.Errorf("%d changes from %d, %d dropped", len(list), list[0].ID, s.desk.Stats().ChangesDropped)
	}
}

func TestJournalAppend(t *testing.T) {
	a := Journal{Cases: []*Case{{Number: 1, Subject: "old"}, {Number: 2}}, Audit: []AuditEntry{{Seq: 1}}}
	a.Append(Journal{Cases: []*Case{{Number: 3}, {Number: 1, Subject: "new"}}, Changes: []*NetworkChange{{ID: 1}}, Audit: []AuditEntry{{Seq: 2}}})
	want := Journal{Cases: []*Case{{Number: 1, Subject: "new"}, {Number: 2}, {Number: 3}}, Changes: []*NetworkChange{{ID: 1}}, Audit: []AuditEntry{{Seq: 1}, {Seq: 2}}}
	if !reflect.DeepEqual(a, want) {
		t.Errorf("got %s, want %s", wire(t, a), wire(t, want))
	}
}

func TestHappeningText(t *testing.T) {
	for h := CaseOpened; h <= CaseReopened; h++ {
		text, err := h.MarshalText()
		var back Happening
		if err != nil || back.UnmarshalText(text) != nil || back != h {
			t.Errorf("%d: %q, %v, back %d", h, text, err, back)
		}
	}
	var h Happening
	if err := h.UnmarshalText([]byte("reopend")); err == nil || !strings.Contains(err.Error(), `did you mean "reopened"?`) {
		t.Errorf("got %v", err)
	}
	if _, err := (CaseReopened + 1).MarshalText(); err == nil {
		t.Error("an unknown happening is written")
	}
}
