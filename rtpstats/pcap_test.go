package rtpstats

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// shared returns a file of the folder beside the repository, or skips.
func shared(tb testing.TB, name string) string {
	tb.Helper()
	path := filepath.Join("..", "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		tb.Skipf("no %s beside the repository", name)
	}
	return path
}

// packetSource is what pcapgo's readers have in common.
type packetSource interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
	LinkType() layers.LinkType
}

// openPcap opens a pcap or pcapng file.
func openPcap(f io.ReadSeeker) (packetSource, error) {
	if r, err := pcapgo.NewReader(bufio.NewReader(f)); err == nil {
		return r, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return pcapgo.NewNgReader(bufio.NewReader(f), pcapgo.DefaultNgReaderOptions)
}

// readPcap returns the RTP packets of a capture: UDP whose payload has RTP's
// version and a second octet outside RTCP's range.
func readPcap(tb testing.TB, path string) []Packet {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	r, err := openPcap(f)
	if err != nil {
		tb.Skipf("cannot read %q here: %v", path, err)
	}
	var ps []Packet
	for {
		data, ci, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) || err != nil {
			return ps
		}
		if p, ok := rtpPacket(data, ci, r.LinkType()); ok {
			ps = append(ps, p)
		}
	}
}

func rtpPacket(data []byte, ci gopacket.CaptureInfo, link layers.LinkType) (Packet, bool) {
	first := gopacket.Decoder(link)
	if link == layers.LinkTypeLinuxSLL && len(data) > 16 && data[14] == 0x08 && data[15] == 0 {
		data, first = data[16:], layers.LayerTypeIPv4 // gopacket refuses some SLL headers
	}
	pkt := gopacket.NewPacket(data, first, gopacket.DecodeOptions{NoCopy: true})
	udp, ok := pkt.Layer(layers.LayerTypeUDP).(*layers.UDP)
	if !ok || pkt.NetworkLayer() == nil {
		return Packet{}, false
	}
	b := udp.Payload
	h, ok := ReadHeader(b, int(udp.Length)-8)
	if !ok || len(b) > 1 && b[1] >= 192 && b[1] <= 223 {
		return Packet{}, false
	}
	p := Packet{
		At: ci.Timestamp.UnixNano(), SSRC: h.SSRC, Timestamp: h.Timestamp, Seq: h.Seq,
		SrcPort: uint16(udp.SrcPort), DstPort: uint16(udp.DstPort),
		WireLen: uint16(ci.Length + 4), PayloadLen: uint16(h.PayloadLen), MarkerPT: b[1], Head: h.Head,
	}
	switch ip := pkt.NetworkLayer().(type) {
	case *layers.IPv4:
		copy(p.Src[:], ip.SrcIP.To16())
		copy(p.Dst[:], ip.DstIP.To16())
		p.TOS, p.TTL = ip.TOS, ip.TTL
	case *layers.IPv6:
		copy(p.Src[:], ip.SrcIP)
		copy(p.Dst[:], ip.DstIP)
		p.TOS, p.TTL = ip.TrafficClass, ip.HopLimit
	}
	return p, true
}

// run puts packets through a fresh table with a tick at every second and
// returns the final reports in order, with all intervals of each.
func run(tb testing.TB, cfg Config, ps []Packet, hints ...Hint) ([]Report, [][]Interval) {
	tb.Helper()
	return runTable(NewTable(cfg), ps, hints...)
}

func runTable(t *Table, ps []Packet, hints ...Hint) ([]Report, [][]Interval) {
	k := newKeeper()
	second := int64(-1 << 62)
	for i := range ps {
		for len(hints) > 0 && hints[0].At <= ps[i].At {
			t.Hint(&hints[0])
			hints = hints[1:]
		}
		if s := ps[i].At / 1e9; s > second {
			second = s
			t.Tick(s*1e9, 0, k.keep)
		}
		t.UpdateBatch(ps[i:i+1], nil)
	}
	for i := range hints {
		t.Hint(&hints[i])
	}
	t.Close(k.keep)
	return k.final, k.intervals
}

// keeper collects reports beyond the life that emit gives them.
type keeper struct {
	open      map[streamID][]Interval
	final     []Report
	intervals [][]Interval
}

type streamID struct {
	src, dst string
	ssrc     uint32
	start    int64
}

func newKeeper() *keeper { return &keeper{open: map[streamID][]Interval{}} }

func (k *keeper) keep(r *Report) {
	id := streamID{r.Src.String(), r.Dst.String(), r.SSRC, r.Start}
	if r.Interval.Packets > 0 {
		k.open[id] = append(k.open[id], r.Interval)
	}
	if !r.Final {
		return
	}
	c := *r
	c.PayloadTypes = append([]uint8(nil), r.PayloadTypes...)
	c.Codecs = append([]string(nil), r.Codecs...)
	c.DSCP = append([]uint8(nil), r.DSCP...)
	c.VLAN = append([]uint8(nil), r.VLAN...)
	c.TTL = append([]uint8(nil), r.TTL...)
	k.final = append(k.final, c)
	k.intervals = append(k.intervals, k.open[id])
	delete(k.open, id)
}
