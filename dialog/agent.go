package dialog

import "earshot/sipparse"

// assurance is how surely a message says what sort of equipment one side of a
// leg is: proxies on the way answer some of them themselves.
type assurance uint8

const (
	unsaid assurance = iota
	saidByFailure
	saidEarly
	saidFirmly
)

// agent is the User-Agent or Server that one side of a leg says to be, and how
// surely.
type agent struct {
	name string
	sure assurance
}

// hear notes what a message says of who sent it. Of two equally sure words the
// first one stands: what a call began with is what it is called.
func (l *leg) hear(from side, m *sipparse.Message) {
	if m.UserAgent == "" {
		return
	}
	c := l.call
	c.userAgents = addDistinct(c.userAgents, m.UserAgent, maxUserAgents)
	if w := assuranceOf(m); w > l.agents[from].sure {
		l.agents[from] = agent{name: share(m.UserAgent, c.userAgents...), sure: w}
	}
}

// assuranceOf tells end-to-end messages from those that every hop makes for itself:
// a 100, CANCEL and its responses, the ACK to a failure (RFC 3261 16.2, 16.10,
// 17.1.1.3). A failure may come from any hop; a proxy may answer a challenge.
func assuranceOf(m *sipparse.Message) assurance {
	method := methodOf(m)
	switch {
	case method == "CANCEL" || method == "ACK":
		return unsaid
	case m.IsRequest():
		return saidFirmly
	case m.StatusCode <= 100:
		return unsaid
	case m.StatusCode < 200:
		return saidEarly
	case m.StatusCode < 300:
		return saidFirmly
	}
	return saidByFailure
}

// endAgents returns what the call's two ends say to be: the caller's on the
// hop nearest to it, the callee's on the last one; "" unknown.
func (c *call) endAgents() (from, to string) {
	for _, l := range c.legs {
		if from == "" {
			from = l.agents[caller].name
		}
		if name := l.agents[callee].name; name != "" {
			to = name
		}
	}
	return from, to
}
