package capture

// HEP carries RTCP as JSON more often than as it was: captagent, heplify,
// rtpengine, Asterisk and Janus each write about this, where the names are
// common property and the rest is not:
//
//	{"type":200, "ssrc":…, "report_count":1,
//	 "sender_information":{"ntp_timestamp_sec":…, "ntp_timestamp_usec":…, "rtp_timestamp":…, "packets":…, "octets":…},
//	 "report_blocks":[{"source_ssrc":…, "fraction_lost":…, "packets_lost":…, "highest_seq_no":…, "ia_jitter":…, "lsr":…, "dlsr":…}],
//	 "report_blocks_xr":{"type":7, "id":…, "fraction_lost":…, …},
//	 "sdes_ssrc":…, "sdes_information":[{"type":1, "text":"…"}]}
//
// It is read into a rtcpReport and written as the RTCP compound that it stands
// for, so that all behind the decoder knows one form. Numbers may be strings,
// signed, or out of range; members may be missing, repeated or strange.

const (
	maxReportBlocks = 31 // RFC 3550 6.4.1: the count has five bits
	maxSDESItems    = 8
	maxJSONDepth    = 16
)

// rtcpReport is what one piece of JSON says.
type rtcpReport struct {
	kind        int64
	ssrc        uint32
	sender      senderInfo
	blocks      [maxReportBlocks]reportBlock
	blockCount  int
	xr          voipMetrics
	describes   uint32 // SSRC that the items belong to
	items       [maxSDESItems]sdesItem
	itemCount   int
	openBlock   bool
	openItem    bool
	senderGiven bool
}

// senderInfo is the sender information of an SR (RFC 3550 6.4.1).
type senderInfo struct {
	ntpSeconds, ntpFraction int64
	rtpTime, packets        uint32
	octets                  uint32
}

// reportBlock is a report block of an SR or RR (RFC 3550 6.4.1).
type reportBlock struct {
	ssrc         uint32
	fractionLost uint8
	lost         int64 // 24 bits, signed
	highest      uint32
	jitter       uint32
	lsr, dlsr    uint32
}

// sdesItem is an item of a source description (RFC 3550 6.5).
type sdesItem struct {
	kind uint8
	text []byte
}

// jsonScope is where in the report a value stands.
type jsonScope uint8

const (
	inOther jsonScope = iota
	inRoot
	inSender
	inBlocks
	inMetrics
	inItems
)

// readJSON reads b, which must hold one whole object. The texts of items alias b.
func (r *rtcpReport) readJSON(b []byte) bool {
	*r = rtcpReport{xr: unavailable()}
	s := jsonScanner{b: b}
	var scopes [maxJSONDepth]jsonScope
	depth := 0
	var key []byte
	for {
		token, value := s.next()
		switch token {
		case jsonKey:
			key = value
		case jsonOpen:
			if depth == maxJSONDepth {
				return false
			}
			scopes[depth] = inRoot
			if depth > 0 {
				scopes[depth] = r.enter(scopes[depth-1], key)
			} else if b[s.pos-1] != '{' {
				return false
			}
			depth++
			key = nil
		case jsonClose:
			if depth == 0 {
				return false
			}
			if depth--; depth == 0 {
				return true
			}
			r.leave(scopes[depth])
			key = nil
		case jsonValue:
			if depth == 0 {
				return false
			}
			r.set(scopes[depth-1], key, value)
		default:
			return false
		}
	}
}

// enter says where an object or array leads to.
func (r *rtcpReport) enter(scope jsonScope, key []byte) jsonScope {
	switch scope {
	case inRoot:
		switch string(key) {
		case "sender_information":
			return inSender
		case "report_blocks":
			return inBlocks
		case "report_blocks_xr", "voip_metrics", "extended_report_information":
			return inMetrics
		case "sdes_information":
			return inItems
		}
	case inBlocks, inItems:
		if key == nil {
			return scope // an object in the array
		}
	case inMetrics:
		return scope
	}
	return inOther
}

// leave ends an object or array.
func (r *rtcpReport) leave(scope jsonScope) {
	switch scope {
	case inBlocks:
		r.openBlock = false
	case inItems:
		r.openItem = false
	}
}

// set takes one value.
func (r *rtcpReport) set(scope jsonScope, key, value []byte) {
	switch scope {
	case inRoot:
		r.setRoot(key, value)
	case inSender:
		r.senderGiven = true
		r.sender.set(key, number(value))
	case inBlocks:
		r.setBlock(key, number(value))
	case inMetrics:
		r.xr.set(key, value)
	case inItems:
		r.setItem(key, value)
	}
}

func (r *rtcpReport) setRoot(key, value []byte) {
	switch string(key) {
	case "type":
		r.kind = number(value)
	case "ssrc":
		r.ssrc = uint32(number(value))
	case "sdes_ssrc", "sdes_chunk_ssrc":
		r.describes = uint32(number(value))
	}
}

func (s *senderInfo) set(key []byte, v int64) {
	switch string(key) {
	case "ntp_timestamp_sec":
		s.ntpSeconds = v
	case "ntp_timestamp_usec":
		s.ntpFraction = v
	case "rtp_timestamp":
		s.rtpTime = uint32(v)
	case "packets":
		s.packets = uint32(v)
	case "octets":
		s.octets = uint32(v)
	}
}

func (r *rtcpReport) setBlock(key []byte, v int64) {
	if !r.openBlock {
		if r.blockCount == maxReportBlocks {
			return
		}
		r.blockCount++
		r.openBlock = true
	}
	block := &r.blocks[r.blockCount-1]
	switch string(key) {
	case "source_ssrc":
		block.ssrc = uint32(v)
	case "fraction_lost":
		block.fractionLost = uint8(min(max(v, 0), 255))
	case "packets_lost":
		block.lost = v
	case "highest_seq_no":
		block.highest = uint32(v)
	case "ia_jitter":
		block.jitter = uint32(v)
	case "lsr":
		block.lsr = uint32(v)
	case "dlsr":
		block.dlsr = uint32(v)
	}
}

func (r *rtcpReport) setItem(key, value []byte) {
	if !r.openItem {
		if r.itemCount == maxSDESItems {
			return
		}
		r.itemCount++
		r.openItem = true
	}
	item := &r.items[r.itemCount-1]
	switch string(key) {
	case "type":
		item.kind = uint8(min(max(number(value), 0), 255))
	case "text":
		item.text = value[:min(len(value), 255)]
	case "sdes_chunk_ssrc":
		r.describes = uint32(number(value))
	}
}
