package alerting

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// How far from the beginning of a fault a change may lie to be told of.
const (
	changeBefore = 14 * 24 * time.Hour
	changeAfter  = 10 * time.Minute // what was noticed late may have been the cause
	maxChanges   = 6
)

// wireKinds are the changes that are seen on the wire.
const wireKinds = "a new address of a peer, another codec, packet time, marking (DSCP), TTL or user agent, and the loss of a usual one"

// changesOf answers the sixth question: what changed before a case's fault
// began, the nearest first.
func changesOf(c *Case, began time.Time, changes []*NetworkChange) said {
	var list []*NetworkChange
	for _, n := range changes {
		if concerns(n, c) && n.At.After(began.Add(-changeBefore)) && n.At.Before(began.Add(changeAfter)) {
			list = append(list, n)
		}
	}
	if len(list) == 0 {
		return untold("Nothing is known to have changed in the "+saySpan(changeBefore)+" before.",
			"Looked for on the wire: "+wireKinds+"; and for changes that people record (earshot change add TEXT).",
			"What would tell: whoever answers for the segment, about updates, new equipment and new routes.")
	}
	slices.SortStableFunc(list, func(a, b *NetworkChange) int {
		return cmp.Or(cmp.Compare(a.At.Sub(began).Abs(), b.At.Sub(began).Abs()), cmp.Compare(a.ID, b.ID))
	})
	list, segments := alike(list)
	var lines []string
	for i, n := range list[:min(len(list), maxChanges)] {
		lines = append(lines, "- "+changeLine(n, segments[i], began))
	}
	if more := len(list) - maxChanges; more > 0 {
		lines = append(lines, "- and "+sayMany(more, "change")+" further back")
	}
	return told(append([]string{"Changes, the nearest to the beginning first:"}, lines...)...)
}

// concerns reports whether a change may have to do with a case.
func concerns(n *NetworkChange, c *Case) bool {
	if n.Tenant != "" && c.Tenant != "" && n.Tenant != c.Tenant {
		return false
	}
	undetermined := c.Segment == "" && len(c.Segments) == 0
	return n.Segment == "" || undetermined || n.Segment == c.Segment || slices.Contains(c.Segments, n.Segment)
}

// alike joins changes of the same words within an hour, as those of one
// sender that is heard in several segments; segments are those of each.
func alike(list []*NetworkChange) (joined []*NetworkChange, segments [][]string) {
	for _, n := range list {
		i := slices.IndexFunc(joined, func(m *NetworkChange) bool {
			return m.Text == n.Text && m.Seen && n.Seen && m.At.Sub(n.At).Abs() <= time.Hour
		})
		if i < 0 {
			joined, segments = append(joined, n), append(segments, nil)
			i = len(joined) - 1
		}
		if n.Segment != "" && !slices.Contains(segments[i], n.Segment) {
			segments[i] = append(segments[i], n.Segment)
		}
	}
	return joined, segments
}

// changeLine is "12 min before (2026-01-06 08:38 UTC): SBC 2 upgraded. Recorded by ann."
func changeLine(n *NetworkChange, segments []string, began time.Time) string {
	away := "at the same time"
	switch d := began.Sub(n.At); {
	case d >= time.Second:
		away = saySpan(d) + " before"
	case d <= -time.Second:
		away = saySpan(-d) + " after the first trouble"
	}
	text := away + " (" + sayTime(n.At) + "): " + sentence(strings.Join(strings.Fields(n.Text), " "))
	if n.Seen {
		text += " Seen on the wire"
	} else {
		text += " Recorded by " + n.Author
	}
	if len(segments) > 0 {
		text += ", " + sayNoun(len(segments), "segment") + " " + saySome(segments, 5)
	}
	return text + "."
}
