package capture

import (
	"slices"

	"golang.org/x/net/bpf"

	"earshot/capture/wire"
)

// One program for every link type. A packet socket (SOCK_RAW) shows the filter
// each frame with the link header of its interface, so that "any" mixes
// Ethernet with interfaces that have none (tun, ipip), and nothing is at a
// constant offset. The prologue finds the network header instead:
//
//   - its EtherType is skb->protocol (SKF_AD_PROTOCOL), whatever the link header;
//   - on Ethernet and loopback (SKF_AD_HATYPE) it begins 14 octets into the
//     frame. An offset from the frame's beginning reaches paged data too;
//   - elsewhere the kernel knows where it begins: offsets from SKF_NET_OFF on
//     count from there, and reach the linear part of the packet, where the
//     drivers of such links have all of it.
//
// Both are one number to add, kept in X. VLAN tags in the frame are walked
// over; the kernel has taken the outermost away before a filter sees the frame
// (skb_vlan_untag), and keeps it as SKF_AD_VLAN_TAG.

const (
	hardwareEther    = 1          // ARPHRD_ETHER
	hardwareLoopback = 772        // ARPHRD_LOOPBACK, with an Ethernet header
	networkOffset    = 0xfff00000 // SKF_NET_OFF, -0x100000
	filterTags       = 3          // VLAN tags in the frame that a filter looks behind
)

// assembleFilter turns a condition into a program.
func assembleFilter(n filterNode) []bpf.Instruction {
	if _, all := n.(matchAll); all {
		return []bpf.Instruction{bpf.RetConstant{Val: keepWhole}}
	}
	p := &filterProgram{jumps: map[label]label{}}
	no := p.put(bpf.RetConstant{Val: 0})
	yes := p.put(bpf.RetConstant{Val: keepWhole})
	p.prologue(n.code(p, yes, no))
	slices.Reverse(p.reversed)
	return p.reversed
}

// prologue finds the network header and goes on at body.
func (p *filterProgram) prologue(body label) {
	p.goTo(body)
	done := p.put(bpf.StoreScratch{Src: bpf.RegX, N: memNetwork})
	for i := range filterTags {
		if i > 0 {
			p.etherTypeInA()
		}
		p.put(bpf.TAX{}) // over the tag: X = X + 4
		p.put(bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: 4})
		p.put(bpf.TXA{})
		p.put(bpf.StoreScratch{Src: bpf.RegA, N: memEtherType})
		tag := p.loadAtX(2, 2)
		p.ifTag(tag, done)
	}
	p.put(bpf.StoreScratch{Src: bpf.RegA, N: memEtherType})
	p.put(bpf.LoadExtension{Num: bpf.ExtProto})
	found := p.put(bpf.StoreScratch{Src: bpf.RegX, N: memTags})
	ether := p.put(bpf.LoadConstant{Dst: bpf.RegX, Val: ethernetHeader})
	p.goTo(found)
	other := p.put(bpf.LoadConstant{Dst: bpf.RegX, Val: networkOffset})
	p.ifEthernet(ether, other)
}

// ifEthernet adds "if the frame begins with an Ethernet header".
func (p *filterProgram) ifEthernet(yes, no label) label {
	p.among([]uint32{hardwareEther, hardwareLoopback}, yes, no)
	return p.put(bpf.LoadExtension{Num: bpf.ExtLinkLayerType})
}

// ifTag adds "if the EtherType in A is that of a VLAN tag".
func (p *filterProgram) ifTag(yes, no label) label {
	return p.among([]uint32{wire.EtherVLAN, wire.EtherQinQ, wire.EtherQinQOld}, yes, no)
}
