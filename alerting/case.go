package alerting

import "time"

// Case is one problem and everything that is known of it: what a support desk
// works on. It is immutable once it was given out; a change makes another one.
type Case struct {
	Number      int          `json:"number"`
	Tenant      string       `json:"tenant"`
	Service     string       `json:"service"`     // affected, as "voice"
	Environment string       `json:"environment"` // "production", "development"
	Type        CaseType     `json:"type"`
	SubType     CaseSubType  `json:"sub_type"`
	Severity    Severity     `json:"severity"`
	Measured    Severity     `json:"measured_severity"` // the worst that was measured; "none" of a case opened by hand
	Security    bool         `json:"security"`          // it may be a threat to security
	Down        bool         `json:"down"`              // production is down
	Subject     string       `json:"subject"`
	Description string       `json:"description"`
	Business    string       `json:"business_impact"`
	Impact      Impact       `json:"impact"`
	FirstSeen   time.Time    `json:"first_seen,omitzero"`
	LastSeen    time.Time    `json:"last_seen,omitzero"`
	Occurrences []FaultSpell `json:"occurrences"`
	Earlier     int          `json:"earlier_occurrences"` // how many of them are of faults before the last of Faults
	Spells      int          `json:"fault_spells"`        // how many spells of that one are told

	Segment   string   `json:"segment"`  // where the fault arises; "" undetermined
	Segments  []string `json:"segments"` // all where it arises, the most affected first
	Factors   []Factor `json:"factors"`
	Owner     string   `json:"owner"` // the party that answers for the segment
	Assignee  string   `json:"assignee"`
	Contact   string   `json:"contact"`
	Reference string   `json:"external_reference"`

	Status    CaseStatus    `json:"status"`
	SubStatus CaseSubStatus `json:"sub_status"`
	Opened    time.Time     `json:"opened"`
	Modified  time.Time     `json:"modified"`
	Restored  time.Time     `json:"restored,omitzero"` // zero: it is not, as far as measured
	Closed    time.Time     `json:"closed,omitzero"`
	Closure   string        `json:"closure"` // the comment on closing

	Faults      []FaultID    `json:"faults"` // that it is about; none: it was opened by hand
	Signals     []Signal     `json:"signals"`
	Alerts      []string     `json:"alerts"` // fingerprints
	Questions   []Answer     `json:"questions"`
	Examples    []Example    `json:"examples"`
	Good        []Example    `json:"good"`
	Contrast    []Contrast   `json:"contrast"`
	Course      Course       `json:"course"` // of the fault that it was about last
	Proof       Proof        `json:"proof"`
	Related     []Relation   `json:"related"`
	Updates     []Update     `json:"updates"` // the timeline, in order
	Attachments []Attachment `json:"attachments"`
	Maintenance string       `json:"maintenance"` // the window that it arose in, "" where none
	Hold        bool         `json:"legal_hold"`
	Probe       bool         `json:"probe"`               // about the probe itself, not the network
	RefersTo    int          `json:"refers_to"`           // an older case about the same problem, closed too long ago to be reopened; 0: none
	Foreign     *ForeignCase `json:"foreign,omitempty"`   // it is about another system's alerts
	RootCause   string       `json:"root_cause"`          // as far as somebody said; "asked" while an answer is wanted
	Key         string       `json:"key"`                 // of the command that opened it: the same one opens no other; "" where none
	FiguresAt   time.Time    `json:"figures_at,omitzero"` // as of when what was measured is told
	ChangesTo   int64        `json:"changes_to"`          // ID of the last change of the network that the answers know of

	Events   []CaseEvent `json:"events"` // what its clocks go by
	FollowUp Following   `json:"follow_up"`
	Clocks   []CaseClock `json:"clocks"` // as of the reading; not kept
}

// CaseType is what is wanted.
type CaseType string

// The types of cases.
const (
	TypeSupport CaseType = "support"
	TypeService CaseType = "service_request"
	TypeAdmin   CaseType = "admin"
)

// CaseSubType is the kind of a support case.
type CaseSubType string

// The sub-types.
const (
	SubTypeProblem CaseSubType = "problem"
	SubTypeInquiry CaseSubType = "inquiry"
)

// CaseStatus says whether a case is worked on.
type CaseStatus string

// The states.
const (
	StatusOpen   CaseStatus = "open"
	StatusClosed CaseStatus = "closed"
)

// CaseSubStatus is how far the work is.
type CaseSubStatus string

// The sub-states: the last two are of closed cases.
const (
	SubNew           CaseSubStatus = "new"
	SubInvestigation CaseSubStatus = "investigation"
	SubAwaiting      CaseSubStatus = "awaiting_customer"
	SubProposed      CaseSubStatus = "solution_proposed"
	SubRestored      CaseSubStatus = "restored"
	SubResolved      CaseSubStatus = "resolved"
	SubCancelled     CaseSubStatus = "cancelled"
)

// Answer is one of the eight questions that support asks about every case,
// answered from what was measured.
type Answer struct {
	Number   int    `json:"number"` // 1 to 8
	Question string `json:"question"`
	Text     string `json:"text"`
	Known    bool   `json:"known"` // false: Text says why not, and what would tell
}

// Relation is another case that has to do with this one.
type Relation struct {
	Number int    `json:"number"`
	Why    string `json:"why"` // "same segment, 12 days before"
}

// Update is one entry of the timeline.
type Update struct {
	Seq    int           `json:"seq"` // from 1
	At     time.Time     `json:"at"`
	Author string        `json:"author"` // MonitorAuthor, or a person
	Kind   UpdateKind    `json:"kind"`
	Text   string        `json:"text"`
	Fields []FieldChange `json:"fields,omitempty"`
}

// MonitorAuthor signs what the monitor does by itself.
const MonitorAuthor = "earshot"

// FieldChange is what an update changed.
type FieldChange struct {
	Field string `json:"field"` // as in the JSON
	From  string `json:"from"`
	To    string `json:"to"`
}

// UpdateKind says what an update is.
type UpdateKind string

// The kinds of updates.
const (
	UpdateOpened      UpdateKind = "opened"
	UpdateMeasured    UpdateKind = "measured" // the fault got another severity, more alerts, another place
	UpdateAnswered    UpdateKind = "answered" // somebody said something: a note, an answer of the customer
	UpdateChanged     UpdateKind = "changed"  // fields
	UpdateWarned      UpdateKind = "warned"   // a target is about to be missed
	UpdateBreached    UpdateKind = "breached"
	UpdateReminded    UpdateKind = "reminded"
	UpdateEscalated   UpdateKind = "escalated"
	UpdateMayEscalate UpdateKind = "may_escalate"
	UpdateRestored    UpdateKind = "restored"
	UpdateImpaired    UpdateKind = "impaired" // again
	UpdateClosed      UpdateKind = "closed"
	UpdateReopened    UpdateKind = "reopened"
	UpdateAttached    UpdateKind = "attached" // files
	UpdateSummed      UpdateKind = "summed"   // stands for older entries of the monitor; its fields count them
)

// Attachment is a file that belongs to a case.
type Attachment struct {
	Name   string    `json:"name"`
	Bytes  int64     `json:"bytes"`
	SHA256 string    `json:"sha256"`
	Added  time.Time `json:"added"`
	// Sanitised says that nothing personal is in it, because the monitor made it
	// or sanitised it. Only such a file goes to destinations.
	Sanitised bool `json:"sanitised"`
}

// Following is where the follow-ups of a case stand: with the case they make
// the Situation that timers go by.
type Following struct {
	Awaiting    time.Time   `json:"awaiting,omitzero"`     // since when the customer is awaited; zero: not
	Reminded    []time.Time `json:"reminded"`              // since then
	Updated     time.Time   `json:"updated,omitzero"`      // the last update by a person or of what is measured
	Escalated   time.Time   `json:"escalated,omitzero"`    // zero: never
	MayEscalate time.Time   `json:"may_escalate,omitzero"` // told so
	RootCause   bool        `json:"root_cause"`            // it is known, or was asked for
	Warned      []string    `json:"warned"`                // goals with the target that a breach was warned of: "restoration 4 h"
	Breached    []string    `json:"breached"`              // goals whose breach was told
}

// CaseClock is one target of a case as of its reading.
type CaseClock struct {
	Goal     string    `json:"goal"` // "response", "restoration", "resolution"
	State    string    `json:"state"`
	Target   string    `json:"target"` // "15 min", "none"
	Due      time.Time `json:"due,omitzero"`
	WarnAt   time.Time `json:"warn_at,omitzero"`
	Breached time.Time `json:"breached,omitzero"`
	Ended    time.Time `json:"ended,omitzero"`
	Elapsed  string    `json:"elapsed"`
}

// NetworkChange is a change that somebody recorded, or that was seen on the wire:
// what question 6 asks for.
type NetworkChange struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Author  string    `json:"author"` // MonitorAuthor where it was seen on the wire
	Text    string    `json:"text"`
	Tenant  string    `json:"tenant"`  // "": all
	Segment string    `json:"segment"` // "": all
	Seen    bool      `json:"seen"`    // on the wire
}

// AuditEntry is who changed what, and when.
type AuditEntry struct {
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	What   string    `json:"what"`   // as "case.close"
	Case   int       `json:"case"`   // 0: none
	Detail string    `json:"detail"` // JSON of the command or of the changed fields; no secrets
}
