package capture

import (
	"fmt"
	"slices"

	"golang.org/x/net/bpf"
)

// DefaultFilterExpression keeps what voice may be in: all UDP (SIP, RTP, RTCP,
// HEP, and GTP, VXLAN, Geneve and L2TP around them) with all fragments, the
// other tunnels that Decoder opens, and TCP, for SIP and HEP, but for the
// well-known ports of bulk traffic that isn't SIP. ARP, ICMP and the rest go.
//
// IPv6 packets that begin with an extension header are kept whole: classic BPF
// has no loops, so what follows the extension is seen after capture.
const DefaultFilterExpression = "udp or fragment" +
	" or proto (4 or 41 or 47 or 51 or 115 or 137)" + // IP-in-IP, 6in4, GRE, AH, L2TPv3, MPLS-in-IP
	" or ip6 proto (0 or 43 or 60)" + // hop-by-hop, routing and destination options
	" or ether proto (0x8847 or 0x8848 or 0x8864 or 0x88e7)" + // MPLS, PPPoE, PBB
	" or (tcp and not port (ftp-data or ftp or ssh or telnet or smtp or domain or http or pop3 or ntp or netbios-ssn" +
	" or imap or snmp or bgp or ldap or https or microsoft-ds or submissions or rtsp or submission or ldaps or rsync" +
	" or imaps or pop3s or ms-sql-s or oracle or nfs or iscsi or mysql or rdp or postgresql or vnc" +
	" or redis or kafka or elasticsearch or memcached or mongodb))"

// maxInstructions is what the kernel takes of one program (BPF_MAXINSNS,
// linux/bpf_common.h).
const maxInstructions = 4096

// keepWhole is what an accepting program returns: more octets than any frame
// has. It is tcpdump's default snap length.
const keepWhole = 262144

// Filter is a packet filter as a classic BPF program for SO_ATTACH_FILTER. One
// program serves every link type: see filter_prologue.go.
type Filter struct {
	expression string
	program    []bpf.Instruction
	raw        []bpf.RawInstruction
}

// CompileFilter compiles an expression in the language of pcap-filter(7); an
// empty one keeps everything. An error names the column and what was expected.
//
// The language: ip, ip6, arp, rarp, tcp, udp, sctp, icmp, icmp6; [ip|ip6] proto
// N; [src|dst] host A; [src|dst] net A/N; [tcp|udp|sctp] [src|dst] port N;
// portrange A-B; ether [src|dst] host MAC; ether proto N; vlan [N]; less N,
// greater N; fragment; and, or, not, parentheses. As in tcpdump "and" and "or"
// have the same precedence and go from left to right, a bare value takes the
// qualifiers of the one before it, and a port matches in the first fragment
// only. Beyond tcpdump, "fragment" is any fragment of an IPv4 or IPv6 datagram,
// and VLAN tags, stripped by the kernel or not, don't hide what is inside.
func CompileFilter(expr string) (*Filter, error) {
	n, err := parseFilter(expr)
	if err != nil {
		return nil, fmt.Errorf("cannot compile filter %q: %w", expr, err)
	}
	program := assembleFilter(n)
	if len(program) > maxInstructions {
		return nil, fmt.Errorf("cannot compile filter %q: it takes %d instructions, the kernel accepts %d; use networks or port ranges instead of single ones",
			shorten(expr), len(program), maxInstructions)
	}
	raw, err := bpf.Assemble(program)
	if err != nil {
		return nil, fmt.Errorf("cannot compile filter %q: %w", expr, err)
	}
	return &Filter{expression: expr, program: program, raw: raw}, nil
}

// DefaultFilter returns the filter of DefaultFilterExpression.
func DefaultFilter() *Filter {
	f, err := CompileFilter(DefaultFilterExpression)
	if err != nil {
		panic(err) // our own constant
	}
	return f
}

// Instructions returns the program as the kernel takes it.
func (f *Filter) Instructions() []bpf.RawInstruction { return slices.Clone(f.raw) }

// SnapTo returns a filter that keeps the same frames, and of each the first
// octets only (sock_fprog's return value is a length); 0 or less keeps all.
func (f *Filter) SnapTo(octets int) *Filter {
	if octets <= 0 || octets > keepWhole {
		octets = keepWhole
	}
	out := &Filter{expression: f.expression, program: slices.Clone(f.program)}
	for i, ins := range out.program {
		if ret, ok := ins.(bpf.RetConstant); ok && ret.Val != 0 {
			out.program[i] = bpf.RetConstant{Val: uint32(octets)}
		}
	}
	out.raw, _ = bpf.Assemble(out.program) // it assembled before, and a constant always fits
	return out
}

// String returns the expression that the filter was made from.
func (f *Filter) String() string { return f.expression }

// shorten keeps an error readable when the expression isn't.
func shorten(expr string) string {
	const most = 200
	if len(expr) <= most {
		return expr
	}
	return expr[:most] + "..."
}
