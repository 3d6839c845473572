package capture

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"

	"earshot/capture/wire"
)

// kernelPacket is a packet as the kernel shows it to a socket filter: struct
// sk_buff's fields that the ancillary loads read (linux/filter.h, SKF_AD_*).
type kernelPacket struct {
	data     []byte // from the link header on, or the network header where the link has none
	length   int    // skb->len
	network  int    // where in data the network header begins
	protocol uint32 // skb->protocol
	hardware uint32 // ARPHRD_
	tagged   bool
	tag      uint32 // skb->vlan_tci, of the tag that was taken away
}

const hardwareNone = 0xfffe // ARPHRD_NONE: tun

// ethernetPacket is an Ethernet frame with its tags in place, as the sender's
// side sees it.
func ethernetPacket(data []byte, length int) kernelPacket {
	return kernelPacket{data: data, length: length, network: 14, protocol: uint32(be16(data[12:])), hardware: hardwareEther}
}

// untagged is what the receiver's side makes of it (skb_vlan_untag): the
// outermost tag goes from the frame to the packet's fields.
func (k kernelPacket) untagged() kernelPacket {
	if k.protocol != wire.EtherVLAN && k.protocol != wire.EtherQinQ || len(k.data) < 18 {
		return k
	}
	out := ethernetPacket(append(append([]byte(nil), k.data[:12]...), k.data[16:]...), k.length-4)
	out.tagged, out.tag = true, uint32(be16(k.data[14:]))
	return out
}

// bare is a packet of a link without header.
func bare(protocol uint16, data []byte, length int) kernelPacket {
	return kernelPacket{data: data, length: length, protocol: uint32(protocol), hardware: hardwareNone}
}

// machine runs a program as the kernel does, for tests on hosts and link types
// where a packet socket is not to be had. x/net/bpf's own machine knows neither
// the ancillary loads nor the network header.
type machine struct {
	packet kernelPacket
	a, x   uint32
	mem    [16]uint32
}

// run returns how many octets the program keeps.
func (m *machine) run(t testing.TB, program []bpf.Instruction) uint32 {
	t.Helper()
	for pc := 0; pc < len(program); pc++ {
		switch ins := program[pc].(type) {
		case bpf.RetConstant:
			return ins.Val
		case bpf.Jump:
			pc += int(ins.Skip)
		case bpf.JumpIf:
			pc += m.branch(t, ins)
		case bpf.LoadAbsolute:
			if !m.load(ins.Off, ins.Size) {
				return 0
			}
		case bpf.LoadIndirect:
			if !m.load(m.x+ins.Off, ins.Size) {
				return 0
			}
		default:
			m.register(t, ins)
		}
	}
	t.Fatal("the program has no end")
	return 0
}

func (m *machine) branch(t testing.TB, ins bpf.JumpIf) int {
	t.Helper()
	var holds bool
	switch ins.Cond {
	case bpf.JumpEqual:
		holds = m.a == ins.Val
	case bpf.JumpGreaterThan:
		holds = m.a > ins.Val
	case bpf.JumpGreaterOrEqual:
		holds = m.a >= ins.Val
	case bpf.JumpBitsSet:
		holds = m.a&ins.Val != 0
	default:
		t.Fatalf("unknown condition %v", ins)
	}
	if holds {
		return int(ins.SkipTrue)
	}
	return int(ins.SkipFalse)
}

// load reads from the frame, or, for a negative offset from SKF_NET_OFF on,
// from the network header (bpf_internal_load_pointer_neg_helper).
func (m *machine) load(offset uint32, size int) bool {
	at := int(offset)
	if offset >= networkOffset {
		at = int(offset-networkOffset) + m.packet.network
	}
	if at < 0 || at+size > len(m.packet.data) {
		return false
	}
	octets := make([]byte, 4)
	copy(octets[4-size:], m.packet.data[at:at+size])
	m.a = binary.BigEndian.Uint32(octets)
	return true
}

// register executes what touches neither the packet's octets nor the order.
func (m *machine) register(t testing.TB, ins bpf.Instruction) {
	t.Helper()
	switch ins := ins.(type) {
	case bpf.TAX:
		m.x = m.a
	case bpf.TXA:
		m.a = m.x
	case bpf.LoadConstant:
		m.set(ins.Dst, ins.Val)
	case bpf.LoadScratch:
		m.set(ins.Dst, m.mem[ins.N])
	case bpf.StoreScratch:
		m.mem[ins.N] = m.a
		if ins.Src == bpf.RegX {
			m.mem[ins.N] = m.x
		}
	case bpf.ALUOpX:
		m.arithmetic(t, ins.Op, m.x)
	case bpf.ALUOpConstant:
		m.arithmetic(t, ins.Op, ins.Val)
	case bpf.LoadExtension:
		m.ancillary(t, ins.Num)
	default:
		t.Fatalf("unknown instruction %v", ins)
	}
}

func (m *machine) set(r bpf.Register, v uint32) {
	if r == bpf.RegX {
		m.x = v
	} else {
		m.a = v
	}
}

func (m *machine) arithmetic(t testing.TB, op bpf.ALUOp, v uint32) {
	t.Helper()
	switch op {
	case bpf.ALUOpAdd:
		m.a += v
	case bpf.ALUOpAnd:
		m.a &= v
	case bpf.ALUOpShiftLeft:
		m.a <<= v
	default:
		t.Fatalf("unknown operation %v", op)
	}
}

func (m *machine) ancillary(t testing.TB, ext bpf.Extension) {
	t.Helper()
	switch ext {
	case bpf.ExtLen:
		m.a = uint32(m.packet.length)
	case bpf.ExtProto:
		m.a = m.packet.protocol
	case bpf.ExtLinkLayerType:
		m.a = m.packet.hardware
	case bpf.ExtVLANTag:
		m.a = m.packet.tag
	case bpf.ExtVLANTagPresent:
		m.a = 0
		if m.packet.tagged {
			m.a = 1
		}
	default:
		t.Fatalf("unknown ancillary load %v", ext)
	}
}

// keeps reports whether f keeps a packet.
func keeps(t testing.TB, f *Filter, k kernelPacket) bool {
	t.Helper()
	return (&machine{packet: k}).run(t, f.program) > 0
}
