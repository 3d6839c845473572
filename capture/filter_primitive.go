package capture

import (
	"slices"
	"strings"

	"earshot/capture/wire"
)

// qualifiers say what a value means: "udp src port" before 5060.
type qualifiers struct {
	protocol string // a key of qualifying, "ether", or ""
	side     filterSide
	kind     string // host, net, port, portrange, proto; "" before any value
}

// filterKinds are the words that say what kind of value follows.
var filterKinds = []string{"host", "net", "port", "portrange", "proto"}

// qualifying are the protocols that may stand before a direction or a kind.
// The others stand alone.
var qualifying = []string{"ip", "ip6", "arp", "rarp", "tcp", "udp", "sctp", "ether"}

// primitive reads one condition.
func (p *filterParser) primitive() (filterNode, error) {
	t := p.peek()
	switch t.text {
	case "":
		return nil, p.want("a condition (like: udp port 5060)", t)
	case "vlan", "less", "greater", "fragment":
		p.next()
		p.last = qualifiers{}
		return p.word(t.text)
	case "and", "or", ")":
		return nil, p.want("a condition (like: udp port 5060)", t)
	}
	if slices.Contains(qualifying, t.text) || t.text == "src" || t.text == "dst" || slices.Contains(filterKinds, t.text) {
		return p.qualified()
	}
	if n := standsAlone(t.text); n != nil {
		p.next()
		p.last = qualifiers{}
		return n, nil
	}
	if p.last.kind == "" && !looksLikeAddress(t.text) {
		return nil, p.want("host, net, port, portrange, proto, src, dst, ip, ip6, arp, tcp, udp, sctp, icmp, icmp6, ether, vlan, less, greater, fragment or an address", t)
	}
	return p.value(p.last)
}

// word reads what a condition without qualifiers needs.
func (p *filterParser) word(word string) (filterNode, error) {
	switch word {
	case "vlan":
		if !p.isNumber() {
			return matchVLAN{any: true}, nil
		}
		id, err := p.number("a VLAN identifier", 4095)
		return matchVLAN{id: uint16(id)}, err
	case "less":
		octets, err := p.number("a length", 1<<31)
		return matchNot{matchLength(octets + 1)}, err
	case "greater":
		octets, err := p.number("a length", 1<<31)
		return matchLength(octets), err
	}
	return matchFragment{}, nil
}

// standsAlone returns the condition that a protocol's name alone is, nil if it
// is none.
func standsAlone(name string) filterNode {
	if t, ok := filterEtherTypes[name]; ok {
		return matchEtherType{uint32(t)}
	}
	switch name {
	case "icmp", "igmp", "vrrp": // IPv4's, as in tcpdump
		return matchProtocol{v4: true, number: filterProtocols[name]}
	case "icmp6":
		return matchProtocol{v6: true, number: wire.ProtocolICMPv6}
	case "tcp", "udp", "sctp", "esp", "ah":
		return matchProtocol{v4: true, v6: true, number: filterProtocols[name]}
	}
	return nil
}

// qualified reads qualifiers and what they qualify.
func (p *filterParser) qualified() (filterNode, error) {
	var q qualifiers
	first := p.peek()
	if slices.Contains(qualifying, first.text) {
		q.protocol = p.next().text
	}
	sided := p.sided(&q)
	if t := p.peek(); slices.Contains(filterKinds, t.text) {
		q.kind = p.next().text
	}
	if q.kind == "" && !sided && q.protocol != "ether" {
		p.last = qualifiers{}
		return standsAlone(q.protocol), nil
	}
	if q.kind == "" {
		q.kind = "host"
	}
	if !q.meaningful(sided) {
		return nil, &filterError{first.column, strings.TrimSpace(q.protocol+" "+q.sideName(sided)) + " does not go with " + q.kind}
	}
	p.last = q
	return p.operand()
}

// sided reads "src", "dst", "src or dst" and "src and dst".
func (p *filterParser) sided(q *qualifiers) bool {
	switch {
	case p.take("src"):
		q.side = sideSource
	case p.take("dst"):
		q.side = sideDestination
		return true
	default:
		return false
	}
	if len(p.tokens) > 2 && p.tokens[1].text == "dst" {
		switch {
		case p.take("and"):
			q.side = sideBoth
			p.next()
		case p.take("or"):
			q.side = sideEither
			p.next()
		}
	}
	return true
}

// meaningful reports whether the qualifiers go together.
func (q qualifiers) meaningful(sided bool) bool {
	switch q.kind {
	case "port", "portrange":
		return slices.Contains([]string{"", "tcp", "udp", "sctp"}, q.protocol)
	case "proto":
		return !sided && slices.Contains([]string{"", "ip", "ip6", "ether"}, q.protocol)
	case "net":
		return slices.Contains([]string{"", "ip", "ip6", "arp", "rarp"}, q.protocol)
	}
	return slices.Contains([]string{"", "ip", "ip6", "arp", "rarp", "ether"}, q.protocol)
}

func (q qualifiers) sideName(sided bool) string {
	switch {
	case !sided:
		return ""
	case q.side == sideSource:
		return "src"
	case q.side == sideDestination:
		return "dst"
	}
	return "src and dst"
}

// operand reads a value, or several in parentheses, for the latest qualifiers.
func (p *filterParser) operand() (filterNode, error) {
	if p.take("(") {
		return p.closed(p.operand)
	}
	return p.value(p.last)
}
