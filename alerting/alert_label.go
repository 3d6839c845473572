package alerting

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Label is a name with a text.
type Label struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// The labels that every alert has, in the words of Prometheus. The severity is
// a label for those who read alerts, and no part of what identifies them.
const (
	labelAlert    = "alertname"
	labelSignal   = "signal"
	labelSeverity = "severity"
)

// Fingerprint identifies an alert by its labels.
type Fingerprint uint64

// String returns 16 hex digits.
func (f Fingerprint) String() string { return fmt.Sprintf("%016x", uint64(f)) }

// MarshalText gives the hex digits.
func (f Fingerprint) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads 16 hex digits.
func (f *Fingerprint) UnmarshalText(text []byte) error {
	n, err := strconv.ParseUint(string(text), 16, 64)
	if err != nil || len(text) != 16 {
		return fmt.Errorf("%q is no fingerprint: want 16 hex digits", text)
	}
	*f = Fingerprint(n)
	return nil
}

// fingerprint hashes sorted labels as Prometheus does: FNV-1a over names and
// values, each ended by an octet that UTF-8 never has.
func fingerprint(labels []Label) Fingerprint {
	h := uint64(14695981039346656037)
	put := func(s string) {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	for _, l := range labels {
		put(l.Name)
		put(l.Value)
	}
	return Fingerprint(h)
}

// sortedLabels lists a map by name.
func sortedLabels(m map[string]string) []Label {
	var list []Label
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, Label{name, m[name]})
	}
	return list
}

// labels are those of a rule's alert with the values of its dimensions, which
// come in the order of r.By.
func (r *Rule) labels(values []string) []Label {
	list := append(sortedLabels(r.Labels), Label{labelAlert, r.Name}, Label{labelSignal, string(r.Signal)})
	for i, dim := range r.By {
		list = append(list, Label{string(dim), values[i]})
	}
	slices.SortFunc(list, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// Label returns the value of an alert's label, "" where it has none.
func (a *Alert) Label(name string) string {
	for _, l := range a.Labels {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}
