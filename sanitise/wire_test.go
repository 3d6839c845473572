package sanitise

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"earshot/capture"
	"earshot/capture/wire"
)

// Frames for tests, made by hand: what is to be checked must not come from what
// is checked.

var (
	testSrc  = []byte{203, 0, 113, 77}
	testDst  = []byte{198, 51, 100, 20}
	testSrc6 = []byte{0x20, 0x01, 0x0d, 0xb8, 0xca, 0xfe, 0, 1, 0, 0, 0, 0, 0, 0, 0xbe, 0xef}
	testDst6 = []byte{0x20, 0x01, 0x0d, 0xb8, 0xca, 0xfe, 0, 2, 0, 0, 0, 0, 0, 0, 0xf0, 0x0d}
	testMACs = []byte{0x00, 0x04, 0x13, 0xc0, 0xff, 0xee, 0x00, 0x0b, 0x82, 0xfe, 0xed, 0x01}
)

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func u16(v int) []byte    { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func u32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }

// slowSum is RFC 1071's algorithm, word by word.
func slowSum(parts ...[]byte) uint16 {
	var s uint32
	for _, b := range parts {
		for i, c := range b {
			if i%2 == 0 {
				s += uint32(c) << 8
			} else {
				s += uint32(c)
			}
			s = s>>16 + s&0xffff
		}
	}
	return uint16(s)
}

func testEther(etherType int, payload []byte) []byte {
	return cat(testMACs, u16(etherType), payload)
}

func testIP(id, flags int, protocol byte, options, payload []byte) []byte {
	h := cat([]byte{byte(0x45 + len(options)/4), 0xb8}, u16(20+len(options)+len(payload)), u16(id), u16(flags), []byte{64, protocol, 0, 0}, testSrc, testDst, options)
	binary.BigEndian.PutUint16(h[10:], ^slowSum(h))
	return cat(h, payload)
}

func testIP6(next byte, payload []byte) []byte {
	return cat([]byte{0x60, 0, 0, 0}, u16(len(payload)), []byte{next, 64}, testSrc6, testDst6, payload)
}

func testUDP(src, dst int, payload []byte) []byte {
	u := cat(u16(src), u16(dst), u16(8+len(payload)), u16(0), payload)
	sum := ^slowSum(testSrc, testDst, u16(17), u16(len(u)), u)
	if sum == 0 {
		sum = 0xffff
	}
	binary.BigEndian.PutUint16(u[6:], sum)
	return u
}

func testTCP(src, dst int, seq, ack uint32, flags byte, options, payload []byte) []byte {
	s := cat(u16(src), u16(dst), u32(seq), u32(ack), []byte{byte(20+len(options)) / 4 << 4, flags}, u16(8192), u16(0), u16(0), options, payload)
	binary.BigEndian.PutUint16(s[16:], ^slowSum(testSrc, testDst, u16(6), u16(len(s)), s))
	return s
}

// datagramFrame is a UDP datagram in IPv4 and Ethernet.
func datagramFrame(src, dst int, payload []byte) []byte {
	return testEther(wire.EtherIPv4, testIP(0x1234, 0, wire.ProtocolUDP, nil, testUDP(src, dst, payload)))
}

// testFrames is a source of frames, a millisecond apart.
type testFrames struct {
	frames []capture.Frame
	next   int
}

func (s *testFrames) add(data []byte) {
	s.addFrame(capture.Frame{Data: data, OrigLen: len(data), Link: capture.LinkEthernet})
}

func (s *testFrames) addFrame(f capture.Frame) {
	f.HEP = true
	if f.At == 0 {
		f.At = 1_700_000_000e9 + int64(len(s.frames))*10e6
	}
	s.frames = append(s.frames, f)
}

func (s *testFrames) open() (capture.Source, error) { return &testFrames{frames: s.frames}, nil }

// Next gives the next frame, in octets of its own.
func (s *testFrames) Next(f *capture.Frame) error {
	if s.next == len(s.frames) {
		return io.EOF
	}
	*f = s.frames[s.next]
	f.Data = bytes.Clone(f.Data)
	s.next++
	return nil
}

// Drops tells none.
func (s *testFrames) Drops() (uint64, bool) { return 0, false }

// Close does nothing.
func (s *testFrames) Close() error { return nil }

// sanitised returns the frames that come out, read back from the file.
func sanitised(t testing.TB, s *testFrames, o Options) ([]capture.Frame, []byte, *Summary) {
	t.Helper()
	var file bytes.Buffer
	if o.Key == (Key{}) {
		o.Key = testKey(42)
	}
	summary, err := Capture(s.open, &file, o)
	if err != nil {
		t.Fatal(err)
	}
	return readFrames(t, file.Bytes()), file.Bytes(), summary
}

func readFrames(t testing.TB, file []byte) []capture.Frame {
	t.Helper()
	source, err := capture.Open([]string{"-"}, capture.Options{Stdin: bytes.NewReader(file)})
	if err != nil {
		if errors.Is(err, capture.ErrNoCapture) {
			return nil
		}
		t.Fatal(err)
	}
	defer source.Close()
	var list []capture.Frame
	var f capture.Frame
	for source.Next(&f) == nil {
		c := f
		c.Data = bytes.Clone(f.Data)
		list = append(list, c)
	}
	for _, w := range source.Warnings() {
		t.Error(w)
	}
	return list
}

// single returns what becomes of one frame.
func single(t testing.TB, data []byte) []byte {
	t.Helper()
	var s testFrames
	s.add(data)
	got, _, _ := sanitised(t, &s, Options{})
	if len(got) != 1 {
		t.Fatalf("got %d frames", len(got))
	}
	return got[0].Data
}
