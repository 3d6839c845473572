package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"earshot/alerting"
)

// caseFact is one line of what a case is.
type caseFact struct {
	name, text string
	color      color
}

// caseFacts are what a case is and how it stands; lines that have nothing to
// say are left out.
func caseFacts(c *alerting.Case, now time.Time) []caseFact {
	var list []caseFact
	add := func(name, text string) {
		if text != "" {
			list = append(list, caseFact{name: name, text: clean(text, maxProse)})
		}
	}
	list = append(list, caseFact{"status", caseMark(c) + clean(caseStatus(c), maxText), urgency(c.Severity)})
	add("owner", caseOwner(c))
	add("tenant", caseTenant(c))
	add("place", casePlace(c))
	add("trouble", caseTrouble(c))
	add("affected", caseImpact(c))
	if !c.Opened.IsZero() {
		add("opened", caseTime(c.Opened)+", "+caseSpan(now.Sub(c.Opened))+" ago")
	}
	if !c.Closed.IsZero() {
		add("closed", caseTime(c.Closed)+": "+c.Closure)
	}
	add("root cause", rootCause(c))
	add("reference", c.Reference)
	add("window", c.Maintenance)
	if c.RefersTo != 0 {
		add("refers to", fmt.Sprintf("case %d, the same problem before", c.RefersTo))
	}
	if c.Security {
		add("security", "it may be a threat to security")
	}
	if c.Hold {
		add("legal hold", "nothing of this case is deleted")
	}
	return list
}

// caseMark says without colour how urgent an open case is.
func caseMark(c *alerting.Case) string {
	if c.Status == alerting.StatusClosed {
		return ""
	}
	switch urgency(c.Severity) {
	case bad:
		return "! "
	case fair:
		return "~ "
	}
	return ""
}

// caseStatus is the severity and the state: "high, open (restored)".
func caseStatus(c *alerting.Case) string {
	text := c.Severity.String() + ", " + strings.ReplaceAll(string(c.Status), "_", " ")
	if c.SubStatus != "" {
		text += " (" + strings.ReplaceAll(string(c.SubStatus), "_", " ") + ")"
	}
	if c.Down {
		text += ", production is down"
	}
	if c.Measured.Valid() && c.Measured != c.Severity {
		text += "; measured: " + c.Measured.String()
	}
	return text
}

func caseOwner(c *alerting.Case) string {
	text := cmp.Or(c.Owner, "nobody yet")
	if c.Contact != "" {
		text += ", contact " + c.Contact
	}
	if c.Assignee != "" {
		text += ", assigned to " + c.Assignee
	}
	return text
}

func caseTenant(c *alerting.Case) string {
	var parts []string
	for _, v := range []string{c.Tenant, c.Service, c.Environment} {
		if v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, ", ")
}

// casePlace is where it arises, and what the affected have in common.
func casePlace(c *alerting.Case) string {
	if c.Probe {
		return "the probe itself"
	}
	var parts []string
	switch {
	case c.Segment != "":
		parts = append(parts, "segment "+c.Segment)
	case len(c.Segments) > 1:
		parts = append(parts, "segments "+joined(c.Segments, 6))
	}
	for _, f := range c.Factors {
		if f.Name != alerting.FactorSegment {
			parts = append(parts, strings.ReplaceAll(string(f.Name)+" "+f.Value, "_", " "))
		}
	}
	if len(parts) == 0 && len(c.Faults) > 0 {
		return "undetermined"
	}
	return strings.Join(parts, ", ")
}

// caseTrouble is when it occurred, as far as known.
func caseTrouble(c *alerting.Case) string {
	if c.FirstSeen.IsZero() {
		return ""
	}
	text := "since " + caseTime(c.FirstSeen)
	if n := len(c.Occurrences); n > 1 {
		text += fmt.Sprintf(", %d spells", n)
	}
	if !c.Restored.IsZero() {
		return text + ", restored " + caseTime(c.Restored)
	}
	if !c.LastSeen.IsZero() && len(c.Faults) > 0 {
		text += ", goes on; seen last " + caseTime(c.LastSeen)
	}
	return text
}

// caseImpact is how much is affected.
func caseImpact(c *alerting.Case) string {
	i, noun := &c.Impact, "call"
	if len(c.Signals) > 0 && (c.Signals[0] == alerting.SignalRegistrationRate || c.Signals[0] == alerting.SignalRegistrationsFailed) {
		noun = "registration"
	}
	var parts []string
	if i.CallsTotal > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s", count(uint64(i.Calls)), plural(uint64(i.CallsTotal), noun)))
	}
	if i.Users > 0 {
		parts = append(parts, plural(uint64(i.Users), "user"))
	}
	if n := len(i.Sites); n > 0 {
		parts = append(parts, plural(uint64(n), "site")+": "+joined(i.Sites, 6))
	}
	return strings.Join(parts, "; ")
}

func rootCause(c *alerting.Case) string {
	if c.RootCause == "asked" {
		return "asked for"
	}
	return c.RootCause
}
