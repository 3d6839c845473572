package alerting

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"earshot/spelling"
)

// State is where an alert is in its life.
type State uint8

// The states. An alert that was pending and did not come to fire is inactive
// again, and so is one whose rule was taken away: nothing is known of its end.
const (
	Inactive State = iota
	Pending        // the measure is beyond its bound, not for long enough yet
	Firing
	Resolved // comparable traffic was good for long enough
)

var stateNames = [...]string{Inactive: "inactive", Pending: "pending", Firing: "firing", Resolved: "resolved"}

// String returns "inactive", "pending", "firing" or "resolved".
func (s State) String() string { return stateNames[s] }

// MarshalText gives the name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a name.
func (s *State) UnmarshalText(text []byte) error {
	i := slices.Index(stateNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is no state of an alert: want %s%s", text, strings.Join(stateNames[:], ", "), spelling.Hint(string(text), stateNames[:]))
	}
	*s = State(i)
	return nil
}

// Change is one step in the life of an alert.
type Change struct {
	At    time.Time `json:"at"` // packet time
	From  State     `json:"from"`
	To    State     `json:"to"` // From and To are both Firing where only the severity rose
	Cause Cause     `json:"cause"`
	Alert Alert     `json:"alert"` // as of now
}

// Cause says why an alert changed.
type Cause string

// The causes.
const (
	CauseMeasured  Cause = "measured"     // the rule's measure
	CauseWorse     Cause = "worse"        // its impact reached a higher severity
	CauseNoData    Cause = "no_data"      // it was pending, and what it was measured on ended
	CauseRuleEnded Cause = "rule_changed" // the rule is another one now, or none
)

// Alert is one rule's fault at one set of labels, which its fingerprint
// identifies: what comes again later is the same alert.
type Alert struct {
	Fingerprint Fingerprint `json:"fingerprint"`
	Rule        string      `json:"rule"`
	Signal      Signal      `json:"signal"`
	Labels      []Label     `json:"labels"`      // sorted by name
	Annotations []Label     `json:"annotations"` // sorted by name, with their placeholders filled in
	State       State       `json:"state"`
	Severity    Severity    `json:"severity"` // by the largest impact since it was pending
	NoData      bool        `json:"no_data"`  // too little traffic in the window to say anything: it keeps its state

	Started  time.Time `json:"started"`           // it became pending
	Fired    time.Time `json:"fired,omitzero"`    // zero while it is pending
	Resolved time.Time `json:"resolved,omitzero"` // zero before

	Figures  Figures   `json:"figures"`  // of the window that ends now
	Worst    Figures   `json:"worst"`    // of the window with the worst value since it was pending
	Examples []Example `json:"examples"` // the worst since it was pending, worst first
}

// Figures are what made an alert.
type Figures struct {
	Value    float64       `json:"value"`          // of the measure
	Bound    float64       `json:"bound"`          // beyond which the rule holds
	Window   time.Duration `json:"window_seconds"` // that they look back on; seconds in JSON
	Unit     string        `json:"unit"`           // what is counted: "streams", "calls", "registrations", "seconds"
	Total    int           `json:"total"`          // different ones in the window, trusted and judged
	Affected int           `json:"affected"`       // impaired ones among them
	Share    float64       `json:"share"`          // impaired part: of media time for intervals, else of the total
	Usual    float64       `json:"usual"`          // of MeasureFactor: how many there usually are in a window
}

// Example is one impaired stream or call.
type Example struct {
	Stream string    `json:"stream"` // id, "" for calls and registrations
	Call   string    `json:"call"`   // id, "" where unknown; the Call-ID of a registration
	At     time.Time `json:"at"`
	Value  float64   `json:"value"` // of the signal, 1 where it has none

	// In the examples of faults, as far as known.
	CallID string         `json:"call_id,omitempty"` // SIP Call-ID of the caller's hop
	Src    netip.AddrPort `json:"src,omitzero"`      // of the stream
	Dst    netip.AddrPort `json:"dst,omitzero"`
}

// maxExamples bounds what an alert shows.
const maxExamples = 5

// sample is an Example as it is kept: an interval's stream by its key, since
// the id costs to make.
type sample struct {
	key    streamKey // zero where there is none
	stream string
	call   string
	at     int64
	value  float64
}

// example is what is shown of a sample.
func (s *sample) example() Example {
	x := Example{Stream: s.stream, Call: s.call, At: time.Unix(0, s.at).UTC(), Value: s.value}
	if s.key != (streamKey{}) {
		x.Stream = s.key.id()
	}
	return x
}

// samples keeps the worst of a label set.
type samples struct {
	list [maxExamples]sample
	n    int
}

// offer takes a sample where it is among the worst. A stream or call is kept
// once, with its worst.
func (s *samples) offer(x *sample, below bool) {
	worse := func(a, b float64) bool { return a > b != below && a != b }
	least := 0
	for i := range s.n {
		y := &s.list[i]
		if y.key == x.key && y.stream == x.stream && y.call == x.call {
			if worse(x.value, y.value) {
				*y = *x
			}
			return
		}
		if worse(s.list[least].value, y.value) {
			least = i
		}
	}
	switch {
	case s.n < len(s.list):
		s.list[s.n] = *x
		s.n++
	case worse(x.value, s.list[least].value):
		s.list[least] = *x
	}
}

// forget drops what is older than a time.
func (s *samples) forget(before int64) {
	kept := 0
	for i := range s.n {
		if s.list[i].at >= before {
			s.list[kept] = s.list[i]
			kept++
		}
	}
	clear(s.list[kept:s.n])
	s.n = kept
}
