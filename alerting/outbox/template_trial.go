package outbox

import (
	"time"

	"earshot/alerting"
)

// trialCases are what a template is tried with before it is used: a case that
// was measured, one that a person opened and that has next to nothing, and
// several that are summed up.
func trialCases() []*Content {
	at := time.Date(2026, 1, 6, 10, 3, 0, 0, time.UTC)
	full := &alerting.Case{
		Number: 17, Tenant: "acme", Service: "voice", Environment: "production", Type: alerting.TypeSupport, SubType: alerting.SubTypeProblem,
		Severity: alerting.High, Subject: "Packet loss with G729 in segment trunk-b", Description: "Streams lose packets.",
		Business: "Affected: 87 of 102 calls.", Impact: alerting.Impact{Calls: 87, CallsTotal: 102, Users: 70, Sites: []string{"berlin"}, Share: 0.85},
		FirstSeen: at.Add(-time.Hour), LastSeen: at.Add(-time.Minute), Segment: "trunk-b", Segments: []string{"trunk-b"},
		Owner: "carrier-b", Assignee: "ada", Contact: "noc", Reference: "INC-1", Status: alerting.StatusOpen, SubStatus: alerting.SubNew, Opened: at.Add(-time.Hour),
		Questions:   []alerting.Answer{{Number: 1, Question: "What happens, in detail?", Text: "Streams lose packets.", Known: true}},
		Examples:    []alerting.Example{{Call: "7b2bbd942067fb28", At: at}},
		Good:        []alerting.Example{{Call: "5aefd022e0f67d45", At: at}},
		Clocks:      []alerting.CaseClock{{Goal: "response", State: "running", Target: "2 bh", Due: at.Add(time.Hour)}},
		Updates:     []alerting.Update{{Seq: 1, At: at, Author: alerting.MonitorAuthor, Kind: alerting.UpdateOpened, Text: "Opened by measurement."}},
		Related:     []alerting.Relation{{Number: 3, Why: "same segment"}},
		Attachments: []alerting.Attachment{{Name: "evidence-1.zip", Bytes: 1000, SHA256: "00"}},
	}
	bare := &alerting.Case{Number: 18, Severity: alerting.Low, Subject: "Crackling", Status: alerting.StatusOpen, Opened: at}
	return []*Content{
		{Case: full, Link: "https://probe.example/", Note: "It is over.", At: at},
		{Case: bare, At: at},
		{Cases: []*alerting.Case{full, bare}, At: at},
	}
}
