package alerting

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestDeskOpenByHand(t *testing.T) {
	s := newDeskScene(t)
	c := s.do(Command{
		Kind: CommandOpen, Subject: " Crackling on line 7 ", Text: "Since this morning.", Tenant: "acme", Segment: "sbc-a", Assignee: "ben",
		Set: map[string]string{"external_reference": "T-17", "security": "true"}, Key: "k1", Behalf: "Ms Miller",
	})
	if c.Number != 1 || c.Severity != Low || c.Measured != 0 || c.Subject != "Crackling on line 7" || c.Description != "Since this morning." || c.Owner != "Acme Voice" ||
		c.Contact != "noc@acme.example" || c.Assignee != "ben" || c.Reference != "T-17" || !c.Security || len(c.Questions) != 8 || c.SubStatus != SubNew || len(c.Faults) != 0 {
		t.Errorf("got %s", wire(t, c))
	}
	s.wantTimeline(1, "10 10:00 opened by anna for Ms Miller external_reference:>T-17 security:false>true")
	j := s.desk.Take()
	if len(j.Audit) != 1 || j.Audit[0].What != "case.open" || j.Audit[0].Who != "anna" || j.Audit[0].Case != 1 {
		t.Errorf("audit %v", j.Audit)
	}
	var kept Command
	if err := json.Unmarshal([]byte(j.Audit[0].Detail), &kept); err != nil || kept.Key != "k1" || kept.Behalf != "Ms Miller" {
		t.Errorf("detail %q: %v", j.Audit[0].Detail, err)
	}

	// The same key opens no other case, that of somebody else does.
	again := Command{Kind: CommandOpen, Subject: "Crackling on line 7", Key: "k1", Behalf: "Ms Miller"}
	if c := s.do(again); c.Number != 1 {
		t.Errorf("case %d, want 1 again", c.Number)
	}
	again.Author = "ben"
	if c := s.do(again); c.Number != 2 {
		t.Errorf("case %d, want 2", c.Number)
	}
	// A case may refer to another one.
	if c := s.do(Command{Kind: CommandOpen, Subject: "Crackling once more", Case: 1, Severity: High}); c.Number != 3 || c.RefersTo != 1 || c.Severity != High || c.Related[0].Number != 1 {
		t.Errorf("got %s", wire(t, c))
	}
	s.refuses(Command{Kind: CommandOpen, Subject: "x", Case: 17}, NotFound, "no case 17")
	s.at("2026-03-11T02:30")
	if c := s.do(Command{Kind: CommandOpen, Subject: "one-way", Segment: "sbc-a"}); c.Maintenance != "nightly" {
		t.Errorf("maintenance %q", c.Maintenance)
	}
}

// What can't be done is refused with what could be.
func TestDeskRefuses(t *testing.T) {
	s := newDeskScene(t)
	f := s.faulty("f1", "trunk-b", High, SignalLoss)
	s.tell()
	s.do(Command{Kind: CommandOpen, Subject: "a question", Tenant: "other-tenant"})
	s.do(Command{Kind: CommandOpen, Subject: "done"})
	s.do(Command{Kind: CommandClose, Case: 3, Text: "answered"})
	long := strings.Repeat("x", maxText+1)
	for _, test := range []struct {
		c      Command
		reason Reason
		field  string
		text   string
	}{
		{Command{Kind: "clsoe", Case: 1}, Invalid, "kind", `did you mean "close"?`},
		{Command{Kind: CommandUpdate, Case: 1, Author: " ", Text: "x"}, Invalid, "author", "who wants it"},
		{Command{Kind: CommandUpdate, Case: 1, Author: "Earshot", Text: "x"}, Invalid, "author", "the monitor itself"},
		{Command{Kind: CommandUpdate, Text: "x"}, Invalid, "case", "update needs case"},
		{Command{Kind: CommandUpdate, Case: 99, Text: "x"}, NotFound, "", "there is no case 99"},
		{Command{Kind: CommandUpdate, Case: -1, Text: "x"}, NotFound, "", "there is no case -1"},
		{Command{Kind: CommandUpdate, Case: 1}, Invalid, "text", "a text, or a field to change"},
		{Command{Kind: CommandUpdate, Case: 1, Text: " \n"}, Invalid, "text", "a text, or a field to change"},
		{Command{Kind: CommandUpdate, Case: 1, Text: long}, Invalid, "text", "65536 octets"},
		{Command{Kind: CommandUpdate, Case: 1, Text: "\xff"}, Invalid, "text", "UTF-8"},
		{Command{Kind: CommandUpdate, Case: 1, Subject: "two\nlines"}, Invalid, "subject", "no text of one line"},
		{Command{Kind: CommandUpdate, Case: 1, Subject: long[:501]}, Invalid, "subject", "501 octets"},
		{Command{Kind: CommandUpdate, Case: 1, Tenant: "acme", Text: "x"}, Invalid, "tenant", "update takes no tenant"},
		{Command{Kind: CommandUpdate, Case: 1, Severity: 7}, Invalid, "severity", "want 1 to 4"},
		{Command{Kind: CommandUpdate, Case: 1, SubStatus: "new"}, Invalid, "sub_status", "only until somebody answers"},
		{Command{Kind: CommandUpdate, Case: 1, SubStatus: SubResolved}, Invalid, "sub_status", "close it"},
		{Command{Kind: CommandUpdate, Case: 1, SubStatus: "investigating"}, Invalid, "sub_status", `did you mean "investigation"?`},
		{Command{Kind: CommandUpdate, Case: 1, SubStatus: SubRestored}, Refused, "", "comparable traffic proves it"},
		{Command{Kind: CommandUpdate, Case: 1, Customer: true, SubStatus: SubProposed}, Invalid, "text", "what was said"},
		{Command{Kind: CommandUpdate, Case: 1, Customer: true, Text: "x", SubStatus: SubAwaiting}, Invalid, "sub_status", "another one that asks"},
		{Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"onwer": "x"}}, Invalid, "set.onwer", `did you mean "owner"?`},
		{Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"down": "yes"}}, Invalid, "set.down", "true or false"},
		{Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"type": "bug"}}, Invalid, "set.type", "support, service_request, admin"},
		{Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"owner": "a\nb"}}, Invalid, "set.owner", "one line"},
		{Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"owner": "x", "type": "bug"}}, Invalid, "set.type", "bug"}, // as a whole, or nothing
		{Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"segment": "trunk-c"}}, Invalid, "set.segment", `did you mean "trunk-b"?`},
		{Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"segment": "lan"}}, Invalid, "set.segment", `of tenant "other-tenant"`},
		{Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"root_cause": "asked"}}, Refused, "", "from 2026-03-17 09:00:00 UTC"},
		{Command{Kind: CommandUpdate, Case: 3, Text: "x"}, Refused, "", "is closed since 2026-03-10 09:00:00 UTC: reopen it, which is possible until 2026-04-09 09:00:00 UTC"},
		{Command{Kind: CommandUpdate, Case: 3, Set: map[string]string{"owner": "x"}}, Refused, "", "only external_reference, legal_hold, root_cause can be set"},
		{Command{Kind: CommandAssign, Case: 3, Assignee: "ben"}, Refused, "", "closed"},
		{Command{Kind: CommandEscalate, Case: 3}, Refused, "", "closed"},
		{Command{Kind: CommandEscalate, Case: 2}, Refused, "", "low severity, which is never escalated: raise its severity first"},
		{Command{Kind: CommandEscalate, Case: 1}, Refused, "", "from 2026-03-11 09:00:00 UTC"},
		{Command{Kind: CommandClose, Case: 1}, Invalid, "text", "a comment on how it ended"},
		{Command{Kind: CommandClose, Case: 1, Text: "x", SubStatus: "solved"}, Invalid, "sub_status", `did you mean "resolved"?`},
		{Command{Kind: CommandClose, Case: 3, Text: "x"}, Refused, "", "closed already"},
		{Command{Kind: CommandReopen, Case: 3}, Invalid, "text", "new information"},
		{Command{Kind: CommandReopen, Case: 1, Text: "x"}, Refused, "", "is open"},
		{Command{Kind: CommandOpen, Text: "x"}, Invalid, "subject", "one line that says what is wrong"},
		{Command{Kind: CommandOpen, Subject: "x", Tenant: "acne"}, Invalid, "tenant", `did you mean "acme"?`},
		{Command{Kind: CommandOpen, Subject: "x", Segment: "trunk"}, Invalid, "segment", "lan, sbc-a, trunk-b, wan"},
		{Command{Kind: CommandOpen, Subject: "x", Tenant: "acme", Segment: "lan"}, Invalid, "segment", `is of tenant "other-tenant"`},
		{Command{Kind: CommandChange}, Invalid, "text", "what was changed"},
		{Command{Kind: CommandChange, Case: 1, Text: "x"}, Invalid, "case", "change takes no case"},
		{Command{Kind: CommandChange, Text: "x", At: s.now.Add(time.Hour)}, Invalid, "at", "still to come"},
		{Command{Kind: CommandUpdate, Case: 1, Text: "x", Version: 3}, Conflict, "version", "has no update 3: its newest is 1"},
		{Command{Kind: CommandUpdate, Case: 1, Text: "x", Version: -3}, Invalid, "version", "number of an update"},
	} {
		if e := s.refuses(test.c, test.reason, test.text); e.Field != test.field {
			t.Errorf("%s: field %q, want %q (%s)", test.c.Kind, e.Field, test.field, e.Text)
		}
	}
	s.desk.Take()
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "seen", Version: 1})
	s.refuses(Command{Kind: CommandClose, Case: 1, Text: "x", Version: 1}, Conflict, "has changed since update 1: its newest is 2")
	if j := s.desk.Take(); len(j.Audit) != 1 {
		t.Errorf("refused commands are in the audit log: %s", wire(t, j.Audit))
	}
	s.over(f)
	s.at("10:05")
	s.refuses(Command{Kind: CommandEscalate, Case: 1}, Refused, "only while the impact goes on")
	s.now = instantOf(t, "2026-04-09T11:01+02:00")
	s.refuses(Command{Kind: CommandReopen, Case: 3, Text: "x"}, Refused, "more than 30 d ago: open a new case that refers to it")
	var e *CommandError
	if _, err := s.desk.Do(s.now, Command{Kind: CommandEscalate, Author: "anna", Case: 17}); !errors.As(err, &e) || err.Error() != e.Text {
		t.Errorf("got %v", err)
	}
}

func TestDeskUpdates(t *testing.T) {
	s := newDeskScene(t)
	s.do(Command{Kind: CommandOpen, Subject: "crackling", Severity: Medium})
	s.do(Command{Kind: CommandAssign, Case: 1, Assignee: "ben"})
	s.do(Command{Kind: CommandAssign, Case: 1, Assignee: "ben"}) // changes nothing
	s.do(Command{Kind: CommandUpdate, Case: 1, Subject: "crackling", Set: map[string]string{"type": "support"}})
	s.do(Command{Kind: CommandUpdate, Case: 1, Severity: High, Subject: "noise", Set: map[string]string{
		"segment": "trunk-b", "contact": "me@acme.example", "environment": "development", "sub_type": "inquiry", "legal_hold": "true", "business_impact": "none\nyet",
	}})
	s.do(Command{Kind: CommandUpdate, Case: 1, SubStatus: SubProposed, Text: "try another headset"})
	s.do(Command{Kind: CommandUpdate, Case: 1, SubStatus: SubRestored})
	if c := s.desk.Case(1); !c.Restored.Equal(s.now) {
		t.Errorf("restored by hand %s, want %s", c.Restored, s.now)
	}
	s.do(Command{Kind: CommandUpdate, Case: 1, SubStatus: SubInvestigation})
	if c := s.desk.Case(1); !c.Restored.IsZero() {
		t.Errorf("restored %s, want not", c.Restored)
	}
	s.do(Command{Kind: CommandAssign, Case: 1, Text: "back to the desk"})
	s.do(Command{Kind: CommandUpdate, Case: 1, Set: map[string]string{"root_cause": "a broken headset"}})
	s.do(Command{Kind: CommandClose, Case: 1, Text: "replaced"})
	s.do(Command{Kind: CommandUpdate, Case: 1, Text: "the lawyer is done", Set: map[string]string{"legal_hold": "false"}})
	s.do(Command{Kind: CommandReopen, Case: 1, Text: "the new one crackles too"})
	s.do(Command{Kind: CommandClose, Case: 1, SubStatus: SubCancelled, Text: "it is the headset's radio"})
	s.wantTimeline(1,
		"10 10:00 opened by anna",
		"10 10:00 changed by anna assignee:>ben",
		"10 10:00 changed by anna subject:crackling>noise segment:>trunk-b owner:>Carrier B contact:noc@acme.example>me@acme.example business_impact:>none\nyet "+
			"environment:production>development legal_hold:false>true sub_type:problem>inquiry severity:medium>high",
		"10 10:00 answered by anna sub_status:new>solution_proposed",
		"10 10:00 changed by anna sub_status:solution_proposed>restored",
		"10 10:00 changed by anna sub_status:restored>investigation",
		"10 10:00 changed by anna assignee:ben>",
		"10 10:00 changed by anna root_cause:>a broken headset",
		"10 10:00 closed by anna status:open>closed sub_status:investigation>resolved",
		"10 10:00 answered by anna legal_hold:true>false",
		"10 10:00 reopened by anna status:closed>open sub_status:resolved>investigation",
		"10 10:00 closed by anna status:open>closed sub_status:investigation>cancelled",
	)
	if c := s.desk.Case(1); c.Closure != "it is the headset's radio" || !c.Closed.Equal(s.now) || c.RootCause != "a broken headset" || !c.FollowUp.RootCause {
		t.Errorf("got %s", wire(t, c))
	}
	if st := s.desk.Stats(); st.Opened != 1 || st.ClosedTotal != 2 || st.Reopened != 1 || st.Open != 0 || st.Closed != 1 {
		t.Errorf("stats %+v", st)
	}
	audit := 0
	for _, a := range s.desk.Take().Audit {
		if audit++; a.Seq != int64(audit) || a.Who != "anna" {
			t.Errorf("audit %+v", a)
		}
	}
	if audit != 12 {
		t.Errorf("%d entries of the audit log, want 12: one for each update", audit)
	}
}

// Question 6 knows of a change soon after it was recorded, tenants don't know
// of each other's.
func TestDeskChanges(t *testing.T) {
	s := newDeskScene(t)
	s.faulty("f1", "trunk-b", High, SignalLoss)
	s.tell()
	s.do(Command{Kind: CommandOpen, Subject: "crackling"})
	s.do(Command{Kind: CommandOpen, Subject: "silence", Tenant: "other-tenant"})
	s.desk.Take()
	if c := s.do(Command{Kind: CommandChange, Text: "SBC 2 upgraded", Tenant: "acme", At: s.now.Add(-time.Hour)}); c != nil {
		t.Errorf("a change has no case: %v", c)
	}
	s.desk.Seen(s.now, []NetworkChange{{At: s.now, Text: "a new codec", Segment: "trunk-b", Tenant: "acme"}})
	j := s.desk.Take()
	if len(j.Changes) != 2 || j.Changes[0].ID != 1 || j.Changes[0].Author != "anna" || j.Changes[0].Seen || j.Changes[1].ID != 2 || j.Changes[1].Author != MonitorAuthor || !j.Changes[1].Seen {
		t.Errorf("changes %s", wire(t, j.Changes))
	}
	if len(j.Audit) != 1 || j.Audit[0].What != "change.record" {
		t.Errorf("audit %s", wire(t, j.Audit))
	}
	s.now = s.now.Add(time.Second)
	s.see()
	j = s.desk.Take()
	if len(j.Cases) != 2 {
		t.Fatalf("%d cases know of it, want 2", len(j.Cases))
	}
	for _, c := range j.Cases {
		if !strings.Contains(c.Questions[5].Text, "SBC 2 upgraded") || len(c.Updates) != 1 {
			t.Errorf("case %d: %q", c.Number, c.Questions[5].Text)
		}
	}
	s.now = s.now.Add(time.Second)
	s.see()
	if j := s.desk.Take(); !j.Empty() {
		t.Errorf("got %s", wire(t, j))
	}
}
