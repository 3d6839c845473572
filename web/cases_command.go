package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"earshot/alerting"
)

// caseActions are the commands of POST /api/v1/cases/NUMBER/ACTION.
var caseActions = []alerting.CommandKind{
	alerting.CommandUpdate, alerting.CommandAssign, alerting.CommandEscalate, alerting.CommandClose, alerting.CommandReopen,
}

// The further fields that opening and updating may set: texts, and what is true
// or false.
var (
	setTexts = []string{"owner", "contact", "external_reference", "business_impact", "type", "sub_type", "environment", "service", "root_cause"}
	setFlags = []string{"security", "down", holdName}
)

// holdName is the field that suspends deletion: an administrator's business.
const holdName = "legal_hold"

// commandBody says what the body of a command may hold, and what it must.
func commandBody(c *alerting.Command) (keys []bodyKey, required []string) {
	severity, assignee := severityKey(&c.Severity), lineKey("assignee", &c.Assignee)
	text, sub := proseKey("text", &c.Text), lineKey("sub_status", (*string)(&c.SubStatus))
	tenant, segment, subject := lineKey("tenant", &c.Tenant), lineKey("segment", &c.Segment), lineKey("subject", &c.Subject)
	switch c.Kind {
	case alerting.CommandOpen:
		keys, required = []bodyKey{subject, text, tenant, segment, severity, assignee, numberKey("refers_to", &c.Case)}, []string{"subject"}
	case alerting.CommandUpdate:
		keys = []bodyKey{text, flagKey("customer", &c.Customer), subject, severity, assignee, sub, setTextKey("segment", &c.Set), setTextKey("description", &c.Set)}
	case alerting.CommandAssign:
		keys, required = []bodyKey{assignee, text}, []string{"assignee"}
	case alerting.CommandEscalate:
		keys = []bodyKey{text}
	case alerting.CommandClose:
		keys, required = []bodyKey{text, sub}, []string{"text"}
	case alerting.CommandReopen:
		keys, required = []bodyKey{text}, []string{"text"}
	case alerting.CommandChange:
		keys, required = []bodyKey{text, tenant, segment, timeKey("at", &c.At)}, []string{"text"}
	}
	if c.Kind == alerting.CommandOpen || c.Kind == alerting.CommandUpdate {
		for _, name := range setTexts {
			keys = append(keys, setTextKey(name, &c.Set))
		}
		for _, name := range setFlags {
			keys = append(keys, setFlagKey(name, &c.Set))
		}
	}
	if changes(c) {
		keys = append(keys, numberKey("version", &c.Version))
	}
	return append(keys, lineKey("author", &c.Behalf)), required
}

// changes reports whether a command is about a case that there is.
func changes(c *alerting.Command) bool {
	return c.Kind != alerting.CommandOpen && c.Kind != alerting.CommandChange
}

// readCommand reads a command from a request's body.
func readCommand(r *http.Request, c *alerting.Command) error {
	keys, required := commandBody(c)
	given, err := readBody(r.Body, keys)
	if err != nil {
		return err
	}
	for _, name := range required {
		if !slices.Contains(given, name) {
			return fmt.Errorf("there is no %q, and %s needs one", name, c.Kind)
		}
	}
	idle := func(name string) bool { return name == "author" || name == "version" }
	if c.Kind == alerting.CommandUpdate && len(slices.DeleteFunc(given, idle)) == 0 {
		return errors.New("the body names nothing to update")
	}
	return nil
}
