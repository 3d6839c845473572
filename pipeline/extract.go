package pipeline

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"earshot/capture"
	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/sipparse"
)

// Extract writes the packets of the given calls to w as pcapng, with their
// original octets and times, and returns how many it wrote. It reads the
// capture twice, through open: first to find which frames belong to the calls
// (a TCP segment or a fragment shows it only later), then to copy them. Memory
// holds frame numbers, never frames. A stream without an SSRC stands for all
// RTP on its path.
func Extract(open func() (capture.Source, error), calls []*dialog.CallRecord, w io.Writer) (int, error) {
	chosen, err := findFrames(open, newSelection(calls))
	if err != nil {
		return 0, err
	}
	return len(chosen), copyFrames(open, chosen, w)
}

// findFrames returns the numbers of the selected frames, in order.
func findFrames(open func() (capture.Source, error), sel *selection) ([]uint64, error) {
	src, err := open()
	if err != nil {
		return nil, err
	}
	defer src.Close()
	f := finder{
		selection: sel,
		decoder:   capture.NewDecoder(capture.DecoderConfig{}),
		tcp:       capture.NewStreams(capture.StreamsConfig{Want: sipparse.Wants}),
		streams:   map[flow]*tcpFrames{},
	}
	for {
		switch err := src.Next(&f.frame); {
		case errors.Is(err, io.EOF):
			slices.Sort(f.chosen)
			return slices.Compact(f.chosen), nil
		case err != nil:
			return nil, err
		}
		f.take()
		f.number++
	}
}

func copyFrames(open func() (capture.Source, error), chosen []uint64, w io.Writer) error {
	src, err := open()
	if err != nil {
		return err
	}
	defer src.Close()
	out, err := capture.NewWriter(w)
	if err != nil {
		return err
	}
	var frame capture.Frame
	for number := uint64(0); len(chosen) > 0; number++ {
		if err := src.Next(&frame); err != nil {
			return fmt.Errorf("cannot read frame %d again: %w", number+1, err)
		}
		if number != chosen[0] {
			continue
		}
		chosen = chosen[1:]
		if err := out.WriteFrame(&frame); err != nil {
			return err
		}
	}
	return out.Flush()
}

// finder decides frame by frame.
type finder struct {
	*selection
	decoder   *capture.Decoder
	tcp       *capture.Streams
	streams   map[flow]*tcpFrames
	fragments []fragmentFrame
	frame     capture.Frame
	dg        capture.Datagram
	number    uint64
	chosen    []uint64
}

// fragmentFrame is a frame that waits for the rest of its datagram.
type fragmentFrame struct {
	number   uint64
	src, dst [16]byte
	id       uint32
}

// maxFragmentFrames bounds how many frames are remembered as fragments.
const maxFragmentFrames = 4096

// tcpFrames are the frames of one direction of a TCP connection since the
// last message that was complete.
type tcpFrames struct {
	sip     sipparse.Stream
	numbers []uint64
	chosen  bool // a selected message has octets in them
}

// maxPendingFrames bounds the frames of one unfinished TCP message.
const maxPendingFrames = 256

func (f *finder) take() {
	if !f.decoder.Decode(&f.frame, &f.dg) {
		if f.dg.FragmentID != 0 && len(f.fragments) < maxFragmentFrames {
			f.fragments = append(f.fragments, fragmentFrame{f.number, f.dg.SrcAddr, f.dg.DstAddr, f.dg.FragmentID})
		}
		return
	}
	if f.dg.Protocol == protocolTCP {
		f.segment()
		return
	}
	chosen := f.datagram(&f.dg)
	if chosen {
		f.chosen = append(f.chosen, f.number)
	}
	if f.dg.Fragmented {
		f.defragmented(chosen)
	}
}

// defragmented settles the frames that were waiting for this datagram.
func (f *finder) defragmented(chosen bool) {
	f.fragments = slices.DeleteFunc(f.fragments, func(x fragmentFrame) bool {
		if x.src != f.dg.SrcAddr || x.dst != f.dg.DstAddr || x.id != f.dg.FragmentID {
			return false
		}
		if chosen {
			f.chosen = append(f.chosen, x.number)
		}
		return true
	})
}

// segment keeps TCP frames until the messages in them are known.
func (f *finder) segment() {
	key := flow{f.dg.Source(), f.dg.Destination()}
	t := f.streams[key]
	if t == nil {
		if len(f.streams) >= maxSIPStreams {
			return
		}
		t = new(tcpFrames)
		f.streams[key] = t
	}
	if len(t.numbers) < maxPendingFrames {
		t.numbers = append(t.numbers, f.number)
	}
	f.tcp.Push(&f.dg, f.chunk)
	if t.chosen {
		f.chosen = append(f.chosen, t.numbers...)
	}
	if !t.sip.Partial() {
		t.numbers, t.chosen = t.numbers[:0], false
		return
	}
	// The last frame may hold the beginning of the next message.
	if t.chosen {
		t.numbers, t.chosen = append(t.numbers[:0], f.number), false
	}
}

func (f *finder) chunk(c capture.Chunk) {
	t := f.streams[flow{c.Src, c.Dst}]
	if t == nil {
		return
	}
	if c.Gap {
		t.sip.Gap()
	}
	t.sip.Write(c.Data)
	for m, ok := t.sip.Next(); ok; m, ok = t.sip.Next() {
		if f.message(m) {
			t.chosen = true
		}
	}
}

// selection says which packets belong to the calls.
type selection struct {
	callIDs     map[uint64]bool
	media       map[flow][]string // SSRCs on a path; "" is any
	control     map[flow]bool     // where RTCP about the media may flow
	from, until int64
}

// extractMargin is how far around a call's times its packets are looked for, ns.
const extractMargin = 10 * second

func newSelection(calls []*dialog.CallRecord) *selection {
	s := &selection{callIDs: map[uint64]bool{}, media: map[flow][]string{}, control: map[flow]bool{}}
	for _, c := range calls {
		for _, id := range c.CallIDs {
			s.callIDs[sipparse.HashCallID(id)] = true
		}
		s.span(int64(c.Start), int64(c.End))
		for _, m := range c.Media {
			s.span(int64(m.Start), int64(m.End))
			path := flow{m.Src, m.Dst}
			s.media[path] = append(s.media[path], m.SSRC)
			s.addControl(m)
		}
	}
	return s
}

func (s *selection) span(from, until int64) {
	if s.from == 0 || from-extractMargin < s.from {
		s.from = from - extractMargin
	}
	s.until = max(s.until, until+extractMargin)
}

// addControl allows RTCP between a stream's two ends, in both directions, on
// the media ports (RFC 5761) and those one above (RFC 3550 11).
func (s *selection) addControl(m *dialog.StreamRecord) {
	for i := range uint16(2) {
		for j := range uint16(2) {
			src, dst := above(m.Src, i), above(m.Dst, j)
			s.control[flow{src, dst}] = true
			s.control[flow{dst, src}] = true
		}
	}
}

func above(a netip.AddrPort, n uint16) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr(), a.Port()+n)
}

// datagram says whether a UDP datagram is of the calls.
func (s *selection) datagram(d *capture.Datagram) bool {
	if d.At < s.from || d.At > s.until || len(d.Payload) < 2 {
		return false
	}
	p := d.Payload
	key := flow{d.Source(), d.Destination()}
	if p[0]>>6 != 2 {
		return s.message(p)
	}
	if p[1] >= 192 && p[1] <= 223 && rtpstats.LooksRTCP(p, d.Length) {
		return s.control[key]
	}
	wanted := s.media[key]
	if len(wanted) == 0 {
		return false
	}
	h, ok := rtpstats.ReadHeader(p, d.Length)
	return ok && (slices.Contains(wanted, "") || slices.Contains(wanted, fmt.Sprintf("0x%08x", h.SSRC)))
}

// message says whether a SIP message is of the calls.
func (s *selection) message(p []byte) bool {
	return sipparse.Looks(p) && s.callIDs[sipparse.Owner(p)]
}
