package alerting

import "time"

// Command is what somebody wants of a case. What is not of its kind is left
// empty.
type Command struct {
	Kind      CommandKind   `json:"kind"`
	Case      int           `json:"case"`                 // all but change; open: an older case that the new one refers to
	Author    string        `json:"author"`               // who wants it
	Text      string        `json:"text"`                 // a note, the comment on closing, the change; the description of a case that is opened
	Tenant    string        `json:"tenant,omitempty"`     // open, change
	Segment   string        `json:"segment,omitempty"`    // open, change
	Subject   string        `json:"subject,omitempty"`    // open, update
	Severity  Severity      `json:"severity,omitempty"`   // open, update; 0 leaves it
	Assignee  string        `json:"assignee,omitempty"`   // assign, update
	SubStatus CaseSubStatus `json:"sub_status,omitempty"` // update; on closing resolved or cancelled
	At        time.Time     `json:"at,omitzero"`          // change: when it was made; zero: now
	// Set names further fields to set (open, update): owner, contact,
	// external_reference, description, business_impact, security, down, type,
	// sub_type, environment, service, segment, root_cause ("asked" wants it),
	// legal_hold. An unknown one is an error.
	Set      map[string]string `json:"set,omitempty"`
	Customer bool              `json:"customer,omitempty"` // update: the customer speaks, which stops the follow-up's clock
	Files    []Attachment      `json:"files,omitempty"`    // attach: what is kept already

	Behalf  string `json:"on_behalf_of,omitempty"` // for whom the author speaks; "": for himself
	Version int    `json:"version,omitempty"`      // Seq of the case's newest update that the author has seen: newer ones refuse the command; 0: whatever there is
	Key     string `json:"key,omitempty"`          // names this wish, so that it can be found in the audit when it comes again
}

// Signed is the author as the timeline shows him: "noc", "crm for Ms Miller".
func (c *Command) Signed() string {
	if c.Behalf == "" {
		return c.Author
	}
	return c.Author + " for " + c.Behalf
}

// CommandKind says what a command does.
type CommandKind string

// The kinds of commands.
const (
	CommandOpen     CommandKind = "open"
	CommandUpdate   CommandKind = "update"
	CommandAssign   CommandKind = "assign"
	CommandEscalate CommandKind = "escalate"
	CommandClose    CommandKind = "close"
	CommandReopen   CommandKind = "reopen"
	CommandAttach   CommandKind = "attach" // files, by their sums
	CommandChange   CommandKind = "change" // records a NetworkChange
)

// Journal is everything that one step of the desk changed: it is kept as a
// whole or not at all, and keeping it twice is the same as once.
type Journal struct {
	Cases   []*Case          // as they are now
	Changes []*NetworkChange // new ones
	Audit   []AuditEntry     // new ones
	Foreign []*ForeignAlert  // new ones, and those that ended; the later ones of a key count
}

// Empty reports that nothing changed.
func (j *Journal) Empty() bool {
	return len(j.Cases) == 0 && len(j.Changes) == 0 && len(j.Audit) == 0 && len(j.Foreign) == 0
}

// Memory is what a desk begins with: what was kept of an earlier one.
type Memory struct {
	Cases      []*Case          // open ones, and those closed lately
	Changes    []*NetworkChange // of late
	Foreign    []*ForeignAlert  // that fire, and that ended lately
	NextCase   int              // the next number; 0 is 1
	NextChange int64
	NextAudit  int64
}
