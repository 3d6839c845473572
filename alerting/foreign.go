package alerting

import "time"

// ForeignAlert is an alert of another system, as it was told. What it is known
// by is its source, its fingerprint and when it started: one that starts again
// is another one.
type ForeignAlert struct {
	Source      string            `json:"source"` // the system: "alertmanager"
	Group       string            `json:"group"`  // what the source says belongs together
	Fingerprint string            `json:"fingerprint"`
	Starts      time.Time         `json:"starts"`
	Ends        time.Time         `json:"ends,omitzero"` // zero while it fires
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	URL         string            `json:"url"` // where the source shows it

	Severity Severity `json:"severity"`
	Tenant   string   `json:"tenant"`  // as its labels say; "" they do not
	Segment  string   `json:"segment"` // the same
	Case     int      `json:"case"`    // that it belongs to; 0: it waits for the end of maintenance
}

// ForeignCase says what a case of another system's alerts stands on.
type ForeignCase struct {
	Source   string `json:"source"`
	Group    string `json:"group"`    // "" of a case that sums up a storm
	Storm    bool   `json:"storm"`    // it holds the alerts of many groups, which came at once
	Alerts   int    `json:"alerts"`   // that were ever taken into it
	Firing   int    `json:"firing"`   // of them
	Told     int    `json:"told"`     // as of the last entry of the timeline
	Restored bool   `json:"restored"` // it was the source that said so
}

// ForeignTaken says what became of the alerts of one telling.
type ForeignTaken struct {
	New     int   `json:"new"`     // alerts that were taken into a case
	Known   int   `json:"known"`   // told before
	Ended   int   `json:"ended"`   // fire no more
	Waiting int   `json:"waiting"` // for the end of maintenance
	Ours    int   `json:"ours"`    // Earshot's own, come back
	Cases   []int `json:"cases"`   // that they belong to
}

// Bounds of what is kept of a foreign alert, in octets and entries.
const (
	maxForeignText   = 2000
	maxForeignLabels = 64
)

// foreignKey is what a foreign alert is known by.
type foreignKey struct {
	source, fingerprint string
	starts              int64
}

func (a *ForeignAlert) key() foreignKey {
	return foreignKey{a.Source, a.Fingerprint, a.Starts.UnixNano()}
}

// name is what an alert is called.
func (a *ForeignAlert) name() string {
	for _, key := range []string{"summary", "title", "message"} {
		if s := oneLine(a.Annotations[key]); s != "" {
			return s
		}
	}
	if s := oneLine(a.Labels["alertname"]); s != "" {
		return s
	}
	return "alert " + a.Fingerprint
}
