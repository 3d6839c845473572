package capture

import "encoding/binary"

// byteOrder is the byte order of a file or section. A branch that always goes
// the same way costs nothing; binary.ByteOrder would be a call per field.
type byteOrder struct{ bigEndian bool }

func (o byteOrder) u16(b []byte) uint16 {
	if o.bigEndian {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (o byteOrder) u32(b []byte) uint32 {
	if o.bigEndian {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (o byteOrder) u64(b []byte) uint64 {
	if o.bigEndian {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}
