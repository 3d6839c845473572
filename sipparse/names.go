package sipparse

// headerID is a header that a monitor reads.
type headerID uint8

// The headers that are read; everything else is passed over.
const (
	hdrOther headerID = iota
	hdrCallID
	hdrCSeq
	hdrFrom
	hdrTo
	hdrVia
	hdrContact
	hdrRecordRoute
	hdrContentLength
	hdrContentType
	hdrContentEncoding
	hdrSessionID
	hdrChargingVector
	hdrRAck
	hdrRSeq
	hdrReferTo
	hdrReplaces
	hdrReason
	hdrRetryAfter
	hdrEvent
	hdrUserAgent
	hdrServer
	hdrRTPStat
	hdrExpires
	hdrLeg // hdrLeg+i is Config.LegHeaders[i]
)

const maxNameLen = 19 // "p-charging-vector", with room

// identify tells which header a name is, compact forms (RFC 3261 7.3.3,
// RFC 3515, RFC 6665) included.
func identify(name []byte) headerID {
	if len(name) == 1 {
		return identifyCompact(lower(name[0]))
	}
	if len(name) > maxNameLen {
		return hdrOther
	}
	var buf [maxNameLen]byte
	for i, c := range name {
		buf[i] = lower(c)
	}
	return identifyLower(buf[:len(name)])
}

func identifyCompact(c byte) headerID {
	switch c {
	case 'i':
		return hdrCallID
	case 'f':
		return hdrFrom
	case 't':
		return hdrTo
	case 'v':
		return hdrVia
	case 'm':
		return hdrContact
	case 'l':
		return hdrContentLength
	case 'c':
		return hdrContentType
	case 'e':
		return hdrContentEncoding
	case 'r':
		return hdrReferTo
	case 'o':
		return hdrEvent
	}
	return hdrOther
}

func identifyLower(name []byte) headerID {
	switch string(name) { // the compiler makes no string of this
	case "call-id":
		return hdrCallID
	case "cseq":
		return hdrCSeq
	case "from":
		return hdrFrom
	case "to":
		return hdrTo
	case "via":
		return hdrVia
	case "contact":
		return hdrContact
	case "record-route":
		return hdrRecordRoute
	case "content-length":
		return hdrContentLength
	case "content-type":
		return hdrContentType
	case "content-encoding":
		return hdrContentEncoding
	case "session-id":
		return hdrSessionID
	case "p-charging-vector":
		return hdrChargingVector
	case "rack":
		return hdrRAck
	case "rseq":
		return hdrRSeq
	case "refer-to":
		return hdrReferTo
	case "replaces":
		return hdrReplaces
	case "reason":
		return hdrReason
	case "retry-after":
		return hdrRetryAfter
	case "event":
		return hdrEvent
	case "user-agent":
		return hdrUserAgent
	case "server":
		return hdrServer
	case "x-rtp-stat", "p-rtp-stat":
		return hdrRTPStat
	case "expires":
		return hdrExpires
	}
	return hdrOther
}
