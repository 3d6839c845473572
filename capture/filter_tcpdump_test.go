package capture

import (
	"bytes"
	"compress/gzip"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"earshot/capture/wire"
)

// filterExpressions mean the same to tcpdump, once it is told to look behind
// VLAN tags (behindTags).
var filterExpressions = []string{
	"udp", "tcp", "ip", "ip6", "arp", "icmp", "icmp6", "not udp", "ip or arp", "sctp",
	"port 5060", "udp port 5060 or 5061", "tcp port 5060", "src port 5060", "dst port 5060", "not port 5060",
	"portrange 10000-30000", "udp src portrange 5000-20000", "tcp dst portrange 1-1023", "src or dst port 5060", "src and dst port 5060",
	"host 10.0.2.15 or 192.168.1.1", "net 192.168.0.0/16", "src net 10.0.0.0/8 or 172.16.0.0/12", "dst net 198.18.0.0/15",
	"not src net 10", "ip host 10.0.2.15", "net 198.18.0.0 mask 255.255.0.0", "ip6 net 2001:db8::/32", "src net fd00::/8", "dst host ::1",
	"proto 17", "ip proto 4 or 41 or 47", "ip6 proto 44", "ip proto 6 and not port 80", "proto 132", "ether proto 0x8847 or 0x8864",
	"udp and (port 5060 or portrange 16384-32767) and not net 224.0.0.0/4",
	"icmp or udp and port 5060", "not (udp or tcp)", "tcp port (80 or 443 or 5060)", "src host 198.18.0.1 and dst portrange 1024-65535",
	"less 100", "greater 200", "udp and less 214", "ether src 02:00:00:00:00:01", "not ether host 00:00:00:00:00:00",
}

// behindTags makes of E what reads the same to tcpdump when a frame has up to
// two VLAN tags: its "vlan" moves every offset after it by one tag.
func behindTags(expr string) string {
	plain := "(not ether proto 0x8100 and not ether proto 0x88a8 and not ether proto 0x9100 and (" + expr + "))"
	return plain + " or (vlan and (" + plain + " or (vlan and " + plain + ")))"
}

// TestFilterAgainstTcpdump: the frames that tcpdump selects from captures are
// those that our program selects, as the sender's and the receiver's side.
func TestFilterAgainstTcpdump(t *testing.T) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("no tcpdump to compare with")
	}
	cases := []string{"encapsulations", "fragments", "ipv6", "sip-over-tcp", "real-any", "real-ipv6"}
	for _, name := range cases {
		path := plainCapture(t, filepath.Join("..", "testdata", name))
		t.Run(name, func(t *testing.T) { compareFilters(t, path, filterExpressions) })
	}
	t.Run("random", func(t *testing.T) {
		path := plainCapture(t, filepath.Join("..", "testdata", "encapsulations"))
		compareFilters(t, path, randomExpressions(100))
	})
}

// TestFilterAgainstTcpdumpCorpus does it with real captures.
func TestFilterAgainstTcpdumpCorpus(t *testing.T) {
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("no tcpdump to compare with")
	}
	for name, packets := range corpusFiles(t) {
		path := filepath.Join(corpus, "files", name)
		if packets > 5000 || !tcpdumpReads(path) {
			continue
		}
		compareFilters(t, path, []string{"udp", "not port 5060", "host 10.0.2.15 or net 192.168.0.0/16", "ip6 or arp", "tcp src portrange 80-6000"})
	}
}

// plainCapture returns the path of a case's capture, uncompressed.
func plainCapture(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "input.pcap")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	f, err := os.Open(path + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return writeFile(t, "input.pcap", content)
}

// tcpdumpReads reports whether tcpdump takes the file: it has one link type,
// and it is none of the modified formats.
func tcpdumpReads(path string) bool {
	return exec.Command("tcpdump", "-r", path, "-w", os.DevNull).Run() == nil
}

func compareFilters(t *testing.T, path string, expressions []string) {
	all, _ := readAll(t, path)
	for _, expr := range expressions {
		link := all[0].Link
		if link != LinkEthernet && (strings.Contains(expr, "ether") || strings.Contains(expr, "less") || strings.Contains(expr, "greater")) {
			continue // the cooked header takes the link header's place in the file, not on the wire
		}
		f, err := CompileFilter(expr)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		theirs := expr
		if link == LinkEthernet {
			theirs = behindTags(expr)
		}
		selected := tcpdumpSelects(t, path, theirs)
		if selected == nil {
			continue
		}
		for _, frame := range all {
			want := len(selected) > 0 && selected[0].At/1000 == frame.At/1000 && bytes.Equal(selected[0].Data, frame.Data)
			if want {
				selected = selected[1:]
			}
			for side, k := range shown(&frame) {
				if got := keeps(t, f, k); got != want {
					t.Errorf("%s: %s: frame at %d, side %d: got %v, tcpdump %v", path, expr, frame.At, side, got, want)
				}
			}
		}
		if len(selected) > 0 {
			t.Errorf("%s: %s: tcpdump selects %d frames that the file doesn't have", path, expr, len(selected))
		}
	}
}

// tcpdumpSelects returns the frames that tcpdump's filter lets through.
func tcpdumpSelects(t *testing.T, path, expr string) []Frame {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.pcap")
	if text, err := exec.Command("tcpdump", "-r", path, "-w", out, expr).CombinedOutput(); err != nil {
		if strings.Contains(string(text), "expression rejects all packets") {
			return []Frame{}
		}
		t.Errorf("%s: tcpdump %q: %v: %s", path, expr, err, text)
		return nil
	}
	selected, _ := readAll(t, out)
	return append([]Frame{}, selected...)
}

// shown returns how the kernel would show a captured frame to a filter, on both
// sides of the wire.
func shown(f *Frame) []kernelPacket {
	switch {
	case f.Link == LinkEthernet && len(f.Data) >= 14:
		k := ethernetPacket(f.Data, f.OrigLen)
		return []kernelPacket{k, k.untagged()}
	case f.Link == LinkLinuxSLL && len(f.Data) >= 16:
		return []kernelPacket{bare(uint16(be16(f.Data[14:])), f.Data[16:], f.OrigLen-16)}
	case f.Link == LinkLinuxSLL2 && len(f.Data) >= 20:
		return []kernelPacket{bare(uint16(be16(f.Data)), f.Data[20:], f.OrigLen-20)}
	case f.Link == LinkRaw && len(f.Data) > 0:
		etherType := uint16(wire.EtherIPv4)
		if f.Data[0]>>4 == 6 {
			etherType = wire.EtherIPv6
		}
		return []kernelPacket{bare(etherType, f.Data, f.OrigLen)}
	}
	return nil
}

// randomExpressions joins parts by and, or, not and parentheses, always the same way.
func randomExpressions(n int) []string {
	parts := []string{"udp", "tcp", "ip6", "arp", "port 5060", "src port 5060", "portrange 20000-40000", "net 198.18.0.0/16",
		"dst net 198.19.0.0/16", "proto 47", "ip proto 4", "less 300", "ether proto 0x8847", "src net 2001:db8::/32"}
	r := rand.New(rand.NewSource(1))
	var build func(depth int) string
	build = func(depth int) string {
		switch k := r.Intn(6); {
		case depth == 0 || k == 0:
			return parts[r.Intn(len(parts))]
		case k == 1:
			return "not " + build(0)
		case k == 2:
			return "(" + build(depth-1) + ")"
		case k == 3:
			return build(depth-1) + " and " + build(depth-1)
		}
		return build(depth-1) + " or " + build(depth-1)
	}
	var out []string
	for range n {
		out = append(out, build(4))
	}
	return out
}
