package report

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"earshot/dialog"
)

// Bounds of a ladder. Of a longer dialogue the beginning and the end are shown:
// how it was set up, and how it came to its end.
const (
	maxRungsHead = 150
	maxRungsTail = 50
	maxHosts     = 8
	maxMedia     = 16
)

// ladder is a call's messages between its hosts, ready to be drawn.
type ladder struct {
	hosts []string // columns, in order of appearance
	rungs []rung
}

// rung is one line of a ladder: a message, a stream where it began, or a word
// about what is left out.
type rung struct {
	at       dialog.Time
	offset   float64 // ms from the first rung
	delta    float64 // ms from the rung before
	from, to int     // columns; equal: told without an arrow
	kind     rungKind
	label    string
	detail   string
	resent   bool
}

// rungKind says how a rung is drawn.
type rungKind uint8

const (
	rungRequest rungKind = iota
	rungProvisional
	rungSuccess
	rungRedirect
	rungFailure
	rungMedia
	rungNote
)

func (k rungKind) color() color {
	return [...]color{
		rungRequest: strong, rungProvisional: noColor, rungSuccess: good, rungRedirect: fair,
		rungFailure: bad, rungMedia: heading, rungNote: faint,
	}[k]
}

// String names the kind, as a class of the page's style sheet.
func (k rungKind) String() string {
	return [...]string{
		rungRequest: "request", rungProvisional: "provisional", rungSuccess: "success", rungRedirect: "redirect",
		rungFailure: "failure", rungMedia: "media", rungNote: "note",
	}[k]
}

// ladderOf lays a call's messages and streams out, in order of time.
func ladderOf(c *dialog.CallRecord) *ladder {
	l := &ladder{}
	var columns []netip.AddrPort
	entries := c.Ladder
	gap := len(entries) - maxRungsHead - maxRungsTail
	for i := range entries {
		if gap > 0 && i >= maxRungsHead && i < maxRungsHead+gap {
			if i == maxRungsHead {
				l.rungs = append(l.rungs, rung{at: entries[i].At, kind: rungNote, label: fmt.Sprintf("… %d messages left out …", gap)})
			}
			continue
		}
		l.rungs = append(l.rungs, l.message(&columns, &entries[i]))
	}
	for _, s := range c.Media[:min(len(c.Media), maxMedia)] {
		l.rungs = append(l.rungs, l.media(&columns, s))
	}
	slices.SortStableFunc(l.rungs, func(a, b rung) int { return cmp.Compare(a.at, b.at) })
	for i := range l.rungs {
		r := &l.rungs[i]
		r.offset = float64(r.at-l.rungs[0].at) / 1e6
		r.delta = float64(r.at-l.rungs[max(0, i-1)].at) / 1e6
	}
	return l
}

func (l *ladder) message(columns *[]netip.AddrPort, e *dialog.LadderEntry) rung {
	r := rung{
		at: e.At, from: l.column(columns, e.Src), to: l.column(columns, e.Dst),
		kind: kindOfMessage(e.Label), label: clean(e.Label, 60), detail: clean(e.SDP, 200), resent: e.Retransmission,
	}
	if e.Damaged {
		r.label += " (damaged)"
	}
	if r.from < 0 || r.to < 0 {
		r.kind, r.from, r.to = rungNote, 0, 0
		r.label = fmt.Sprintf("%s → %s: %s", e.Src, e.Dst, r.label)
	}
	return r
}

// kindOfMessage reads a label's status: requests have none. A challenge (401,
// 407) is a step of authentication, not yet a failure.
func kindOfMessage(label string) rungKind {
	switch {
	case len(label) < 3 || label[0] < '1' || label[0] > '6':
		return rungRequest
	case label[0] == '1':
		return rungProvisional
	case label[0] == '2':
		return rungSuccess
	case label[0] == '3', strings.HasPrefix(label, "401"), strings.HasPrefix(label, "407"):
		return rungRedirect
	}
	return rungFailure
}

// column finds a host's column, or opens it; -1 where there are too many.
func (l *ladder) column(columns *[]netip.AddrPort, a netip.AddrPort) int {
	if i := slices.Index(*columns, a); i >= 0 {
		return i
	}
	if len(*columns) == maxHosts {
		return -1
	}
	*columns = append(*columns, a)
	name := a.String()
	if a.Port() == 0 {
		name = a.Addr().String()
	}
	l.hosts = append(l.hosts, name)
	return len(l.hosts) - 1
}

// host is the column of an address whatever its port; one is opened for a host
// that carries media alone.
func (l *ladder) host(columns *[]netip.AddrPort, a netip.AddrPort) int {
	same := func(o netip.AddrPort) bool { return o.Addr() == a.Addr() }
	if i := slices.IndexFunc(*columns, same); i >= 0 {
		return i
	}
	return l.column(columns, netip.AddrPortFrom(a.Addr(), 0))
}

// media is the rung of a stream, where it began.
func (l *ladder) media(columns *[]netip.AddrPort, s *dialog.StreamRecord) rung {
	r := rung{
		at: s.Start, from: l.host(columns, s.Src), to: l.host(columns, s.Dst), kind: rungMedia,
		label:  fmt.Sprintf("RTP %s, MOS %s", codecOf(s), scoreText(&s.MOS)),
		detail: fmt.Sprintf("%s → %s, %s packets, loss %s %%, jitter %s ms", s.Src, s.Dst, count(s.Packets), lossText(s), milliseconds(s.JitterMS.Mean)),
	}
	if r.from < 0 || r.to < 0 {
		r.from, r.to = 0, 0
	}
	return r
}
