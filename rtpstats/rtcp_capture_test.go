package rtpstats

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
	"github.com/pion/rtcp"
)

// captures is a folder of real traffic with tshark's tables, beside the repository.
const captures = "../../shared/captures"

// refused are files whose "RTCP" isn't: tshark's heuristics look at two octets.
var refused = map[string]string{
	"ndpi__discord_mid_flow.pcap":                    "Discord's own encryption behind an RTCP header; lengths don't chain and there is no SRTCP index",
	"ndpi__gnutella.pcap":                            "Gnutella: the length is many times the datagram's",
	"flowlab__showcase__pcap_flow_lab_showcase.pcap": "a rising pattern of octets; the length is many times the datagram's",
}

// TestRTCPOfCaptures compares every RTCP datagram that tshark found in real
// captures: packet types, SSRCs and all fields of the report blocks.
func TestRTCPOfCaptures(t *testing.T) {
	tables, err := filepath.Glob(filepath.Join(captures, "truth", "*.rtcp.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) == 0 {
		t.Skip("no captures beside the repository")
	}
	compared := 0
	for _, table := range tables {
		name := strings.TrimSuffix(filepath.Base(table), ".rtcp.tsv")
		t.Run(name, func(t *testing.T) {
			rows := readTable(t, table)
			datagrams := readDatagrams(t, filepath.Join(captures, "files", name), rows)
			for _, row := range rows {
				d := datagrams[row["frame.number"]]
				// Tshark lists what came to an RTCP port but has no RTCP header (one-octet keep-alives) without a type.
				if want := refused[name] == "" && row["rtcp.pt"] != ""; LooksRTCP(d.b, d.claimed) != want {
					t.Errorf("frame %s: looks like RTCP: %v, want %v: % x", row["frame.number"], !want, want, d.b)
				} else if want {
					compareRow(t, row, d)
					compared++
				}
			}
		})
	}
	if want := 75; compared != want {
		t.Errorf("compared %d datagrams, want %d", compared, want)
	}
}

// compareRow holds one datagram to tshark's row.
func compareRow(t *testing.T, row map[string]string, d datagram) {
	t.Helper()
	pkts, damaged := ParseRTCP(d.b)
	if damaged {
		t.Errorf("frame %s: damaged: % x", row["frame.number"], d.b)
	}
	for key, value := range rowOf(pkts) {
		if row[key] != value {
			t.Errorf("frame %s: %s is %q, tshark has %q", row["frame.number"], key, value, row[key])
		}
	}
}

// TestSRTCPOfCapture: an SRTP call whose encrypted reports tshark shows with
// the E flag and the index, 80000001 and so on, before a tag of 10 octets.
func TestSRTCPOfCapture(t *testing.T) {
	file := filepath.Join(captures, "files", "voipshark__SIP-SRTP-Normal_Call_two_parties.pcap")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("no captures beside the repository: %v", err)
	}
	var rows []map[string]string
	for _, frame := range []string{"80", "81", "86", "87", "4716", "4720", "4745"} {
		rows = append(rows, map[string]string{"frame.number": frame})
	}
	for frame, d := range readDatagrams(t, file, rows) {
		if kind := ClassifyRTCP(d.b, d.claimed); kind != RTCPEncrypted {
			t.Errorf("frame %s: kind %d, want SRTCP: % x", frame, kind, d.b)
		}
		if pkts, damaged := ParseRTCP(d.b); pkts != nil || damaged {
			t.Errorf("frame %s: read %v from ciphertext, damaged %v", frame, pkts, damaged)
		}
	}
}

// rowOf prints packets as tshark prints the fields.
func rowOf(pkts []rtcp.Packet) map[string]string {
	fields := make(map[string][]string)
	add := func(key, format string, v any) { fields[key] = append(fields[key], fmt.Sprintf(format, v)) }
	blocks := func(reports []rtcp.ReceptionReport) {
		for i := range reports {
			r := &reports[i]
			add("rtcp.ssrc.identifier", "0x%08x", r.SSRC)
			add("rtcp.ssrc.fraction", "%d", r.FractionLost)
			add("rtcp.ssrc.cum_nr", "%d", CumulativeLost(r))
			add("rtcp.ssrc.ext_high", "%d", r.LastSequenceNumber)
			add("rtcp.ssrc.jitter", "%d", r.Jitter)
			add("rtcp.ssrc.lsr", "%d", r.LastSenderReport)
			add("rtcp.ssrc.dlsr", "%d", r.Delay)
		}
	}
	for _, p := range pkts {
		switch p := p.(type) {
		case *rtcp.SenderReport:
			add("rtcp.pt", "%d", 200)
			add("rtcp.senderssrc", "0x%08x", p.SSRC)
			blocks(p.Reports)
		case *rtcp.ReceiverReport:
			add("rtcp.pt", "%d", 201)
			add("rtcp.senderssrc", "0x%08x", p.SSRC)
			blocks(p.Reports)
		case *rtcp.SourceDescription:
			add("rtcp.pt", "%d", 202)
			for _, c := range p.Chunks {
				add("rtcp.ssrc.identifier", "0x%08x", c.Source)
			}
		case *rtcp.Goodbye:
			add("rtcp.pt", "%d", 203)
			for _, ssrc := range p.Sources {
				add("rtcp.ssrc.identifier", "0x%08x", ssrc)
			}
		default:
			add("rtcp.pt", "%T", p)
		}
	}
	row := make(map[string]string)
	for _, key := range []string{"rtcp.pt", "rtcp.senderssrc", "rtcp.ssrc.identifier", "rtcp.ssrc.fraction", "rtcp.ssrc.cum_nr",
		"rtcp.ssrc.ext_high", "rtcp.ssrc.jitter", "rtcp.ssrc.lsr", "rtcp.ssrc.dlsr"} {
		row[key] = strings.Join(fields[key], "|")
	}
	return row
}

func readTable(t *testing.T, file string) []map[string]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var header []string
	var rows []map[string]string
	for s := bufio.NewScanner(f); s.Scan(); {
		cells := strings.Split(s.Text(), "\t")
		if header == nil {
			header = cells
			continue
		}
		row := make(map[string]string)
		for i, key := range header {
			if i < len(cells) {
				row[key] = cells[i]
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// datagram is one UDP payload as captured, with the length that UDP claims.
type datagram struct {
	b       []byte
	claimed int
}

// readDatagrams returns the innermost UDP payloads of the frames in rows.
func readDatagrams(t *testing.T, file string, rows []map[string]string) map[string]datagram {
	t.Helper()
	wanted := make(map[string]bool)
	for _, row := range rows {
		wanted[row["frame.number"]] = true
	}
	found := make(map[string]datagram)
	eachFrame(t, file, func(number int, link layers.LinkType, b []byte) {
		key := fmt.Sprint(number)
		if wanted[key] {
			found[key] = innermostUDP(gopacket.NewPacket(b, link, gopacket.Default))
		}
	})
	return found
}

func innermostUDP(p gopacket.Packet) datagram {
	var d datagram
	for _, l := range p.Layers() {
		if udp, ok := l.(*layers.UDP); ok && udp.Length >= 8 {
			d = datagram{udp.Payload, int(udp.Length) - 8}
		}
	}
	return d
}

// eachFrame calls frame for every frame of a capture file, numbered from 1.
func eachFrame(t *testing.T, file string, frame func(number int, link layers.LinkType, b []byte)) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var source gopacket.PacketDataSource
	var link layers.LinkType
	if len(text) >= 4 && binary.LittleEndian.Uint32(text) == 0x0a0d0d0a {
		r, err := pcapgo.NewNgReader(bytes.NewReader(text), pcapgo.DefaultNgReaderOptions)
		if err != nil {
			t.Fatal(err)
		}
		source, link = r, r.LinkType()
	} else {
		r, err := pcapgo.NewReader(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		source, link = r, r.LinkType()
	}
	for number := 1; ; number++ {
		b, _, err := source.ReadPacketData()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return
		}
		if err != nil {
			t.Fatalf("frame %d: %v", number, err)
		}
		frame(number, link, b)
	}
}
