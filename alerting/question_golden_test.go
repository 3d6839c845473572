package alerting

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The texts under testdata/questions were read sentence by sentence against the
// scenes that make them: change them by hand.
func TestQuestionTexts(t *testing.T) {
	for _, tt := range []struct {
		name    string
		c       *Case
		f       *Fault
		changes []*NetworkChange
		now     time.Time
	}{
		{"codec-on-trunk", &Case{Severity: High, Owner: "carrier-b", Segment: "trunk-b"}, g729Fault(), g729Changes(), sceneAt("09:00:00")},
		{"user-agent-over", &Case{Severity: Medium, Owner: "customer"}, agentFault(), nil, sceneAt("10:30:00")},
		{"few-facts", &Case{Severity: Medium}, bareFault(), nil, sceneAt("09:00:00")},
		{"failed-calls", &Case{Severity: High, Owner: "carrier-a", Segment: "trunk-a"}, failedFault(), nil, sceneAt("09:00:00")},
		{"office-hours", &Case{Severity: High, Owner: "isp", Segment: "access-munich"}, hoursFault(), nil, sceneAt("12:00:00").AddDate(0, 0, 3)},
		{"storm", &Case{Severity: Medium, Owner: "customer", Segment: "access-berlin"}, stormFault(), nil, sceneAt("09:05:00")},
		{"probe", &Case{Severity: High, Probe: true}, probeFault(), nil, sceneAt("09:00:00")},
		{"by-hand", &Case{Severity: Low, Segment: "trunk-a", Opened: sceneAt("09:00:00"), Description: "Calls to +49 30 4711 crackle since this morning."}, nil, g729Changes(), sceneAt("09:05:00")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b strings.Builder
			if tt.f != nil {
				fmt.Fprintf(&b, "%s\n%s\n", subjectOf(tt.f), businessImpact(tt.f))
			}
			for _, a := range answers(tt.c, tt.f, tt.changes, tt.now) {
				fmt.Fprintf(&b, "\n%d known=%t\n%s\n", a.Number, a.Known, a.Text)
			}
			name := filepath.Join("testdata", "questions", tt.name+".txt")
			want, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got := b.String(); got != string(want) {
				t.Errorf("got other words than %s:\n%s", name, got)
			}
		})
	}
}

func g729Changes() []*NetworkChange {
	return []*NetworkChange{
		{ID: 1, At: sceneAt("08:12:00"), Author: "ann", Text: "SBC 2 upgraded to 9.1", Segment: "trunk-b"},
		{ID: 2, At: sceneAt("08:20:00"), Author: "bob", Text: "new firewall", Segment: "trunk-a"},
		{ID: 3, At: sceneAt("08:49:00"), Author: MonitorAuthor, Seen: true, Text: "peer carrier-b: new media address 203.0.113.70, 6 of 11 streams (55 %) since", Segment: "trunk-b"},
		{ID: 4, At: sceneAt("08:49:00").AddDate(0, 0, -15), Author: "ann", Text: "long ago"},
	}
}

// agentFault is jitter of one make of telephones at two sites, three times, over.
func agentFault() *Fault {
	spells := []FaultSpell{{sceneAt("08:50:00"), sceneAt("08:58:00")}, {sceneAt("09:10:00"), sceneAt("09:18:00")}, {sceneAt("09:30:00"), sceneAt("09:39:00")}}
	return &Fault{
		ID: "f2", Signals: []Signal{SignalJitter}, Severity: Medium, Began: spells[0].From, Fired: sceneAt("08:52:00"), Seen: sceneAt("09:39:00"), Over: sceneAt("09:44:00"),
		Verdict: Verdict{Segments: []string{"access-berlin", "access-hamburg"}, Direction: "from_peer", Owner: "customer", Share: 1, Reason: "in both segments only these telephones are affected"},
		Factors: []Factor{{FactorAgent, "Cisco-CP8851"}},
		Impact:  Impact{Calls: 30, CallsTotal: 240, Streams: 30, Users: 12, Sites: []string{"berlin", "hamburg"}, Share: 0.125},
		Contrast: []Contrast{
			{Factor{FactorAgent, "Cisco-CP8851"}, 30, 32}, {Factor{FactorAgent, "Polycom"}, 0, 100}, {Factor{FactorAgent, "Yealink"}, 1, 108},
			{Factor{FactorSite, "berlin"}, 18, 140}, {Factor{FactorSite, "hamburg"}, 12, 100},
		},
		Spells:   spells,
		Alerts:   []Alert{{Rule: "jitter", Signal: SignalJitter, State: Resolved, Severity: Medium, Worst: Figures{Unit: "streams", Affected: 8, Total: 60, Window: 10 * time.Minute}}},
		Levels:   []Level{{SignalJitter, 30, 61.7, 140}},
		Examples: []Example{{Stream: "s1", Call: "c1", CallID: "f81d4fae@10.1.0.7", At: sceneAt("08:51:00")}},
		Inside:   Traffic{sceneAt("08:50:00"), sceneAt("09:44:00"), 32, 30}, Outside: Traffic{sceneAt("08:50:00"), sceneAt("09:44:00"), 208, 1},
		Before: Traffic{sceneAt("08:00:00"), sceneAt("08:50:00"), 40, 0},
		Hours: []Traffic{
			{sceneAt("08:00:00"), sceneAt("08:50:00"), 40, 0}, {sceneAt("08:50:00"), sceneAt("08:58:00"), 11, 10}, {sceneAt("08:58:00"), sceneAt("09:10:00"), 10, 0},
			{sceneAt("09:10:00"), sceneAt("09:18:00"), 10, 10}, {sceneAt("09:18:00"), sceneAt("09:30:00"), 9, 0}, {sceneAt("09:30:00"), sceneAt("09:39:00"), 11, 10},
		},
		Proof: Proof{Since: sceneAt("09:39:00"), Units: 14, Affected: 0},
	}
}

// bareFault is all that an alert alone tells.
func bareFault() *Fault {
	from := sceneAt("08:50:00")
	return &Fault{
		ID: "f3", Signals: []Signal{SignalOneWay}, Severity: Medium, Began: from, Fired: sceneAt("08:50:20"), Seen: sceneAt("08:59:00"),
		Verdict: Verdict{Reason: "the affected calls pass no named segment"},
		Impact:  Impact{Calls: 5, CallsTotal: 9}, Spells: []FaultSpell{{From: from}},
		Alerts: []Alert{{Rule: "one-way-audio", Signal: SignalOneWay, State: Firing, Severity: Medium, Worst: Figures{Unit: "calls", Affected: 5, Total: 9, Window: 30 * time.Minute}}},
	}
}

// failedFault has been there for as long as anybody listened.
func failedFault() *Fault {
	from, now := sceneAt("08:05:00"), sceneAt("09:00:00")
	return &Fault{
		ID: "f4", Signals: []Signal{SignalFailedCalls, SignalSIPCause}, Severity: High, Began: from, Fired: sceneAt("08:06:00"), Seen: now,
		Verdict: Verdict{Segment: "trunk-a", Direction: "to_peer", Share: 0.96, Owner: "carrier-a", Peer: "", Reason: "its gateways answer with 503"},
		Factors: []Factor{{FactorSegment, "trunk-a"}, {FactorDirection, "to_peer"}, {FactorPeer, "carrier-a"}},
		Impact:  Impact{Calls: 40, CallsTotal: 400, Users: 33}, Spells: []FaultSpell{{From: from}},
		Alerts: []Alert{{Rule: "failed-calls", Signal: SignalFailedCalls, State: Firing, Severity: High, Worst: Figures{Unit: "calls", Affected: 40, Total: 96, Window: 30 * time.Minute}}},
		Inside: Traffic{from, now, 100, 40}, Outside: Traffic{from, now, 300, 90},
		Before: Traffic{sceneAt("08:00:00"), from, 10, 6},
		Contrast: []Contrast{
			{Factor{FactorPeer, "carrier-a"}, 40, 100}, {Factor{FactorPeer, "carrier-b"}, 90, 300},
			{Factor{FactorSite, "berlin"}, 20, 50}, {Factor{FactorSite, "munich"}, 20, 50},
		},
		Examples: []Example{{Call: "d1", CallID: "a84b4c76e66710@pc33", At: sceneAt("08:07:00")}},
	}
}

// hoursFault is late packets of three office days, at a busy access.
func hoursFault() *Fault {
	f := &Fault{
		ID: "f5", Signals: []Signal{SignalLate, SignalLossBehind}, Severity: High, Began: sceneAt("09:00:00"), Fired: sceneAt("09:02:00"), Seen: sceneAt("11:59:00").AddDate(0, 0, 3),
		Verdict:  Verdict{Segment: "access-munich", Direction: "to_peer", Share: 1, Owner: "isp", Reason: "all affected streams pass it"},
		Factors:  []Factor{{FactorSegment, "access-munich"}, {FactorDirection, "to_peer"}},
		Impact:   Impact{Calls: 900, CallsTotal: 9000, Users: 40, Sites: []string{"munich"}},
		Levels:   []Level{{SignalLate, 2, 6.25, 31}, {SignalLossBehind, 1, 2.5, 11}},
		Alerts:   []Alert{{Rule: "late-packets", Signal: SignalLate, State: Firing, Severity: High, Worst: Figures{Unit: "streams", Affected: 60, Total: 100, Window: 10 * time.Minute}}},
		Examples: []Example{{Call: "e1", At: sceneAt("09:30:00")}},
	}
	for day := range 4 {
		from, to := sceneAt("09:00:00").AddDate(0, 0, day), sceneAt("17:00:00").AddDate(0, 0, day)
		if day == 3 {
			to = time.Time{}
		}
		f.Spells = append(f.Spells, FaultSpell{from, to})
		for h := 7; h < 20 && (day < 3 || h < 12); h++ {
			at := sceneAt("00:00:00").AddDate(0, 0, day).Add(time.Duration(h) * time.Hour)
			piece := Traffic{at, at.Add(time.Hour), 20, 0}
			if h >= 9 && h < 17 {
				piece.Units, piece.Affected = 100, 33
			}
			f.Hours = append(f.Hours, piece)
		}
	}
	f.Inside = Traffic{sceneAt("09:00:00"), f.Seen, 2700, 891}
	f.Before = Traffic{sceneAt("07:00:00"), sceneAt("09:00:00"), 40, 0}
	return f
}

// stormFault is a registration storm that goes on.
func stormFault() *Fault {
	from, now := sceneAt("09:00:59"), sceneAt("09:05:00")
	return &Fault{
		ID: "f7", Signals: []Signal{SignalRegistrationRate}, Severity: Medium, Began: from, Fired: sceneAt("09:01:10"), Seen: now,
		Verdict: Verdict{Segment: "access-berlin", Share: 1, Owner: "customer"}, Factors: []Factor{{FactorSegment, "access-berlin"}},
		Impact: Impact{Calls: 944, CallsTotal: 1139, Users: 100, Sites: []string{"berlin"}}, Spells: []FaultSpell{{From: from}},
		Alerts: []Alert{{Rule: "registration-storm", Signal: SignalRegistrationRate, State: Firing, Severity: Medium, Worst: Figures{Unit: "registrations", Affected: 127, Total: 127, Usual: 1.75, Window: time.Minute}}},
		Inside: Traffic{from, now, 1139, 944}, Outside: Traffic{from, now, 137, 27},
		Examples: []Example{{Call: "96d38b@10.1.0.93", CallID: "96d38b@10.1.0.93", At: sceneAt("09:00:59")}},
	}
}

func probeFault() *Fault {
	from := sceneAt("08:40:00")
	return &Fault{
		ID: "f6", Signals: []Signal{SignalProbe}, Severity: High, Probe: true, Began: from, Fired: sceneAt("08:40:15"), Seen: sceneAt("08:59:00"), Spells: []FaultSpell{{From: from}},
		Alerts: []Alert{{Rule: "probe-loses-packets", Signal: SignalProbe, State: Firing, Severity: High, Figures: Figures{Affected: 40}, Worst: Figures{Unit: "seconds", Affected: 40, Total: 60, Window: time.Minute},
			Annotations: []Label{{"description", "7 % of the packets of 1m were lost before the probe saw them"}, {"summary", "The probe loses packets"}}}},
	}
}
