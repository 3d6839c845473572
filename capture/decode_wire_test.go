package capture

import (
	"encoding/binary"
	"slices"
)

// Builders of wire octets for the tests: each takes what it carries.

const (
	testSrc4 = "\x0a\x00\x00\x01" // 10.0.0.1
	testDst4 = "\x0a\x00\x00\x02" // 10.0.0.2
	testSrc6 = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
	testDst6 = "\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"
)

func bytesOf(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = append(b, byte(p))
		case uint16:
			b = binary.BigEndian.AppendUint16(b, p)
		case uint32:
			b = binary.BigEndian.AppendUint32(b, p)
		case string:
			b = append(b, p...)
		case []byte:
			b = append(b, p...)
		}
	}
	return b
}

func testEthernet(etherType uint16, payload []byte) []byte {
	return bytesOf("\x02\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", etherType, payload)
}

// testIPv4 has identification 0x1234, TTL 64 and TOS 0xb8 (EF).
func testIPv4(protocol int, payload []byte) []byte {
	return bytesOf(0x45, 0xb8, uint16(20+len(payload)), uint16(0x1234), uint16(0x4000), 64, protocol, uint16(0), testSrc4, testDst4, payload)
}

func testIPv4Fragment(id uint16, offset int, more bool, protocol int, payload []byte) []byte {
	b := testIPv4(protocol, payload)
	binary.BigEndian.PutUint16(b[4:], id)
	flags := uint16(offset / 8)
	if more {
		flags |= 0x2000
	}
	binary.BigEndian.PutUint16(b[6:], flags)
	return b
}

func testIPv6(next int, payload []byte) []byte {
	return bytesOf(0x6b, 0x80, uint16(0), uint16(len(payload)), next, 63, testSrc6, testDst6, payload)
}

func testUDP(src, dst uint16, payload []byte) []byte {
	return bytesOf(src, dst, uint16(8+len(payload)), uint16(0xbeef), payload)
}

func testTCP(src, dst uint16, seq uint32, flags int, payload []byte) []byte {
	return bytesOf(src, dst, seq, uint32(0), 0x50, flags, uint16(0xffff), uint16(0xcafe), uint16(0), payload)
}

// testRTP is a G.711 packet of 20 ms.
func testRTP(seq uint16) []byte {
	return bytesOf(0x80, 0x00, seq, uint32(seq)*160, uint32(0x11223344), slices.Repeat([]byte{0xd5}, 160))
}

func testFrame(link LinkType, data []byte) *Frame {
	return &Frame{At: 1_700_000_000_000_000_000, Data: data, OrigLen: len(data), Link: link}
}
