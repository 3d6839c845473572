package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// node is a SIP element that a leg's messages visit: the agents at both ends,
// proxies between them.
type node struct {
	endpoint
	client uint16 // the port it sends from: over TCP an ephemeral one
	agent  string // User-Agent or Server
	host   string // what it calls itself in Via and Contact: its address, or a private one behind NAT
}

// leg is one SIP dialog as the tap sees it, from the caller's agent over any
// proxies to the callee's.
type leg struct {
	nodes      []node // caller's agent first
	paths      []*hop // between nodes[i] and nodes[i+1]
	callID     string
	from, to   party
	fromTag    string
	toTag      string
	transport  string // "UDP" or "TCP"
	cseqA      int    // last used by the caller's agent, and by the callee's
	cseqB      int
	extra      []string // header lines of every request that opens the dialog
	respExtra  []string // and of its responses
	silent     bool     // nothing of it is captured
	txn        int
	txnPrefix  string
	media      *session
	delayA     time.Duration // between the tap and either end
	delayB     time.Duration
	proxyDelay time.Duration
}

// party is a user as From and To name one.
type party struct {
	name, user, domain string
}

func (p party) uri() string { return "sip:" + p.user + "@" + p.domain }

func (p party) String() string {
	if p.name == "" {
		return "<" + p.uri() + ">"
	}
	return fmt.Sprintf("%q <%s>", p.name, p.uri())
}

// hop carries the messages between two neighbouring nodes.
type hop struct {
	down, up path // towards the callee, towards the caller
	tcp      *connection
}

// message is one SIP message before its headers that depend on the hop.
type message struct {
	method string // of the request, or of the request that a response answers
	status int    // 0 for a request
	reason string
	cseq   int
	up     bool     // the request was sent by the callee's agent
	txn    int      // transaction number, for the branch
	uri    string   // of a request outside a dialog, and of its responses; "" is the peer's Contact
	noTag  bool     // no To tag yet
	extra  []string // further header lines
	body   string
	ctype  string
	hopBy  bool // answered by the next element, not by the far end: 100, and 200 to CANCEL
}

// nodesOf lists the nodes in the direction in which the transaction's request travels.
func (l *leg) nodesOf(up bool) []node {
	if !up {
		return l.nodes
	}
	out := make([]node, len(l.nodes))
	for i, n := range l.nodes {
		out[len(out)-1-i] = n
	}
	return out
}

// text writes the message as it looks on hop i of the request's way.
func (l *leg) text(m *message, i int) string {
	var b strings.Builder
	nodes := l.nodesOf(m.up)
	if m.status == 0 {
		fmt.Fprintf(&b, "%s %s SIP/2.0\r\n", m.method, l.requestURI(m))
	} else {
		fmt.Fprintf(&b, "SIP/2.0 %d %s\r\n", m.status, m.reason)
	}
	l.writeVias(&b, m, nodes, i)
	l.writeRoutes(&b, m, nodes, i)
	if m.status == 0 {
		fmt.Fprintf(&b, "Max-Forwards: %d\r\n", 70-i)
	}
	l.writeIdentity(&b, m)
	l.writeAgent(&b, m, nodes)
	for _, h := range m.extra {
		b.WriteString(h + "\r\n")
	}
	if m.body != "" {
		fmt.Fprintf(&b, "Content-Type: %s\r\n", m.ctype)
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(m.body), m.body)
	return b.String()
}

func (l *leg) writeVias(b *strings.Builder, m *message, nodes []node, i int) {
	for k := i; k >= 0; k-- {
		n := nodes[k]
		fmt.Fprintf(b, "Via: SIP/2.0/%s %s:%d;branch=z9hG4bK%s%d.%d", l.transport, n.host, n.client, l.txnPrefix, m.txn, k)
		seen := hostText(n.ip.String())
		switch {
		case m.status != 0 && n.host != seen:
			fmt.Fprintf(b, ";received=%s;rport=%d", n.ip, n.client)
		case m.status != 0 || k < i:
			fmt.Fprintf(b, ";rport=%d", n.client)
		default:
			b.WriteString(";rport")
		}
		b.WriteString("\r\n")
	}
}

// writeRoutes records the proxies of a dialog's first request and routes later
// ones over them (RFC 3261 16.6, 12.2.1.1).
func (l *leg) writeRoutes(b *strings.Builder, m *message, nodes []node, i int) {
	proxies := nodes[1 : len(nodes)-1]
	opening := m.method == "INVITE" && !m.inDialog()
	if len(proxies) == 0 {
		return
	}
	if opening && (m.status == 0 || m.status > 100 && m.status < 300) {
		upTo := i
		if m.status != 0 {
			upTo = len(proxies)
		}
		for k := upTo - 1; k >= 0; k-- {
			fmt.Fprintf(b, "Record-Route: <sip:%s:%d;lr>\r\n", proxies[k].host, proxies[k].port)
		}
	}
	if m.status == 0 && m.inDialog() && m.method != "CANCEL" {
		for k := i; k < len(proxies); k++ {
			fmt.Fprintf(b, "Route: <sip:%s:%d;lr>\r\n", proxies[k].host, proxies[k].port)
		}
	}
}

// inDialog reports whether the request, or the one answered, belongs to a dialog.
func (m *message) inDialog() bool { return m.uri == "" }

func (l *leg) writeIdentity(b *strings.Builder, m *message) {
	from, to := fmt.Sprintf("%s;tag=%s", l.from, l.fromTag), l.to.String()
	if !m.noTag {
		to += ";tag=" + l.toTag
	}
	if m.up {
		from, to = to, from
	}
	fmt.Fprintf(b, "From: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: %d %s\r\n", from, to, l.callID, m.cseq, m.method)
}

// writeAgent adds Contact where the method makes or moves a dialog, and who speaks.
func (l *leg) writeAgent(b *strings.Builder, m *message, nodes []node) {
	self, user := nodes[0], l.from.user
	if (m.status != 0) != m.up {
		user = l.to.user
	}
	if m.status != 0 {
		self = nodes[len(nodes)-1]
	}
	switch {
	case m.method == "INVITE" && m.status < 300 && m.status != 100,
		m.method == "REFER" || m.method == "UPDATE", m.method == "REGISTER":
		fmt.Fprintf(b, "Contact: %s\r\n", contact(self, user, l.transport))
	}
	if m.status == 0 {
		fmt.Fprintf(b, "User-Agent: %s\r\n", self.agent)
	} else {
		fmt.Fprintf(b, "Server: %s\r\n", self.agent)
	}
}

func contact(n node, user, transport string) string {
	s := fmt.Sprintf("<sip:%s@%s:%d", user, n.host, n.client)
	if transport == "TCP" {
		s += ";transport=tcp"
	}
	return s + ">"
}

// requestURI is the remote target: the callee's public URI before its Contact is
// known, the peer's Contact after.
func (l *leg) requestURI(m *message) string {
	if !m.inDialog() {
		return m.uri
	}
	nodes := l.nodesOf(m.up)
	far, user := nodes[len(nodes)-1], l.to.user
	if m.up {
		user = l.from.user
	}
	return strings.Trim(contact(far, user, l.transport), "<>")
}

// hostText writes an address as SIP does: IPv6 in brackets.
func hostText(ip string) string {
	if strings.Contains(ip, ":") {
		return "[" + ip + "]"
	}
	return ip
}

// token draws n hexadecimal digits.
func token(r *rand.Rand, n int) string {
	const digits = "0123456789abcdef"
	b := make([]byte, n)
	for i := range b {
		b[i] = digits[r.IntN(16)]
	}
	return string(b)
}
