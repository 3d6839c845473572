package capture

import "fmt"

// enhanced reads an enhanced packet block (4.3): interface u32, time as two
// u32, captured and original length, the packet, options.
func (r *pcapngReader) enhanced(length uint32, f *Frame) error {
	b, err := r.whole(length, packetMin)
	if err != nil {
		return err
	}
	return r.packet(b, r.u32(b[8:]), 0, f)
}

// obsolete reads a packet block (appendix A), which has u16 for the interface
// and u16 for the packets lost before this one, all ones where that is unknown.
func (r *pcapngReader) obsolete(length uint32, f *Frame) error {
	b, err := r.whole(length, packetMin)
	if err != nil {
		return err
	}
	dropped := r.u16(b[10:])
	if dropped == 0xFFFF {
		dropped = 0
	}
	return r.packet(b, uint32(r.u16(b[8:])), uint64(dropped), f)
}

// packet reads what both kinds of packet block have in common, and passes over b.
func (r *pcapngReader) packet(b []byte, id uint32, dropped uint64, f *Frame) error {
	in, err := r.declared(id)
	if err != nil {
		return err
	}
	captured := r.u32(b[20:])
	if captured > in.limit || captured > uint32(len(b)-packetMin) {
		return fmt.Errorf("captured length %d in a block of %d octets, the limit is %d", captured, len(b), in.limit)
	}
	in.fill(f, in.time(uint64(r.u32(b[12:]))<<32|uint64(r.u32(b[16:]))))
	f.Data = b[packetDataFrom : packetDataFrom+captured]
	f.OrigLen = int(r.u32(b[24:]))
	if from := packetDataFrom + padded(captured); from < len(b)-4 {
		dropped += r.packetOptions(b[from:len(b)-4], f)
	}
	r.dropped += dropped
	r.pos += len(b)
	return nil
}

// simple reads a simple packet block (4.4): the original length and the packet,
// which came from the first interface and was cut to its snap length. It has
// no time, so it gets that of the packet before it.
func (r *pcapngReader) simple(length uint32, f *Frame) error {
	b, err := r.whole(length, simpleMin)
	if err != nil {
		return err
	}
	in, err := r.declared(0)
	if err != nil {
		return err
	}
	orig := r.u32(b[8:])
	captured := min(orig, length-simpleMin)
	if in.snaplen > 0 {
		captured = min(captured, in.snaplen)
	}
	if captured > in.limit {
		return fmt.Errorf("captured length %d is over the limit of %d", captured, in.limit)
	}
	in.fill(f, r.at)
	f.Data = b[12 : 12+captured]
	f.OrigLen = int(orig)
	r.pos += len(b)
	return nil
}

// Options of a packet block (4.3).
const (
	optionFlags     = 2
	optionDropCount = 4
)

// packetOptions reads the direction and the FCS length (4.3.1), and returns how
// many packets the interface lost since the one before.
func (r *pcapngReader) packetOptions(b []byte, f *Frame) (dropped uint64) {
	options := ngOptions{b, r.byteOrder}
	for {
		code, value, ok := options.next()
		if !ok {
			return dropped
		}
		switch {
		case code == optionFlags && len(value) == 4:
			flags := r.u32(value)
			f.Outgoing = flags&3 == 2
			if fcs := flags >> 5 & 15; fcs != 0 {
				f.FCS = uint8(fcs)
			}
		case code == optionDropCount && len(value) == 8:
			dropped = r.u64(value)
		}
	}
}

// ngOptions walks over the options of a block (3.5): code u16, length u16, the
// value, padding to 32 bits. Damaged ones end the walk; a packet is not lost by them.
type ngOptions struct {
	b []byte
	byteOrder
}

func (o *ngOptions) next() (code uint16, value []byte, ok bool) {
	if len(o.b) < 4 {
		return 0, nil, false
	}
	code, length := o.u16(o.b), int(o.u16(o.b[2:]))
	if code == 0 || len(o.b)-4 < length {
		return 0, nil, false
	}
	value = o.b[4 : 4+length]
	o.b = o.b[min(len(o.b), 4+padded(uint32(length))):]
	return code, value, true
}
