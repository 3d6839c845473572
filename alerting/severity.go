package alerting

import (
	"fmt"
	"strings"

	"earshot/spelling"
)

// Severity says how much a fault hurts the business; 1 is the worst.
type Severity uint8

// The severities. Low is that of a case opened by hand; 0 is no severity.
const (
	Critical Severity = iota + 1 // severe impact, the service is disrupted
	High                         // the service runs; moderate impact
	Medium                       // the service runs; small, immaterial impact
	Low                          // no impact, or a question

	Severities = iota + 1 // one more than the last: for tables by severity
)

var severityNames = [Severities]string{"none", "critical", "high", "medium", "low"}

// String returns the name: "critical", "high", "medium", "low".
func (s Severity) String() string {
	if s < Severities {
		return severityNames[s]
	}
	return fmt.Sprintf("severity %d", uint8(s))
}

// Valid reports whether s is one of the four.
func (s Severity) Valid() bool { return s >= Critical && s < Severities }

// ParseSeverity reads a name in any case, or the number 1 to 4.
func ParseSeverity(text string) (Severity, error) {
	for s := Critical; s < Severities; s++ {
		if strings.EqualFold(text, severityNames[s]) || text == fmt.Sprint(uint8(s)) {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%q is no severity: want %s, or 1 to 4%s",
		text, strings.Join(severityNames[1:], ", "), spelling.Hint(text, severityNames[1:]))
}

// MarshalText gives the name.
func (s Severity) MarshalText() ([]byte, error) {
	if !s.Valid() && s != 0 {
		return nil, fmt.Errorf("alerting: %d is no severity, want 1 to 4", uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what ParseSeverity reads, and "none".
func (s *Severity) UnmarshalText(text []byte) error {
	if string(text) == severityNames[0] {
		*s = 0
		return nil
	}
	parsed, err := ParseSeverity(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
