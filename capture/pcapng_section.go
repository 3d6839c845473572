package capture

import (
	"encoding/binary"
	"fmt"
)

const byteOrderMagic = 0x1A2B3C4D

// section reads a section header block (4.1): byte-order magic u32, version
// u16.u16, section length i64, options. The section length is not needed, and
// often -1. Interfaces are numbered from 0 again.
func (r *pcapngReader) section() error {
	head := r.peek(sectionMin)
	if head == nil {
		return cutOff(&r.window, sectionMin)
	}
	switch {
	case binary.LittleEndian.Uint32(head[8:]) == byteOrderMagic:
		r.bigEndian = false
	case binary.BigEndian.Uint32(head[8:]) == byteOrderMagic:
		r.bigEndian = true
	default:
		return fmt.Errorf("byte-order magic % x, want 1a 2b 3c 4d in either order", head[8:12])
	}
	if major, minor := r.u16(head[12:]), r.u16(head[14:]); major != 1 {
		return fmt.Errorf("pcapng version %d.%d, known is 1.0", major, minor)
	}
	b, err := r.whole(r.u32(head[4:]), sectionMin)
	if err != nil {
		return err
	}
	r.interfaces = r.interfaces[:0]
	r.pos += len(b)
	return nil
}
