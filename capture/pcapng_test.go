package capture

import (
	"encoding/binary"
	"math"
	"testing"
)

var (
	// ngEthernet describes an interface with default options.
	ngEthernet = []byte{1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0}
	// ngUnknown is a block of a type that nobody has.
	ngUnknown = []byte{0x77, 0x77, 0, 0, 20, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9, 20, 0, 0, 0}
)

// ngPacket is an enhanced packet block of interface 0 at 1 s with one octet.
func ngPacket(c byte) []byte {
	return []byte{
		6, 0, 0, 0, 36, 0, 0, 0, // type, length
		0, 0, 0, 0, // interface
		0, 0, 0, 0, 0x40, 0x42, 0x0F, 0, // time, high and low: 1,000,000 µs
		1, 0, 0, 0, 1, 0, 0, 0, // captured and original length
		c, 0, 0, 0, // packet, padding
		36, 0, 0, 0,
	}
}

func one(c byte, point uint16) Frame {
	return Frame{At: 1e9, Data: []byte{c}, OrigLen: 1, Link: LinkEthernet, Point: point, HEP: true}
}

func TestPcapngFormats(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want []Frame
	}{
		{"blocks that say nothing", cat(section,
			ngUnknown, ngEthernet, ngUnknown,
			[]byte{ // decryption secrets: type TLS key log, 5 octets
				10, 0, 0, 0, 28, 0, 0, 0, 0x4B, 0x53, 0x4C, 0x54, 5, 0, 0, 0, 'C', 'L', 'I', 'E', 'N', 0, 0, 0, 28, 0, 0, 0,
			}, ngPacket('a'),
			[]byte{4, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0},           // name resolution
			[]byte{0xAD, 0x0B, 0, 0, 16, 0, 0, 0, 1, 2, 3, 4, 16, 0, 0, 0},     // custom
			[]byte{0xAD, 0x0B, 0, 0x40, 16, 0, 0, 0, 1, 2, 3, 4, 16, 0, 0, 0},  // custom, not to be copied
			[]byte{0xFE, 0xCA, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0}, ngPacket('b')), // an empty one
			[]Frame{one('a', 0), one('b', 0)}},
		{"two interfaces: tsresol 2^-20, tsoffset, FCS length; 10^-9", cat(section, []byte{
			1, 0, 0, 0, 44, 0, 0, 0, 113, 0, 0, 0, 0, 0, 0, 0, // Linux SLL
			9, 0, 1, 0, 0x80 | 20, 0, 0, 0, // if_tsresol 2^-20 s
			14, 0, 8, 0, 100, 0, 0, 0, 0, 0, 0, 0, // if_tsoffset 100 s
			0, 0, 0, 0, // end of options
			44, 0, 0, 0,
		}, []byte{
			1, 0, 0, 0, 36, 0, 0, 0, 101, 0, 0, 0, 0, 0, 0, 0, // raw IP
			13, 0, 1, 0, 4, 0, 0, 0, // if_fcslen
			9, 0, 1, 0, 9, 0, 0, 0, // if_tsresol 10^-9 s; the options just end
			36, 0, 0, 0,
		}, []byte{
			6, 0, 0, 0, 44, 0, 0, 0, 1, 0, 0, 0, // interface 1
			1, 0, 0, 0, 5, 0, 0, 0, // 2^32 + 5 ns
			0, 0, 0, 0, 64, 0, 0, 0, // nothing of 64 octets
			2, 0, 4, 0, 2, 0, 0, 0, // epb_flags: outbound
			0, 0, 0, 0, // end of options
			44, 0, 0, 0,
		}, []byte{
			6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, // interface 0
			0, 0, 0, 0, 3, 0, 0, 0, // 3 units of 2^-20 s = 2861.02294921875 ns
			1, 0, 0, 0, 1, 0, 0, 0, 'x', 0, 0, 0, 36, 0, 0, 0,
		}), []Frame{
			{At: 1<<32 + 5, Data: []byte{}, OrigLen: 64, Link: LinkRaw, Point: 0, Outgoing: true, FCS: 4},
			{At: 100_000_002_861, Data: []byte("x"), OrigLen: 1, Link: LinkLinuxSLL, Point: 1},
		}},
		{"simple packet blocks, cut by the snap length", cat(section,
			[]byte{1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 20, 0, 0, 0}, // snap length 3
			[]byte{3, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 'h', 'i', 0, 0, 20, 0, 0, 0},
			ngPacket('a'),
			[]byte{3, 0, 0, 0, 20, 0, 0, 0, 9, 0, 0, 0, 'a', 'b', 'c', 0, 20, 0, 0, 0}), // 3 of 9
			[]Frame{
				{At: 0, Data: []byte("hi"), OrigLen: 2, Link: LinkEthernet},
				one('a', 0),
				{At: 1e9, Data: []byte("abc"), OrigLen: 9, Link: LinkEthernet},
			}},
		{"obsolete packet block, inbound", cat(section, ngEthernet, []byte{
			2, 0, 0, 0, 48, 0, 0, 0, // type, length
			0, 0, 0xFF, 0xFF, // interface 0, drops unknown
			0, 0, 0, 0, 0x40, 0x42, 0x0F, 0, 1, 0, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0,
			2, 0, 4, 0, 1, 0, 0, 0, // pack_flags: inbound
			0, 0, 0, 0, 48, 0, 0, 0,
		}), []Frame{one('a', 0)}},
		{"a second section, big endian", cat(section, ngEthernet, ngPacket('a'), []byte{
			0x0A, 0x0D, 0x0D, 0x0A, 0, 0, 0, 28, 0x1A, 0x2B, 0x3C, 0x4D, 0, 1, 0, 0,
			0, 0, 0, 0, 0, 0, 0, 80, 0, 0, 0, 28, // a section length that is given, and wrong
			0, 0, 0, 1, 0, 0, 0, 20, 0, 101, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, // raw IP
			0, 0, 0, 1, 0, 0, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 20, // Ethernet, but the second
			0, 0, 0, 6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
			0, 0, 0, 1, 0, 0, 0, 1, 'b', 0, 0, 0, 0, 0, 0, 36,
			0, 0, 0, 6, 0, 0, 0, 36, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
			0, 0, 0, 1, 0, 0, 0, 1, 'c', 0, 0, 0, 0, 0, 0, 36,
		}, section, ngEthernet, ngPacket('d')), []Frame{
			one('a', 0),
			{At: 4294967296_000, Data: []byte("b"), OrigLen: 1, Link: LinkRaw, Point: 1},
			{At: 1000, Data: []byte("c"), OrigLen: 1, Link: LinkEthernet, Point: 2},
			one('d', 0), // the interface of the first section again
		}},
		{"block length without the padding", cat(section, ngEthernet, []byte{
			6, 0, 0, 0, 33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x42, 0x0F, 0,
			1, 0, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0, 33, 0, 0, 0,
		}, ngPacket('b')), []Frame{one('a', 0), one('b', 0)}},
		{"damaged options", cat(section, ngEthernet, []byte{
			6, 0, 0, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x42, 0x0F, 0,
			1, 0, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0,
			2, 0, 0xFF, 0xFF, // epb_flags of 65535 octets
			40, 0, 0, 0,
		}, ngPacket('b')), []Frame{one('a', 0), one('b', 0)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkFile(t, tt.file, tt.want, "") })
	}
}

func TestPcapngDamage(t *testing.T) {
	bad := func(at int, v uint32) []byte {
		b := ngPacket('x')
		binary.LittleEndian.PutUint32(b[at:], v)
		return b
	}
	tests := []struct {
		name, warning string
		tail          []byte
	}{
		{"length of nothing", "block length 0, its fixed fields take 32", bad(4, 0)},
		{"absurd length", "block length 4294967292 is over the limit of 1572864", bad(4, 0xFFFFFFFC)},
		{"captured more than the block", "captured length 5 in a block of 36 octets", bad(20, 5)},
		{"captured 4 GiB", "captured length 4294967295 in a block", bad(20, math.MaxUint32)},
		{"unknown interface", "block names interface 7, the section has declared 1", bad(8, 7)},
		{"lengths that differ", "block begins with length 36 and ends with 40", bad(32, 40)},
		{"unknown block of 4 GiB", "the file ends after", []byte{0x77, 0, 0, 0, 0xFC, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0}},
		{"unknown block of 8 octets", "block length 8, the least is 12", []byte{0x77, 0, 0, 0, 8, 0, 0, 0}},
		{"new section of version 2", "pcapng version 2.0", cat(section[:12], []byte{2, 0, 0, 0}, section[16:])},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkFile(t, cat(section, ngEthernet, ngPacket('a'), tt.tail), []Frame{one('a', 0)}, tt.warning)
		})
	}
	t.Run("no interface", func(t *testing.T) {
		checkFile(t, cat(section, ngPacket('a')), nil, "cannot read packet 1 at offset 28")
	})
	t.Run("simple packet without interface", func(t *testing.T) {
		simple := []byte{3, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0}
		checkFile(t, cat(section, simple), nil, "block names interface 0, the section has declared 0")
	})
}

func TestPcapngDrops(t *testing.T) {
	packet := []byte{
		6, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x42, 0x0F, 0, 1, 0, 0, 0, 1, 0, 0, 0, 'a', 0, 0, 0,
		4, 0, 8, 0, 3, 0, 0, 0, 0, 0, 0, 0, // epb_dropcount 3
		0, 0, 0, 0, 52, 0, 0, 0,
	}
	obsolete := []byte{ // interface 0, 2 packets lost before
		2, 0, 0, 0, 36, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0x40, 0x42, 0x0F, 0, 1, 0, 0, 0, 1, 0, 0, 0, 'b', 0, 0, 0, 36, 0, 0, 0,
	}
	statistics := func(ifdrop, osdrop byte) []byte {
		return []byte{
			5, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // interface 0, time
			4, 0, 8, 0, 99, 0, 0, 0, 0, 0, 0, 0, // isb_ifrecv
			5, 0, 8, 0, ifdrop, 0, 0, 0, 0, 0, 0, 0,
			7, 0, 8, 0, osdrop, 0, 0, 0, 0, 0, 0, 0,
			0, 0, 0, 0, 64, 0, 0, 0,
		}
	}
	file := cat(section, ngEthernet, ngPacket('z'), packet, statistics(10, 20), obsolete, statistics(10, 25))
	steps := []uint64{0, 3, 30 + 2, 35 - 30} // the last at the end of the file
	path := writeFile(t, "x.pcapng", file)
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f Frame
	for i, want := range steps {
		err := s.Next(&f)
		if got, _ := s.Drops(); got != want {
			t.Errorf("step %d (%v): got %d drops, want %d", i, err, got, want)
		}
	}
}

// TestRotatedStatistics: each file of a ring repeats the counters of the whole
// capture, which are counted once.
func TestRotatedStatistics(t *testing.T) {
	statistics := func(osdrop byte) []byte {
		return []byte{
			5, 0, 0, 0, 52, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			2, 0, 8, 0, 1, 0, 0, 0, 7, 0, 0, 0, // isb_starttime
			7, 0, 8, 0, osdrop, 0, 0, 0, 0, 0, 0, 0, // isb_osdrop
			0, 0, 0, 0, 52, 0, 0, 0,
		}
	}
	_, s := readAll(t,
		writeFile(t, "a.pcapng", cat(section, ngEthernet, ngPacket('a'), statistics(40))),
		writeFile(t, "b.pcapng", cat(section, ngEthernet, ngPacket('b'), statistics(42))))
	if got, _ := s.Drops(); got != 42 {
		t.Errorf("got %d drops, want 42", got)
	}
}

func TestClock(t *testing.T) {
	tests := []struct {
		resolution uint8
		offset     int64
		ticks      uint64
		want       int64
	}{
		{6, 0, 1_700_000_000_123456, 1_700_000_000_123456_000},
		{9, 0, 1_700_000_000_123456789, 1_700_000_000_123456789},
		{0, 0, 1_700_000_000, 1_700_000_000_000000000},
		{3, -5, 6001, 1_001000000},
		{12, 0, 1_999, 1},                    // ps, cut down
		{18, 0, math.MaxUint64, 18446744073}, // as, 18.4 s
		{40, 0, math.MaxUint64, 0},           // 10^-40 s
		{0x80, 0, 3, 3_000000000},            // 2^0 s
		{0x80 | 32, 0, 1<<32 | 1<<31, 1_500000000},
		{0x80 | 32, 0, 1_700_000_000<<32 | 0xFFFFFFFF, 1_700_000_000_999999999}, // NTP format
		{0x80 | 63, 0, 1 << 62, 500000000},
		{0x80 | 64, 0, 1 << 63, 500000000},
		{0x80 | 65, 0, 1 << 63, 250000000},
		{0x80 | 127, 0, math.MaxUint64, 0}, // 2^-63 s
		{6, 0, math.MaxUint64, math.MaxInt64},
		{0, 0, math.MaxUint64, math.MaxInt64},
		{9, math.MaxInt64, 0, math.MaxInt64},
		{9, math.MinInt64, 0, math.MinInt64},
		{9, 9223372036, math.MaxInt64, math.MaxInt64},
	}
	for _, tt := range tests {
		c := newClock(tt.resolution, tt.offset)
		if got := c.time(tt.ticks); got != tt.want {
			t.Errorf("resolution %#x, offset %d, %d ticks: got %d, want %d", tt.resolution, tt.offset, tt.ticks, got, tt.want)
		}
	}
}
