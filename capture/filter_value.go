package capture

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	"earshot/capture/wire"
)

// value reads a value and makes the condition that q makes of it.
func (p *filterParser) value(q qualifiers) (filterNode, error) {
	t := p.next()
	name := strings.TrimPrefix(t.text, `\`) // tcpdump's mark of a name that is a keyword too
	switch q.kind {
	case "port":
		port, ok := portNamed(name)
		if !ok {
			return nil, p.want("a port from 0 to 65535 or its name", t)
		}
		return q.ports(portRange{port, port}), nil
	case "portrange":
		low, high, _ := strings.Cut(name, "-")
		first, ok := portNamed(low)
		last, ok2 := portNamed(high)
		if !ok || !ok2 || last < first {
			return nil, p.want("a range of ports like 10000-20000", t)
		}
		return q.ports(portRange{first, last}), nil
	case "proto":
		return p.protocolValue(q, name, t)
	case "net":
		return p.network(q, t)
	}
	if q.protocol == "ether" {
		return p.mac(q, t)
	}
	if q.kind == "" && strings.Contains(t.text, "/") {
		return p.network(q, t)
	}
	addr, err := netip.ParseAddr(t.text)
	if err != nil || addr.Zone() != "" {
		return nil, p.want("an address like 192.0.2.1 or 2001:db8::1 (names are not looked up)", t)
	}
	return p.addresses(q, netip.PrefixFrom(addr.Unmap(), addr.Unmap().BitLen()), t)
}

func (q qualifiers) ports(r portRange) filterNode {
	return matchPort{side: q.side, protocol: filterProtocols[q.protocol], ranges: []portRange{r}}
}

func portNamed(name string) (uint16, bool) {
	if port, ok := filterPorts[name]; ok {
		return port, true
	}
	n, err := strconv.ParseUint(name, 10, 16)
	return uint16(n), err == nil
}

// protocolValue reads an IP protocol or, for "ether proto", an EtherType.
func (p *filterParser) protocolValue(q qualifiers, name string, t filterToken) (filterNode, error) {
	if q.protocol == "ether" {
		if n, ok := filterEtherTypes[name]; ok {
			return matchEtherType{uint32(n)}, nil
		}
		n, err := strconv.ParseUint(name, 0, 16)
		if err != nil || n < wire.EtherMinValue {
			return nil, p.want("an EtherType like 0x8847 or its name", t)
		}
		return matchEtherType{uint32(n)}, nil
	}
	number, ok := filterProtocols[name]
	if !ok {
		n, err := strconv.ParseUint(name, 0, 8)
		if err != nil {
			return nil, p.want("a protocol from 0 to 255 or its name", t)
		}
		number = uint8(n)
	}
	return matchProtocol{v4: q.protocol != "ip6", v6: q.protocol != "ip", number: number}, nil
}

// network reads 192.0.2.0/24, 192.0.2.0 mask 255.255.255.0, 2001:db8::/32, or
// 10, 10.1 and 10.1.2 for 10.0.0.0/8, 10.1.0.0/16 and 10.1.2.0/24.
func (p *filterParser) network(q qualifiers, t filterToken) (filterNode, error) {
	const example = "a network like 192.0.2.0/24 or 2001:db8::/32"
	text, length, hasLength := strings.Cut(t.text, "/")
	octets := strings.Count(text, ".") + 1
	if !strings.Contains(text, ":") && octets < 4 {
		text += strings.Repeat(".0", 4-octets)
	}
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" || addr.Is4In6() {
		return nil, p.want(example, t)
	}
	bits := addr.BitLen()
	if addr.Is4() && octets < 4 {
		bits = 8 * octets
	}
	if hasLength {
		n, err := strconv.ParseUint(length, 10, 8)
		if err != nil || int(n) > addr.BitLen() {
			return nil, p.want(example, t)
		}
		bits = int(n)
	} else if p.take("mask") {
		if bits, err = p.mask(addr); err != nil {
			return nil, err
		}
	}
	prefix := netip.PrefixFrom(addr, bits)
	if prefix.Masked() != prefix {
		return nil, &filterError{t.column, fmt.Sprintf("%q has bits set behind its mask; write %s", t.text, prefix.Masked())}
	}
	return p.addresses(q, prefix, t)
}

// mask reads a netmask and returns its length.
func (p *filterParser) mask(addr netip.Addr) (int, error) {
	t := p.next()
	ones, size := 0, 0
	if m, err := netip.ParseAddr(t.text); err == nil && addr.Is4() && m.Is4() {
		ones, size = net.IPMask(m.AsSlice()).Size()
	}
	if size == 0 {
		return 0, p.want("an IPv4 mask like 255.255.255.0", t)
	}
	return ones, nil
}

// addresses makes the condition on a network, after a look at its family.
func (p *filterParser) addresses(q qualifiers, prefix netip.Prefix, t filterToken) (filterNode, error) {
	if q.protocol != "" && (q.protocol == "ip6") == prefix.Addr().Is4() {
		return nil, p.want("an address of "+q.protocol, t)
	}
	return matchAddr{side: q.side, etherType: uint32(filterEtherTypes[q.protocol]), prefixes: []netip.Prefix{prefix}}, nil
}

// mac reads an Ethernet address.
func (p *filterParser) mac(q qualifiers, t filterToken) (filterNode, error) {
	addr, err := net.ParseMAC(t.text)
	if err != nil || len(addr) != 6 {
		return nil, p.want("an Ethernet address like 02:00:00:00:00:01", t)
	}
	return matchMAC{side: q.side, addr: [6]byte(addr)}, nil
}

// looksLikeAddress reports whether text is an address or a network, which may
// stand without a qualifier.
func looksLikeAddress(text string) bool {
	if _, err := netip.ParsePrefix(text); err == nil {
		return true
	}
	_, err := netip.ParseAddr(text)
	return err == nil
}
