package rtpstats

// modeKind is how a payload's first octets are to be read.
type modeKind uint8

const (
	modeNone  modeKind = iota
	modeOpus           // RFC 6716 3.1: the TOC octet
	modeAMR            // RFC 4867
	modeAMRWB          // RFC 4867
)

// modeCounts gathers what the payload itself tells of a multi-rate codec.
type modeCounts struct {
	kind     modeKind
	opus     [len(opusBandwidths)]uint32
	amr      [2]amrReading // octet-aligned and bandwidth-efficient
	inactive uint64        // packets that carry no speech: DTX, comfort noise, events
	bytes    uint64        // of payload in them
}

// amrReading counts under the assumption of one of RFC 4867's two formats.
type amrReading struct {
	fits  uint32 // packets whose length agrees with their frame type
	types [9]uint32
}

const (
	octetAligned = iota
	bandwidthEfficient
)

var opusBandwidths = [...]string{"NB", "MB", "WB", "SWB", "FB"}

// opusBandwidth maps the TOC's configuration, in steps of two, to opusBandwidths.
var opusBandwidth = [16]uint8{0, 0, 1, 1, 2, 2, 3, 4, 0, 0, 2, 2, 3, 3, 4, 4}

// amrBits is the speech bits of each frame type, SID last (RFC 4867 3.6).
var (
	amrBits   = [...]uint16{95, 103, 118, 134, 148, 159, 204, 244, 39}
	amrWBBits = [...]uint16{132, 177, 253, 285, 317, 365, 397, 461, 477, 40}
)

// amrNoData is the frame type of an empty frame.
const amrNoData = 15

// opusDTXLen is the longest payload that an Opus encoder sends while silent.
const opusDTXLen = 2

// read takes a media packet.
func (m *modeCounts) read(p *Packet) {
	if p.PayloadLen == 0 {
		return
	}
	switch m.kind {
	case modeOpus:
		if p.PayloadLen <= opusDTXLen {
			m.pause(p)
			return
		}
		m.opus[opusBandwidth[p.Head[0]>>4]]++
	case modeAMR:
		m.readAMR(p, amrBits[:])
	case modeAMRWB:
		m.readAMR(p, amrWBBits[:])
	}
}

// readAMR counts the first frame type under both readings; which one is right
// shows in the payload's length, as the SDP's octet-align is not at hand.
func (m *modeCounts) readAMR(p *Packet, bits []uint16) {
	aligned := p.Head[1] >> 3 & 15
	efficient := p.Head[0]&7<<1 | p.Head[1]>>7
	speechA := m.amr[octetAligned].count(aligned, p.Head[1]&0x80 != 0, p.PayloadLen, 2, bits)
	speechB := m.amr[bandwidthEfficient].count(efficient, p.Head[0]&8 != 0, p.PayloadLen, 0, bits)
	if !speechA && !speechB {
		m.pause(p)
	}
}

// count takes a frame type; it reports whether the packet holds speech or may
// hold it. The header is so many whole octets, or ten bits where it is 0.
func (r *amrReading) count(ft uint8, more bool, length, header uint16, bits []uint16) bool {
	if ft == amrNoData || more || int(ft) >= len(bits) {
		return more
	}
	want := header + (bits[ft]+7)/8
	if header == 0 {
		want = (10 + bits[ft] + 7) / 8
	}
	if want != length {
		return false
	}
	r.fits++
	if int(ft) == len(bits)-1 { // SID
		return false
	}
	r.types[ft]++
	return true
}

// pause takes a packet without speech.
func (m *modeCounts) pause(p *Packet) {
	m.inactive++
	m.bytes += uint64(p.PayloadLen)
}

// report gives the mode; packets and bytes are the stream's payload, ptimeMS
// its packet time.
func (m *modeCounts) report(packets, bytes uint64, ptimeMS float64) Mode {
	r := Mode{FrameType: -1}
	if packets > m.inactive && ptimeMS > 0 {
		r.BitrateKbps = float64(bytes-m.bytes) * 8 / (float64(packets-m.inactive) * ptimeMS)
	}
	switch m.kind {
	case modeOpus:
		if i := most(m.opus[:]); i >= 0 {
			r.Bandwidth = opusBandwidths[i]
		}
	case modeAMR, modeAMRWB:
		reading := &m.amr[bandwidthEfficient] // the default of RFC 4867 8.1
		if m.amr[octetAligned].fits > reading.fits {
			reading = &m.amr[octetAligned]
		}
		r.FrameType = most(reading.types[:])
	}
	return r
}

// most returns the index of the largest count, -1 where all are 0.
func most(counts []uint32) int {
	best := -1
	for i, n := range counts {
		if n > 0 && (best < 0 || n > counts[best]) {
			best = i
		}
	}
	return best
}
