package capture

import "time"

// Steps of packet time that one packet alone cannot make the clock take.
const (
	maxLeap = int64(time.Minute) // ahead
	maxBack = int64(time.Hour)   // back; less is packets that come late
)

// packetTime is the clock for what expires. A damaged time stamp would end all
// that waits, so a large step needs the next packet's consent.
type packetTime struct {
	now   int64
	doubt int64 // the step that waits for consent
}

// advance takes a packet's time and returns what to remember as its arrival,
// which is never before that of an earlier packet unless one is in doubt.
func (c *packetTime) advance(at int64) int64 {
	ahead := at - c.now
	agreed := at-c.doubt <= maxLeap && c.doubt-at <= maxLeap
	switch {
	case c.now == 0 || agreed && (ahead > maxLeap || ahead < -maxBack):
		c.now = at
	case ahead > maxLeap || ahead < -maxBack:
		c.doubt = at
	case ahead > 0:
		c.now = at
	}
	return max(at, c.now)
}

// passed reports whether an arrival is longer ago than patience, or so far in
// the future that its time stamp was damaged.
func (c *packetTime) passed(arrival, patience int64) bool {
	age := c.now - arrival
	return age > patience || age < -maxBack
}
