package alerting

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// Whatever a command says, the desk answers with a case or a reason, never
// both, and what it keeps reads back as it was.
func FuzzDeskCommand(f *testing.F) {
	for _, seed := range []string{
		`{"kind":"open","author":"anna","subject":"noise","severity":"high","segment":"trunk-b","set":{"security":"true"}}`,
		`{"kind":"update","case":1,"author":"anna","text":"so","sub_status":"awaiting_customer","set":{"segment":"sbc-a","root_cause":"asked"}}`,
		`{"kind":"update","case":1,"author":"crm","on_behalf_of":"Ms Miller","customer":true,"text":"still bad","version":2}`,
		`{"kind":"assign","case":2,"author":"anna","assignee":"ben"}`,
		`{"kind":"escalate","case":1,"author":"anna","text":"nobody calls"}`,
		`{"kind":"close","case":1,"author":"anna","text":"done","sub_status":"cancelled"}`,
		`{"kind":"reopen","case":3,"author":"anna","text":"again"}`,
		`{"kind":"change","author":"anna","text":"SBC 2 upgraded","at":"2026-03-10T08:00:00+01:00","segment":"sbc-a"}`,
	} {
		f.Add([]byte(seed))
	}
	cfg := DeskConfig{Directory: testDirectory(f), Maintenance: maintenanceOf(f, testMaintenance)}
	f.Fuzz(func(t *testing.T, data []byte) {
		var c Command
		if json.Unmarshal(data, &c) != nil {
			return
		}
		s := &deskScene{TB: t, desk: NewDesk(cfg), now: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)}
		s.faulty("f1", "trunk-b", High, SignalLoss)
		s.see()
		s.do(Command{Kind: CommandOpen, Subject: "a question"})
		s.do(Command{Kind: CommandOpen, Subject: "done"})
		s.do(Command{Kind: CommandClose, Case: 3, Text: "done"})
		s.desk.Take()
		got, err := s.desk.Do(s.now.Add(time.Minute), c)
		if _, ok := err.(*CommandError); err != nil && (!ok || got != nil || err.Error() == "") {
			t.Fatalf("got %v, %v", got, err)
		}
		j := s.desk.Take()
		if err == nil && got == nil && len(j.Changes) != 1 {
			t.Fatalf("neither a case nor a change: %s", wire(t, j))
		}
		for _, one := range j.Cases {
			text := []byte(wire(t, one))
			var back Case
			if err := json.Unmarshal(text, &back); err != nil || !bytes.Equal(text, []byte(wire(t, &back))) {
				t.Fatalf("%v: got %s, want %s", err, wire(t, &back), text)
			}
		}
	})
}
