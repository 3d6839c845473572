package capture

import (
	"fmt"
	"io"
)

// Block types (draft-ietf-opsawg-pcapng 11.1).
const (
	blockInterface  = 1
	blockPacket     = 2 // obsolete
	blockSimple     = 3
	blockStatistics = 5
	blockEnhanced   = 6
	blockSection    = 0x0A0D0D0A // reads the same in both byte orders
)

// Octets of a block before its options: type, length, the fixed fields, and
// the length again at the end.
const (
	blockOverhead  = 12
	sectionMin     = blockOverhead + 16
	interfaceMin   = blockOverhead + 8
	simpleMin      = blockOverhead + 4
	packetMin      = blockOverhead + 20
	statisticsMin  = blockOverhead + 12
	packetDataFrom = 28 // where the packet begins in an enhanced or obsolete block
)

// maxBlock is the longest block that is held in memory: the longest packet
// that is believed, with a quarter MiB for its options. Blocks of a kind that
// says nothing to us are passed over whatever their length.
const maxBlock = basePacket + maxSnap + 256<<10

// pcapngReader reads one pcapng file, section by section.
type pcapngReader struct {
	window
	byteOrder
	interfaces []ngInterface  // of the current section
	keys       []interfaceKey // of all sections; Frame.Point counts these
	ledger     ledger
	at         int64 // time of the last packet, for simple packet blocks
	packets    uint64
	dropped    uint64
}

// newPcapng reads the first section header.
func newPcapng(w window, l ledger) (*pcapngReader, error) {
	r := &pcapngReader{window: w, ledger: l}
	if err := r.section(); err != nil {
		return nil, fmt.Errorf("cannot read the section header of %q: %w", w.name, err)
	}
	return r, nil
}

// next reads blocks up to the next packet. Enhanced packet blocks, which are
// nearly all there is, are looked for first.
func (r *pcapngReader) next(f *Frame) error {
	for {
		start := r.offset()
		head := r.peek(8)
		if head == nil {
			return r.ended()
		}
		kind, length := r.u32(head), r.u32(head[4:])
		given := kind == blockEnhanced
		var err error
		if given {
			err = r.enhanced(length, f)
		} else {
			given, err = r.block(kind, length, f)
		}
		if err != nil {
			return r.damageAt(start, err)
		}
		if given {
			r.packets++
			r.at = f.At
			return nil
		}
	}
}

// ended tells the end of the file from one in the middle of a block header.
func (r *pcapngReader) ended() error {
	if r.left() == 0 && r.err == io.EOF {
		return io.EOF
	}
	return r.damage(cutOff(&r.window, 8))
}

func (r *pcapngReader) damage(err error) error { return r.damageAt(r.offset(), err) }

func (r *pcapngReader) damageAt(offset int64, err error) error {
	return &DamageError{Name: r.name, Packet: r.packets + 1, Offset: offset, Err: err}
}

// block reads a block of another type and says whether it gave a packet.
func (r *pcapngReader) block(kind, length uint32, f *Frame) (given bool, err error) {
	switch kind {
	case blockSection:
		return false, r.section() // its byte order is not the current one
	case blockInterface:
		return false, r.declare(length)
	case blockSimple:
		return true, r.simple(length, f)
	case blockPacket:
		return true, r.obsolete(length, f)
	case blockStatistics:
		return false, r.statistics(length)
	}
	return false, r.passOver(length)
}

// whole returns the block before the window, checked to end with the length
// that it begins with.
func (r *pcapngReader) whole(length, least uint32) ([]byte, error) {
	if length < least {
		return nil, fmt.Errorf("block length %d, its fixed fields take %d", length, least)
	}
	if length > maxBlock {
		return nil, fmt.Errorf("block length %d is over the limit of %d", length, maxBlock)
	}
	size := padded(length)
	b := r.peek(size)
	if b == nil {
		return nil, cutOff(&r.window, size)
	}
	if last := r.u32(b[size-4:]); last != length {
		return nil, lengthsDiffer(length, last)
	}
	return b, nil
}

// passOver skips a block that says nothing to us: names, TLS secrets, custom
// and unknown blocks.
func (r *pcapngReader) passOver(length uint32) error {
	if length < blockOverhead {
		return fmt.Errorf("block length %d, the least is %d", length, blockOverhead)
	}
	if !r.skip((int64(length)+3)&^3 - 4) {
		return cutOff(&r.window, 1)
	}
	end := r.peek(4)
	if end == nil {
		return cutOff(&r.window, 4)
	}
	if last := r.u32(end); last != length {
		return lengthsDiffer(length, last)
	}
	r.pos += 4
	return nil
}

func lengthsDiffer(first, last uint32) error {
	return fmt.Errorf("block begins with length %d and ends with %d", first, last)
}

// padded rounds a length up to the 32 bits that blocks and their parts are
// aligned to. Some writers leave the padding out of the block length.
func padded(length uint32) int { return int((length + 3) &^ 3) }

func (r *pcapngReader) lost() uint64 {
	n := r.dropped
	r.dropped = 0
	return n
}

func (r *pcapngReader) iface(local uint16) interfaceKey { return r.keys[local] }
