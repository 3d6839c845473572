package capture

import "strconv"

// Link-layer header types that the decoder knows (the LINKTYPE_ registry of
// tcpdump.org, draft-ietf-opsawg-pcaplinktype).
const (
	LinkNull      LinkType = 0   // BSD loopback: address family in the byte order of the host
	LinkEthernet  LinkType = 1   // IEEE 802.3
	LinkPPP       LinkType = 9   // PPP, with or without HDLC framing
	LinkRaw12     LinkType = 12  // raw IP, DLT_RAW of most systems written unmapped
	LinkRaw14     LinkType = 14  // raw IP, DLT_RAW of OpenBSD written unmapped
	LinkPPPHDLC   LinkType = 50  // PPP in HDLC-like framing (RFC 1662)
	LinkPPPoE     LinkType = 51  // PPPoE session header, then PPP (RFC 2516), LINKTYPE_PPP_ETHER
	LinkRaw       LinkType = 101 // raw IPv4 or IPv6
	LinkLoop      LinkType = 108 // OpenBSD loopback: address family in network order
	LinkLinuxSLL  LinkType = 113 // Linux cooked capture v1
	LinkERF       LinkType = 197 // Endace extensible record format
	LinkIPv4      LinkType = 228 // raw IPv4
	LinkIPv6      LinkType = 229 // raw IPv6
	LinkLinuxSLL2 LinkType = 276 // Linux cooked capture v2
)

// String returns the name that the registry gives the type, or its number.
func (l LinkType) String() string {
	switch l {
	case LinkNull:
		return "NULL"
	case LinkEthernet:
		return "ETHERNET"
	case LinkPPP:
		return "PPP"
	case LinkRaw12, LinkRaw14, LinkRaw:
		return "RAW"
	case LinkPPPHDLC:
		return "PPP_HDLC"
	case LinkPPPoE:
		return "PPP_ETHER"
	case LinkLoop:
		return "LOOP"
	case LinkLinuxSLL:
		return "LINUX_SLL"
	case LinkERF:
		return "ERF"
	case LinkIPv4:
		return "IPV4"
	case LinkIPv6:
		return "IPV6"
	case LinkLinuxSLL2:
		return "LINUX_SLL2"
	}
	return "LINKTYPE " + strconv.Itoa(int(l))
}
