package rig

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// Flood makes traffic that no probe wants, without an end, from a seed. Its
// addresses are from the ranges for documentation (RFC 5737). It has no times:
// it is sent at a rate.
type Flood struct {
	make    func(*Flood) path // fills payload
	random  *rand.Rand
	n       uint64 // datagrams made
	payload []byte
}

// path is where a datagram goes.
type path struct {
	src, dst         [4]byte
	srcPort, dstPort uint16
}

const sipPort = 5060

// NewJunk is UDP between random hosts and ports with random octets.
func NewJunk(seed uint64) *Flood { return newFlood(seed, (*Flood).junk) }

// NewScan is SIP that nobody answers: OPTIONS, REGISTER and INVITE with a
// Call-ID of their own, as scanners send them.
func NewScan(seed uint64) *Flood { return newFlood(seed, (*Flood).scan) }

// NewHalfOpen is calls that ring and are then forgotten: INVITE with an SDP,
// 100 and 180, and nothing after it.
func NewHalfOpen(seed uint64) *Flood { return newFlood(seed, (*Flood).halfOpen) }

// NewRandomSSRC is packets that begin like RTP, each with an SSRC of its own.
func NewRandomSSRC(seed uint64) *Flood { return newFlood(seed, (*Flood).randomSSRC) }

func newFlood(seed uint64, fn func(*Flood) path) *Flood {
	return &Flood{make: fn, random: rand.New(rand.NewPCG(seed, 0))}
}

// Next is Traffic's.
func (f *Flood) Next(buf []byte) (n int, at int64, err error) {
	f.payload = f.payload[:0]
	to := f.make(f)
	f.n++
	return len(appendFrame(buf[:0], to, uint16(f.n), f.payload)), 0, nil
}

// outside and inside are random hosts of 203.0.113.0/24 and 198.51.100.0/24.
func (f *Flood) outside() [4]byte { return [4]byte{203, 0, 113, byte(f.random.Uint32())} }
func (f *Flood) inside() [4]byte  { return [4]byte{198, 51, 100, byte(f.random.Uint32())} }

func (f *Flood) junk() path {
	for range 4 + f.random.IntN(50) {
		f.payload = binary.BigEndian.AppendUint64(f.payload, f.random.Uint64())
	}
	return path{f.outside(), f.inside(), uint16(f.random.Uint32()), uint16(f.random.Uint32())}
}

func (f *Flood) randomSSRC() path {
	f.payload = append(f.payload, 0x80, 0) // version 2, PCMU
	f.payload = binary.BigEndian.AppendUint16(f.payload, uint16(f.random.Uint32()))
	f.payload = binary.BigEndian.AppendUint64(f.payload, f.random.Uint64())
	f.payload = append(f.payload, make([]byte, 160)...)
	return path{f.outside(), f.inside(), uint16(1024 + f.random.IntN(60000)), uint16(10000 + 2*f.random.IntN(10000))}
}

func (f *Flood) scan() path {
	p := path{f.outside(), f.inside(), sipPort, sipPort}
	method := [...]string{"OPTIONS", "REGISTER", "INVITE"}[f.random.IntN(3)]
	user := fmt.Sprintf("sip:%d@%s", f.random.IntN(10_000), dotted(p.dst))
	f.payload = fmt.Appendf(f.payload, "%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bK%x\r\nMax-Forwards: 70\r\n"+
		"From: <%s>;tag=%x\r\nTo: <%s>\r\nCall-ID: %x@scan\r\nCSeq: 1 %s\r\nUser-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n",
		method, user, dotted(p.src), f.random.Uint64(), user, f.random.Uint32(), user, f.random.Uint64(), method)
	return p
}

// halfOpen makes the three messages of a call one after the other.
func (f *Flood) halfOpen() path {
	const messages = 3
	call := f.n / messages
	own := rand.New(rand.NewPCG(call, 1)) // what the messages of a call share
	p := path{[4]byte{203, 0, 113, byte(call)}, [4]byte{198, 51, 100, byte(call >> 8)}, sipPort, sipPort}
	caller, callee := dotted(p.src), dotted(p.dst)
	start, toTag, body := "INVITE sip:100@"+callee+" SIP/2.0", "", ""
	switch f.n % messages {
	case 0:
		body = fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 %[1]s\r\ns=-\r\nc=IN IP4 %[1]s\r\nt=0 0\r\nm=audio %[2]d RTP/AVP 0\r\n", caller, 10_000+2*(call%20_000))
	case 1:
		start = "SIP/2.0 100 Trying"
	default:
		start, toTag = "SIP/2.0 180 Ringing", ";tag=1"
	}
	f.payload = fmt.Appendf(f.payload, "%s\r\nVia: SIP/2.0/UDP %s:5060;branch=z9hG4bK%x\r\nFrom: <sip:1@%s>;tag=%x\r\nTo: <sip:100@%s>%s\r\n"+
		"Call-ID: %x@open\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s",
		start, caller, own.Uint64(), caller, own.Uint32(), callee, toTag, own.Uint64(), len(body), body)
	if body == "" {
		p.src, p.dst = p.dst, p.src
	}
	return p
}

func dotted(a [4]byte) string { return fmt.Sprintf("%d.%d.%d.%d", a[0], a[1], a[2], a[3]) }

// appendFrame writes Ethernet, IPv4 (RFC 791 3.1) and UDP without a checksum
// (RFC 768) around a payload. The stations are locally administered and nobody's.
func appendFrame(b []byte, p path, id uint16, payload []byte) []byte {
	const ipHeader, udpHeader = 20, 8
	b = append(b, 2, 0, 0, 0, 0xea, 1, 2, 0, 0, 0, 0xea, 2, 0x08, 0)
	ip := len(b)
	b = append(b, 0x45, 0)
	b = binary.BigEndian.AppendUint16(b, uint16(ipHeader+udpHeader+len(payload)))
	b = binary.BigEndian.AppendUint16(b, id)
	b = append(b, 0, 0, 64, protocolUDP, 0, 0)
	b = append(b, p.src[:]...)
	b = append(b, p.dst[:]...)
	var sum uint32
	for i := ip; i < ip+ipHeader; i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	binary.BigEndian.PutUint16(b[ip+10:], ^uint16(sum+sum>>16))
	b = binary.BigEndian.AppendUint16(b, p.srcPort)
	b = binary.BigEndian.AppendUint16(b, p.dstPort)
	b = binary.BigEndian.AppendUint16(b, uint16(udpHeader+len(payload)))
	b = append(b, 0, 0)
	return append(b, payload...)
}
