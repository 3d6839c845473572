package alerting

import (
	"fmt"
	"slices"
	"strings"

	"earshot/spelling"
)

// happeningNames are the happenings as they are kept.
var happeningNames = [...]string{
	CaseOpened: "opened", SeverityChanged: "severity_changed", CaseAnswered: "answered",
	CustomerAwaited: "customer_awaited", CustomerAnswered: "customer_answered",
	MaintenanceBegan: "maintenance_began", MaintenanceEnded: "maintenance_ended",
	ServiceRestored: "restored", ServiceImpaired: "impaired", CauseResolved: "cause_resolved",
	CaseClosed: "closed", CaseCancelled: "cancelled", CaseReopened: "reopened",
}

// String returns the name, as "customer_awaited".
func (h Happening) String() string {
	if int(h) < len(happeningNames) {
		return happeningNames[h]
	}
	return fmt.Sprintf("happening %d", uint8(h))
}

// MarshalText gives the name.
func (h Happening) MarshalText() ([]byte, error) {
	if int(h) >= len(happeningNames) {
		return nil, fmt.Errorf("alerting: %d is no happening of a case", uint8(h))
	}
	return []byte(h.String()), nil
}

// UnmarshalText reads what MarshalText gives.
func (h *Happening) UnmarshalText(text []byte) error {
	i := slices.Index(happeningNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is nothing that happens to a case: want one of %s%s",
			text, strings.Join(happeningNames[:], ", "), spelling.Hint(string(text), happeningNames[:]))
	}
	*h = Happening(i)
	return nil
}
