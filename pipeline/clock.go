package pipeline

// clock turns packet times into epochs of a second. It only goes forward, and
// takes a jump of any size in one step.
type clock struct {
	now     int64 // start of the current second, ns
	started bool
	leap    int64 // a jump beyond maxLeap that waits for the next packet's consent
}

// advance takes a packet's time, and says when a new second begins.
func (c *clock) advance(at int64) (now int64, crossed bool) {
	s := at - at%second
	if !c.started {
		c.started = true
		c.now = s
		return s, true
	}
	if s <= c.now {
		c.leap = 0
		return c.now, false
	}
	if s-c.now > maxLeap && (c.leap == 0 || s < c.leap-maxLeap || s > c.leap+maxLeap) {
		c.leap = s
		return c.now, false
	}
	c.leap = 0
	c.now = s
	return s, true
}
