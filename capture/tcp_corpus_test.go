package capture

import (
	"encoding/hex"
	"maps"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"earshot/capture/wire"
)

// TestCorpusStreamsAgainstTshark holds the octets of TCP connections in real
// captures against tshark's "follow".
func TestCorpusStreamsAgainstTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("starts tshark for each connection")
	}
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark")
	}
	for _, name := range []string{
		"sipnab__sip-over-tcp.pcap",
		"suri__sip-tcp-method__sip-tcp.pcap",
		"suri__sip-body-large__sip-body-large.pcap",
		"sngrep__tests__ipip.pcap",
		"ndpi__http_on_sip_port.pcap",
		"arkime__gtp-iphone.pcap",
	} {
		path := filepath.Join(corpus, "files", name)
		if _, err := os.Stat(path); err != nil {
			t.Skip("the folder of real captures is not here")
		}
		want := make(map[string]string) // connections may use the same ports one after the other
		for n := range tsharkStreams(t, path) {
			for w, octets := range tsharkFollow(t, path, n) {
				want[w] += octets
			}
		}
		if got := followed(t, path); !maps.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
	}
}

// followed returns the octets of each direction by way.
func followed(t *testing.T, path string) map[string]string {
	all, _ := readAll(t, path)
	d, s := NewDecoder(DecoderConfig{}), NewStreams(StreamsConfig{})
	got := make(map[string]string)
	emit := func(c Chunk) {
		if len(c.Data) > 0 {
			got[way(c.Src, c.Dst)] += string(c.Data)
		}
	}
	for i := range all {
		var dg Datagram
		if d.Decode(&all[i], &dg) && dg.Protocol == wire.ProtocolTCP {
			s.Push(&dg, emit)
		}
	}
	s.Close(emit)
	return got
}

// way names a direction, "source destination".
func way(from, to netip.AddrPort) string { return from.String() + " " + to.String() }

// tsharkStreams returns how many connections tshark counts.
func tsharkStreams(t *testing.T, path string) int {
	out, err := exec.Command("tshark", "-n", "-r", path, "-T", "fields", "-e", "tcp.stream", "-E", "occurrence=l").Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	last := -1
	for _, field := range strings.Fields(string(out)) {
		if n, err := strconv.Atoi(field); err == nil {
			last = max(last, n)
		}
	}
	return last + 1
}

// tsharkFollow reads what "follow" prints: the two nodes, then lines of hex,
// indented when the second node sent them.
func tsharkFollow(t *testing.T, path string, n int) map[string]string {
	out, err := exec.Command("tshark", "-n", "-r", path, "-q", "-z", "follow,tcp,raw,"+strconv.Itoa(n)).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	var nodes []netip.AddrPort
	octets := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		if _, node, ok := strings.Cut(line, "Node "); ok {
			_, address, _ := strings.Cut(strings.TrimSpace(node), ": ")
			nodes = append(nodes, netip.MustParseAddrPort(bracketed(address)))
			continue
		}
		data, err := hex.DecodeString(strings.TrimSpace(line))
		if err != nil || len(data) == 0 || len(nodes) < 2 {
			continue
		}
		from, to := nodes[0], nodes[1]
		if strings.HasPrefix(line, "\t") {
			from, to = to, from
		}
		octets[way(from, to)] += string(data)
	}
	return octets
}

// bracketed puts the brackets around an IPv6 address that tshark leaves out.
func bracketed(address string) string {
	if i := strings.LastIndex(address, ":"); strings.Count(address, ":") > 1 && address[0] != '[' {
		return "[" + address[:i] + "]" + address[i:]
	}
	return address
}
