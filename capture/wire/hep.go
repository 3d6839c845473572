package wire

import "encoding/binary"

// Protocol types of HEP whose payload is read.
const (
	HEPSIP  = 1
	HEPRTP  = 4
	HEPRTCP = 5
)

const (
	HEP3Header = 6 // the magic and the length of the whole packet, big-endian
	HEP3Chunk  = 6 // vendor, type and length of a chunk, which counts these octets
)

// IsHEP3 reports whether b begins like HEP version 3, by any of its names: EEP
// is what it was called in a draft and by some senders.
func IsHEP3(b []byte) bool {
	if len(b) < HEP3Header {
		return false
	}
	switch binary.BigEndian.Uint32(b) {
	case 0x48455033, 0x45455033, 0x45455031: // "HEP3", "EEP3", "EEP1"
		return true
	}
	return false
}
