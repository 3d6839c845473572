// Package wire names the numbers by which packets say what they carry, once for
// those who read packets and those who rewrite them.
package wire

// EtherTypes (IEEE 802 numbers) that lead on.
const (
	EtherIPv4     = 0x0800
	EtherARP      = 0x0806
	EtherTEB      = 0x6558 // transparent Ethernet bridging: a whole frame inside GRE or Geneve
	EtherVLAN     = 0x8100
	EtherPPP      = 0x880b
	EtherIPv6     = 0x86dd
	EtherMPLS     = 0x8847
	EtherMPLSUp   = 0x8848 // upstream-assigned label (RFC 5332)
	EtherPPPoE    = 0x8864
	EtherQinQ     = 0x88a8
	EtherPBB      = 0x88e7 // provider backbone bridge (IEEE 802.1ah)
	EtherLLDP     = 0x88cc
	EtherERSPAN   = 0x88be // types I and II
	EtherEoIP     = 0x6400 // MikroTik's Ethernet in GRE
	EtherERSPAN3  = 0x22eb
	EtherQinQOld  = 0x9100
	EtherMinValue = 0x0600 // below it the field is an IEEE 802.3 length
)

// IP protocol numbers (IANA).
const (
	ProtocolHopByHop    = 0
	ProtocolICMP        = 1
	ProtocolIGMP        = 2
	ProtocolIPv4        = 4
	ProtocolTCP         = 6
	ProtocolUDP         = 17
	ProtocolIPv6        = 41
	ProtocolRouting     = 43
	ProtocolFragment    = 44
	ProtocolGRE         = 47
	ProtocolAH          = 51
	ProtocolICMPv6      = 58
	ProtocolDestination = 60
	ProtocolL2TP        = 115
	ProtocolSCTP        = 132
	ProtocolMPLS        = 137
)

// PPP protocol numbers (IANA).
const (
	PPPIPv4 = 0x0021
	PPPIPv6 = 0x0057
	PPPMPLS = 0x0281
)

// UDP ports of tunnels.
const (
	PortL2TP       = 1701 // RFC 2661, RFC 3931
	PortGTPU       = 2152 // 3GPP TS 29.281
	PortVXLAN      = 4789 // RFC 7348
	PortVXLANGPE   = 4790 // draft-ietf-nvo3-vxlan-gpe
	PortGeneve     = 6081 // RFC 8926
	PortVXLANLinux = 8472 // Linux before it had a number
)

// Fields of a Linux cooked header.
const (
	CookedOutgoing = 4   // packet type
	CookedNetlink  = 824 // ARPHRD_NETLINK: the protocol field is a netlink family
	CookedLLC      = 4   // protocol: an 802.2 header follows
)
