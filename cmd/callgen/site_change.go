package main

import "fmt"

// What the SBC and the carriers' gateways call themselves, and how they mark
// voice, until they are changed.
const (
	sbcAgent     = "sbc/4.2"
	gatewayAgent = "MediaGateway/7.20"
)

// changeSpec is a change that is seen on the wire: the SBC or a trunk's gateways
// call themselves something else, or mark their voice otherwise.
type changeSpec struct {
	Of        string   `yaml:"of"`
	UserAgent string   `yaml:"user-agent"`
	DSCP      *int     `yaml:"dscp"`
	When      whenSpec `yaml:"when"`
}

// change is one, checked.
type change struct {
	of    string // "sbc", or a trunk
	agent string // "": as before
	dscp  int    // -1: as before
	when  window
}

// changes checks what is changed.
func (c *siteCompiler) changes() {
	for i := range c.s.Changes {
		s := &c.s.Changes[i]
		key := fmt.Sprintf("changes %d", i+1)
		known := []string{"sbc"}
		for _, t := range c.w.trunks {
			known = append(known, t.name)
		}
		if err := oneOf(key+": of", s.Of, known); err != nil {
			c.failf("%w", err)
		}
		one := change{of: s.Of, agent: s.UserAgent, dscp: -1, when: c.window(key, &s.When)}
		if s.DSCP != nil {
			if one.dscp = *s.DSCP; one.dscp < 0 || one.dscp > 63 {
				c.failf("%s: dscp %d: want 0 to 63", key, one.dscp)
			}
		}
		if one.agent == "" && one.dscp < 0 {
			c.failf("%s: what changes? want user-agent, dscp or both", key)
		}
		c.w.changes = append(c.w.changes, one)
	}
}

// agentOf is what the SBC or a trunk's gateways call themselves at a moment.
func (w *siteWorld) agentOf(of, preset string, at int64) string {
	for i := range w.changes {
		if x := &w.changes[i]; x.of == of && x.agent != "" && x.when.open(at) {
			preset = x.agent
		}
	}
	return preset
}

// dscpOf is how they mark the voice of a call that begins at a moment.
func (w *siteWorld) dscpOf(of string, preset uint8, at int64) uint8 {
	for i := range w.changes {
		if x := &w.changes[i]; x.of == of && x.dscp >= 0 && x.when.open(at) {
			preset = uint8(x.dscp)
		}
	}
	return preset
}

// changeTruth is a change as a line of the truth file.
type changeTruth struct {
	Type      string `json:"type"`
	Of        string `json:"of"`
	UserAgent string `json:"user_agent,omitempty"`
	DSCP      *int   `json:"dscp,omitempty"`
	From      string `json:"from"`
	To        string `json:"to"`
}

func (x *change) truth() changeTruth {
	t := changeTruth{Type: "change", Of: x.of, UserAgent: x.agent, From: stamp(x.when.from), To: stamp(x.when.to)}
	if x.dscp >= 0 {
		t.DSCP = &x.dscp
	}
	return t
}
