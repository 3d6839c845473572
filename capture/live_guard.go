//go:build linux

package capture

import (
	"fmt"

	"golang.org/x/net/bpf"
)

// ways says which copies of the packets of this host are taken.
type ways uint8

const (
	bothWays ways = iota
	allButOutgoing
	allButLooped // outgoing packets, but not those of loopback interfaces
)

// rejectAll returns a program that keeps nothing.
func rejectAll() []bpf.RawInstruction {
	return []bpf.RawInstruction{{Op: 0x06}} // BPF_RET|BPF_K 0
}

// extHardware loads the ARPHRD_ type of the packet's interface, SKF_AD_OFF +
// SKF_AD_HATYPE of linux/filter.h.
const extHardware = 28

// guard puts before a filter what the socket's binding can't say: the index of
// the interface, unless it is 0, and the direction.
func guard(index int, taken ways, filter []bpf.RawInstruction) ([]bpf.RawInstruction, error) {
	var program []bpf.Instruction
	if index != 0 {
		program = append(program,
			bpf.LoadExtension{Num: bpf.ExtInterfaceIndex},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(index), SkipTrue: 1},
			bpf.RetConstant{})
	}
	switch taken {
	case allButOutgoing:
		program = append(program,
			bpf.LoadExtension{Num: bpf.ExtType},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: packetOutgoing, SkipFalse: 1},
			bpf.RetConstant{})
	case allButLooped:
		program = append(program,
			bpf.LoadExtension{Num: bpf.ExtType},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: packetOutgoing, SkipFalse: 3},
			bpf.LoadExtension{Num: extHardware},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: hardwareLoopback, SkipFalse: 1},
			bpf.RetConstant{})
	}
	raw, err := bpf.Assemble(program)
	if err != nil {
		return nil, fmt.Errorf("cannot guard the filter: %w", err)
	}
	if all := len(raw) + len(filter); all > maxInstructions {
		return nil, fmt.Errorf("cannot attach a filter of %d instructions: %d are ours, and the kernel takes %d", all, len(raw), maxInstructions)
	}
	return append(raw, filter...), nil
}
