package alerting

import (
	"strings"
	"testing"
	"time"
)

func TestChangesOf(t *testing.T) {
	began := sceneAt("09:00:00")
	c := &Case{Tenant: "acme", Segment: "trunk-b"}
	at := func(d time.Duration, text, tenant, segment string) *NetworkChange {
		return &NetworkChange{At: began.Add(d), Author: "ann", Text: text, Tenant: tenant, Segment: segment}
	}
	got := changesOf(c, began, []*NetworkChange{
		at(-13*24*time.Hour, "router replaced", "acme", ""),
		at(-15*24*time.Hour, "too long ago", "", ""),
		at(-time.Minute, "of others", "b", ""),
		at(-time.Minute, "elsewhere", "", "trunk-a"),
		at(5*time.Minute, "route changed", "", "trunk-b"),
		at(11*time.Minute, "too late", "", "trunk-b"),
		at(-2*time.Hour, "two\nlines", "", ""),
	})
	want := `Changes, the nearest to the beginning first:
- 5 min after the first trouble (2026-01-06 09:05 UTC): route changed. Recorded by ann, segment trunk-b.
- 2 h before (2026-01-06 07:00 UTC): two lines. Recorded by ann.
- 13 days before (2025-12-24 09:00 UTC): router replaced. Recorded by ann.`
	if got.text != want || !got.known {
		t.Errorf("got %t\n%s\nwant\n%s", got.known, got.text, want)
	}
}

// What changed alike in several segments is one line, and there are not too many.
func TestChangesTogether(t *testing.T) {
	began := sceneAt("09:00:00")
	var list []*NetworkChange
	for i, segment := range []string{"berlin", "hamburg", "munich"} {
		list = append(list, &NetworkChange{ID: int64(i), At: began.Add(-time.Duration(10+i) * time.Minute), Seen: true, Text: "peer sbc: TTL 60 instead of 61", Segment: segment})
	}
	got := changesOf(&Case{}, began, list)
	if want := "Changes, the nearest to the beginning first:\n- 10 min before (2026-01-06 08:50 UTC): peer sbc: TTL 60 instead of 61. Seen on the wire, segments berlin, hamburg and munich."; got.text != want {
		t.Errorf("got %s\nwant %s", got.text, want)
	}
	for i := range 9 {
		list = append(list, &NetworkChange{At: began.Add(-time.Duration(i+1) * time.Hour), Author: "ann", Text: strings.Repeat("x", i+1)})
	}
	if got := changesOf(&Case{}, began, list); !strings.HasSuffix(got.text, "\n- and 4 changes further back") {
		t.Errorf("got %s\nwant 6 lines and 4 more", got.text)
	}
}
