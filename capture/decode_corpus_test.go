package capture

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/capture/wire"
)

// tsharkColumns is what tshark and the decoder are compared in.
var tsharkColumns = []string{
	"frame.protocols", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst",
	"udp.srcport", "udp.dstport", "udp.length", "tcp.srcport", "tcp.dstport", "tcp.len", "tcp.seq_raw",
}

// tsharkDiffers lists, by file and frame, where we hold to another reading than
// tshark 4.0.17 does, with ours.
var tsharkDiffers = map[string]map[int]string{
	"arkime__arkime_synthetic.pcap": {
		// UDP length 0: tshark repeats it, we take what IP says.
		818: "udp 10.9.8.1:40100 10.9.8.2:9999 24",
	},
	"flowlab__showcase__pcap_flow_lab_showcase.pcap": {
		// A pseudowire without control word whose MACs begin with 00: tshark takes them for one.
		1327: "tcp 192.0.2.50:49180 198.51.100.50:443 16 500",
	},
	"ndpi__fuzz-2006-06-26-2594.pcap": {
		// IP lengths beyond the frame: tshark clips them to the frame, we keep what the
		// header says and mark the payload as truncated.
		62: "tcp 147.234.1.253:120 192.168.1.2:2720 29400 3844052486",
		65: "tcp 147.234.1.249:2069 192.168.1.2:2720 4129 3844052578",
		83: "tcp 192.168.1.6:2721 147.234.1.253:58999 74 468359306",
		// IP options of 8 octets leave 12 for TCP: tshark shows the ports, we call it a bad header.
		86: "",
	},
}

// TestCorpusDatagramsAgainstTshark holds addresses, ports and lengths of every
// UDP datagram and TCP segment of real captures against tshark.
func TestCorpusDatagramsAgainstTshark(t *testing.T) {
	if testing.Short() {
		t.Skip("starts tshark a hundred times")
	}
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark")
	}
	for _, name := range slices.Sorted(maps.Keys(corpusFiles(t))) {
		path := filepath.Join(corpus, "files", name)
		if _, err := os.Stat(path); err != nil || !strings.Contains(filepath.Ext(name), "cap") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := tsharkDatagrams(t, path)
			got := decodedDatagrams(t, path)
			if len(got) != len(want) {
				t.Fatalf("got %d frames, tshark %d", len(got), len(want))
			}
			for i := range want {
				if known, ok := tsharkDiffers[name][i+1]; ok {
					if got[i] != known {
						t.Errorf("frame %d: got %q, the list of differences says %q", i+1, got[i], known)
					}
					continue
				}
				if got[i] != want[i] {
					t.Errorf("frame %d: got %q, tshark %q", i+1, got[i], want[i])
				}
			}
		})
	}
}

// decodedDatagrams describes what each frame gave, "" for nothing.
func decodedDatagrams(t *testing.T, path string) []string {
	all, _ := readAll(t, path)
	d := NewDecoder(DecoderConfig{})
	var lines []string
	for i := range all {
		all[i].HEP = false // tshark does not know it
		var dg Datagram
		line := ""
		if d.Decode(&all[i], &dg) {
			line = datagramLine(&dg)
		}
		lines = append(lines, line)
	}
	return lines
}

func datagramLine(dg *Datagram) string {
	if dg.Protocol == wire.ProtocolTCP {
		return fmt.Sprintf("tcp %v %v %d %d", dg.Source(), dg.Destination(), dg.Length, dg.Seq)
	}
	return fmt.Sprintf("udp %v %v %d", dg.Source(), dg.Destination(), dg.Length+8)
}

// tsharkDatagrams describes frames as tshark sees them.
func tsharkDatagrams(t *testing.T, path string) []string {
	args := []string{"-n", "-r", path, "-T", "fields", "-E", "occurrence=a", "-o", "ip.defragment:TRUE"}
	for _, column := range tsharkColumns {
		args = append(args, "-e", column)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	var lines []string
	for row := range strings.Lines(string(out)) {
		lines = append(lines, tsharkLine(strings.Split(strings.TrimSuffix(row, "\n"), "\t")))
	}
	return lines
}

// tsharkLine takes the innermost layers of a frame. What an ICMP error quotes
// is not traffic.
func tsharkLine(columns []string) string {
	value := make(map[string]string)
	for i, name := range tsharkColumns {
		all := strings.Split(columns[i], ",")
		value[name] = all[len(all)-1]
	}
	network, transport := "", ""
	for layer := range strings.SplitSeq(columns[0], ":") {
		switch layer {
		case "icmp", "icmpv6":
			return ""
		case "ip", "ipv6":
			network = layer
			transport = ""
		case "udp", "tcp":
			transport = layer
		}
	}
	if transport == "" {
		return ""
	}
	address := func(side string) string {
		host, port := value[network+"."+side], value[transport+"."+side+"port"]
		if network == "ipv6" {
			host = "[" + host + "]"
		}
		return host + ":" + port
	}
	line := transport + " " + address("src") + " " + address("dst")
	if transport == "tcp" {
		return line + " " + value["tcp.len"] + " " + value["tcp.seq_raw"]
	}
	return line + " " + value["udp.length"]
}
