package main

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
)

// codec is one RTP payload format (RFC 3551, RFC 4867, RFC 7587 …).
type codec struct {
	name     string // as flags spell it
	encoding string // SDP encoding name
	pt       uint8
	clock    int // RTP clock rate, Hz
	channels int // 2 is written in rtpmap
	fmtp     string
	frameMS  int // packet times are multiples of it
	// speech returns one packet's payload for ms of active speech.
	speech func(r *rand.Rand, ms int) []byte
	// sid returns the payload that opens a silence, sent in the codec's own
	// payload type; nil where comfort noise (PT 13) does that.
	sid func(r *rand.Rand) []byte
	// quiet: in silence nothing at all is sent (Opus DTX).
	quiet bool
}

// codecs lists every codec by the name that flags use.
var codecs = []*codec{
	{name: "pcmu", encoding: "PCMU", pt: 0, clock: 8000, frameMS: 10, speech: octetsPerMS(8)},
	{name: "pcma", encoding: "PCMA", pt: 8, clock: 8000, frameMS: 10, speech: octetsPerMS(8)},
	// G.722 samples at 16 kHz, yet its RTP clock is 8 kHz (RFC 3551 4.5.2).
	{name: "g722", encoding: "G722", pt: 9, clock: 8000, frameMS: 10, speech: octetsPerMS(8)},
	{name: "g729", encoding: "G729", pt: 18, clock: 8000, frameMS: 10, fmtp: "annexb=yes",
		speech: octetsPerMS(1), sid: func(r *rand.Rand) []byte { return noise(r, 2) }},
	{name: "g723", encoding: "G723", pt: 4, clock: 8000, frameMS: 30, speech: g723Speech,
		sid: func(r *rand.Rand) []byte { return append([]byte{2}, noise(r, 3)...) }},
	{name: "gsm", encoding: "GSM", pt: 3, clock: 8000, frameMS: 20, speech: frames(20, 33)},
	{name: "g726", encoding: "G726-32", pt: 112, clock: 8000, frameMS: 10, speech: octetsPerMS(4)},
	{name: "ilbc", encoding: "iLBC", pt: 113, clock: 8000, frameMS: 20, fmtp: "mode=20", speech: frames(20, 38)},
	{name: "amr", encoding: "AMR", pt: 96, clock: 8000, channels: 1, frameMS: 20, fmtp: "octet-align=1",
		speech: amrSpeech(7, 31), sid: amrSID(8, 5)}, // 12.2 kbit/s: 244 bits
	{name: "amrwb", encoding: "AMR-WB", pt: 97, clock: 16000, channels: 1, frameMS: 20, fmtp: "octet-align=1",
		speech: amrSpeech(2, 32), sid: amrSID(9, 5)}, // 12.65 kbit/s: 253 bits
	{name: "opus", encoding: "opus", pt: 111, clock: 48000, channels: 2, frameMS: 20, fmtp: "minptime=10;useinbandfec=1",
		speech: opusSpeech, quiet: true},
}

// comfortNoisePT is RFC 3389's payload type, for 8 kHz codecs only.
const comfortNoisePT = 13

func parseCodec(spec string) (*codec, error) {
	var names []string
	for _, c := range codecs {
		if c.name == spec {
			return c, nil
		}
		names = append(names, c.name)
	}
	sort.Strings(names)
	return nil, fmt.Errorf("unknown codec %q: want some of %s", spec, strings.Join(names, ", "))
}

// eventPT is the telephone-event payload type that goes with the codec's clock.
func (c *codec) eventPT() uint8 {
	switch c.clock {
	case 16000:
		return 102
	case 48000:
		return 110
	}
	return 101
}

// comfortNoise reports whether RFC 3389 comfort noise fills this codec's silences.
func (c *codec) comfortNoise() bool { return c.clock == 8000 && c.sid == nil }

// rtpmap is the SDP name: encoding, clock and channels.
func (c *codec) rtpmap() string {
	s := fmt.Sprintf("%s/%d", c.encoding, c.clock)
	if c.channels > 0 {
		s += fmt.Sprintf("/%d", c.channels)
	}
	return s
}

func octetsPerMS(n int) func(*rand.Rand, int) []byte {
	return func(r *rand.Rand, ms int) []byte { return noise(r, n*ms) }
}

func frames(frameMS, octets int) func(*rand.Rand, int) []byte {
	return func(r *rand.Rand, ms int) []byte { return noise(r, octets*max(1, ms/frameMS)) }
}

// g723Speech makes 6.3 kbit/s frames: 24 octets, the low two bits of the first are 00.
func g723Speech(r *rand.Rand, ms int) []byte {
	var b []byte
	for range max(1, ms/30) {
		f := noise(r, 24)
		f[0] &^= 3
		b = append(b, f...)
	}
	return b
}

// amrSpeech makes octet-aligned RFC 4867 payloads: CMR 15 (no request), one
// table-of-contents octet (F, FT, Q) per frame, then the frames.
func amrSpeech(frameType, octets int) func(*rand.Rand, int) []byte {
	return func(r *rand.Rand, ms int) []byte {
		b := []byte{0xf0}
		n := max(1, ms/20)
		for i := range n {
			toc := byte(frameType)<<3 | 0x04
			if i < n-1 {
				toc |= 0x80
			}
			b = append(b, toc)
		}
		return append(b, noise(r, n*octets)...)
	}
}

func amrSID(frameType, octets int) func(*rand.Rand) []byte {
	return func(r *rand.Rand) []byte {
		return append([]byte{0xf0, byte(frameType)<<3 | 0x04}, noise(r, octets)...)
	}
}

// opusSpeech makes a mono hybrid fullband packet (TOC config 15, 20 ms, RFC 6716 3.1)
// of a size that 24 kbit/s VBR gives; other packet times hold a count octet's frames.
func opusSpeech(r *rand.Rand, ms int) []byte {
	const config = 15 << 3
	n := max(1, ms/20)
	size := n * (40 + r.IntN(50))
	if n == 1 {
		return append([]byte{config}, noise(r, size)...)
	}
	return append([]byte{config | 3, byte(n)}, noise(r, size)...) // code 3, CBR
}

func noise(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// body is a payload and its ones'-complement sum: computing the sum once per
// body instead of once per packet halves the cost of a packet.
type body struct {
	data []byte
	sum  uint32
}

func newBody(b []byte) body { return body{b, checksum(0, b)} }

// bodies holds the payloads that streams of one codec and packet time draw from.
type bodies struct {
	speech []body
	sid    []body
}

const bodiesPerCodec = 64

// bodyKey names one set of bodies.
type bodyKey struct {
	codec *codec
	ms    int
	srtp  bool
}

func newBodies(k bodyKey) *bodies {
	r := rand.New(rand.NewPCG(uint64(k.ms), uint64(k.codec.pt)))
	tag := func(b []byte) body {
		if k.srtp {
			b = append(b, noise(r, 10)...) // the 80-bit tag, RFC 3711 5.2
		}
		return newBody(b)
	}
	out := &bodies{}
	for range bodiesPerCodec {
		out.speech = append(out.speech, tag(k.codec.speech(r, k.ms)))
	}
	for range 8 {
		switch {
		case k.codec.sid != nil:
			out.sid = append(out.sid, tag(k.codec.sid(r)))
		case k.codec.comfortNoise():
			out.sid = append(out.sid, tag([]byte{byte(50 + r.IntN(20))})) // level in -dBov
		}
	}
	return out
}
