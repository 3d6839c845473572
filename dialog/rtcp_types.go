package dialog

import "github.com/pion/rtcp"

// rtcpTypeNames are the keys of Totals.RTCPTypes.
var rtcpTypeNames = [...]string{"sr", "rr", "sdes", "bye", "app", "xr", "other"}

// typeOf returns the place of a packet's type among rtcpTypeNames (RFC 3550
// 12.1, RFC 3611 2); feedback (RFC 4585) is other.
func typeOf(p rtcp.Packet) int {
	switch p.(type) {
	case *rtcp.SenderReport:
		return 0
	case *rtcp.ReceiverReport:
		return 1
	case *rtcp.SourceDescription:
		return 2
	case *rtcp.Goodbye:
		return 3
	case *rtcp.ApplicationDefined:
		return 4
	case *rtcp.ExtendedReport:
		return 5
	}
	return len(rtcpTypeNames) - 1
}
