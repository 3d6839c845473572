package sipparse

import (
	"bytes"
	"encoding/binary"

	"github.com/gobwas/ws"
)

const maxUpgrade = 32 << 10 // octets of an HTTP header section

// WebSocket takes the SIP messages out of one direction of an unencrypted
// WebSocket connection (RFC 6455, RFC 7118: each message is one SIP message).
// The zero value is ready for a connection seen from its HTTP upgrade, or
// joined where a frame with a SIP message begins; one goroutine uses it.
//
// After each Write or Gap call Next until it has no more.
type WebSocket struct {
	Resyncs    uint64 // times a frame was found again after a gap or garbage
	Discarded  uint64 // octets that belong to no SIP message
	Unreadable uint64 // frames compressed by an extension

	buf     []byte
	pos     int
	skip    uint64 // octets of a frame too long to keep, still to come
	state   wsState
	message []byte // the fragments of the message at hand
	opened  bool   // a fragmented message is at hand
	spoiled bool   // and cannot be delivered

	ready [][]byte // messages before a gap
}

type wsState uint8

const (
	wsUpgrade wsState = iota // before the HTTP upgrade
	wsFrames                 // at a frame
	wsLost                   // out of step
)

// Write appends what came next in the stream.
func (w *WebSocket) Write(chunk []byte) {
	if n := min(w.skip, uint64(len(chunk))); n > 0 {
		w.skip -= n
		w.Discarded += n
		chunk = chunk[n:]
	}
	if w.pos > 0 {
		w.buf = w.buf[:copy(w.buf, w.buf[w.pos:])]
		w.pos = 0
	}
	if w.state == wsLost || len(w.buf) > maxBuffered {
		w.Discarded += uint64(len(w.buf)) // a frame is only recognised where a segment begins
		w.buf, w.state = w.buf[:0], wsLost
	}
	w.buf = append(w.buf, chunk...)
}

// Gap says that octets are missing before the next Write, or that the stream ends.
func (w *WebSocket) Gap() {
	for msg, ok := w.take(); ok; msg, ok = w.take() {
		if len(w.ready) < maxReady {
			w.ready = append(w.ready, bytes.Clone(msg))
		}
	}
	w.Discarded += uint64(len(w.buf) - w.pos + len(w.message))
	w.buf, w.pos, w.skip, w.state = w.buf[:0], 0, 0, wsLost
	w.message, w.opened, w.spoiled = w.message[:0], false, false
}

// Next returns the next SIP message; it is valid until the next call of a method.
func (w *WebSocket) Next() (msg []byte, ok bool) {
	if len(w.ready) > 0 {
		msg, w.ready = w.ready[0], w.ready[1:]
		return msg, true
	}
	return w.take()
}

// take cuts the next message out of the frames in the buffer.
func (w *WebSocket) take() (msg []byte, ok bool) {
	for {
		switch w.state {
		case wsUpgrade:
			if !w.upgrade() {
				return nil, false
			}
		case wsLost:
			if !w.join() {
				return nil, false
			}
		case wsFrames:
			msg, more := w.frame()
			if msg != nil || !more {
				return msg, msg != nil
			}
		}
	}
}

// upgrade passes over the HTTP header section that opens the connection;
// a response other than 101, and its body, is passed over as well.
func (w *WebSocket) upgrade() (more bool) {
	rest := w.buf[w.pos:]
	if mayBecomeUpgrade(rest) {
		return false
	}
	if !isUpgradeStart(rest) {
		w.state = wsLost // seen from its middle
		if plausibleFrame(rest) {
			w.state = wsFrames
		}
		return true
	}
	end := bytes.Index(rest, []byte("\r\n\r\n"))
	if end < 0 {
		if len(rest) > maxUpgrade {
			w.discard(len(rest))
			w.state = wsLost
		}
		return false
	}
	w.pos += end + 4
	w.state = wsFrames
	if bytes.HasPrefix(rest, []byte("HTTP/")) && !isSwitching(rest) {
		w.discard(len(rest) - end - 4)
		w.state = wsUpgrade
		return false
	}
	return true
}

// discard passes over n unread octets.
func (w *WebSocket) discard(n int) {
	w.Discarded += uint64(n)
	w.pos += n
}

// join looks for a frame with a SIP message at the first octet of a segment,
// or for an HTTP upgrade there.
func (w *WebSocket) join() (more bool) {
	rest := w.buf[w.pos:]
	if len(rest) == 0 {
		return false
	}
	switch {
	case plausibleFrame(rest):
		w.Resyncs++
		w.state = wsFrames
		return true
	case isUpgradeStart(rest):
		w.state = wsUpgrade
		return true
	}
	w.discard(len(rest))
	return false
}

// frame takes one frame; more is false until all of it has come.
func (w *WebSocket) frame() (msg []byte, more bool) {
	rest := w.buf[w.pos:]
	if mayBecomeUpgrade(rest) {
		return nil, false
	}
	if isUpgradeStart(rest) { // the upgrade is tried again, with credentials
		w.state = wsUpgrade
		return nil, true
	}
	h, ok := readFrameHeader(rest)
	if !ok {
		w.discard(len(rest))
		w.state = wsLost
		return nil, false
	}
	if h.size == 0 {
		return nil, false
	}
	if h.length > maxMessage {
		w.skipFrame(h, rest)
		return nil, true
	}
	total := h.size + int(h.length)
	if len(rest) < total {
		return nil, false
	}
	payload := rest[h.size:total]
	w.pos += total
	if h.masked {
		ws.Cipher(payload, h.mask, 0)
	}
	return w.data(h, payload), true
}

// skipFrame passes over a frame too long to be SIP, without keeping it.
func (w *WebSocket) skipFrame(h frameHeader, rest []byte) {
	here := min(uint64(h.size)+h.length, uint64(len(rest)))
	w.skip = uint64(h.size) + h.length - here
	w.discard(int(here))
	w.opened, w.spoiled = !h.fin, !h.fin
}

// data puts a frame's payload to its message and returns the message when it
// is complete and SIP; keep-alives and other protocols are not delivered.
func (w *WebSocket) data(h frameHeader, payload []byte) []byte {
	if h.opcode.IsControl() {
		return nil
	}
	first := h.opcode != ws.OpContinuation
	if first && h.fin && !h.compressed {
		w.opened = false
		return w.judge(payload)
	}
	if first {
		w.message, w.opened, w.spoiled = w.message[:0], true, h.compressed
	}
	if h.compressed {
		w.Unreadable++
	}
	if !w.opened || len(w.message)+len(payload) > maxMessage {
		w.spoiled = true
	}
	if w.spoiled {
		w.Discarded += uint64(len(payload))
	} else {
		w.message = append(w.message, payload...)
	}
	if !h.fin {
		return nil
	}
	w.opened = false
	if w.spoiled {
		return nil
	}
	return w.judge(w.message)
}

func (w *WebSocket) judge(message []byte) []byte {
	if Looks(message) {
		return message
	}
	w.Discarded += uint64(len(message))
	return nil
}

// frameHeader is RFC 6455 5.2's.
type frameHeader struct {
	size       int // octets of the header; 0 while it has not come whole
	length     uint64
	opcode     ws.OpCode
	fin        bool
	masked     bool
	compressed bool // RSV1: permessage-deflate (RFC 7692)
	mask       [4]byte
}

// readFrameHeader reads a frame header; ok is false where there can be none.
// ws.ReadHeader does the same from an io.Reader, which would cost an interface
// and an allocation for every frame, and cannot be asked twice.
func readFrameHeader(b []byte) (h frameHeader, ok bool) {
	h.opcode = ws.OpCode(b[0] & 0x0f)
	h.fin = b[0]&0x80 != 0
	h.compressed = b[0]&0x40 != 0
	if b[0]&0x30 != 0 || h.opcode.IsReserved() || h.opcode.IsControl() && (!h.fin || h.compressed) {
		return h, false
	}
	if len(b) < 2 {
		return h, true
	}
	h.masked = b[1]&0x80 != 0
	h.length = uint64(b[1] & 0x7f)
	if h.opcode.IsControl() && h.length > 125 {
		return h, false
	}
	size := 2
	switch h.length {
	case 126:
		if size += 2; len(b) < size {
			return h, true
		}
		h.length = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if size += 8; len(b) < size {
			return h, true
		}
		h.length = binary.BigEndian.Uint64(b[2:])
		if h.length>>63 != 0 {
			return h, false
		}
	}
	if h.masked {
		if size += 4; len(b) < size {
			return h, true
		}
		copy(h.mask[:], b[size-4:])
	}
	h.size = size
	return h, true
}

// plausibleFrame reports whether b begins with a data frame whose payload is a
// SIP message.
func plausibleFrame(b []byte) bool {
	if len(b) < 2 {
		return false
	}
	h, ok := readFrameHeader(b)
	if !ok || h.size == 0 || h.compressed || h.opcode != ws.OpText && h.opcode != ws.OpBinary {
		return false
	}
	var head [512]byte // room for a start line
	n := copy(head[:min(uint64(len(head)), h.length)], b[h.size:])
	if h.masked {
		ws.Cipher(head[:n], h.mask, 0)
	}
	return Looks(head[:n])
}

// isUpgradeStart reports whether b begins as the HTTP of an upgrade does. No
// frame header looks like that: RSV and opcode of "G" and "H" are reserved.
func isUpgradeStart(b []byte) bool {
	return bytes.HasPrefix(b, []byte(upgradeRequest)) || bytes.HasPrefix(b, []byte(upgradeResponse))
}

// mayBecomeUpgrade reports whether b is too short to tell.
func mayBecomeUpgrade(b []byte) bool {
	return len(b) < len(upgradeResponse) && (string(b) == upgradeResponse[:len(b)] ||
		len(b) < len(upgradeRequest) && string(b) == upgradeRequest[:len(b)])
}

const (
	upgradeRequest  = "GET "
	upgradeResponse = "HTTP/1.1 "
)

// isSwitching reports whether b is "101 Switching Protocols".
func isSwitching(b []byte) bool { return bytes.HasPrefix(b, []byte("HTTP/1.1 101")) }
