package capture

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLinkTypeString(t *testing.T) {
	// Names of the LINKTYPE_ registry.
	tests := map[LinkType]string{
		0: "NULL", 1: "ETHERNET", 9: "PPP", 12: "RAW", 14: "RAW", 50: "PPP_HDLC", 51: "PPP_ETHER", 101: "RAW", 108: "LOOP",
		113: "LINUX_SLL", 197: "ERF", 228: "IPV4", 229: "IPV6", 276: "LINUX_SLL2", 147: "LINKTYPE 147",
	}
	for link, want := range tests {
		if got := link.String(); got != want {
			t.Errorf("%d: got %q, want %q", uint16(link), got, want)
		}
	}
}

// TestFilesThatChange: what happened to a file since it was looked at is a
// warning, and the others are read.
func TestFilesThatChange(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	a := write("a.pcap", timed(1, 'a', 1, 9))
	gone := write("gone.pcap", timed(1, 'g', 2))
	cut := write("cut.pcap", timed(1, 'c', 3))
	none := write("none.pcap", timed(1, 'n', 4))
	set := []string{write("x.pcap", timed(1, 'x', 5)), write("x.pcap1", timed(1, 'y', 6)), write("x.pcap2", timed(1, 'z', 7))}
	s, err := Open(append(set, a, gone, cut, none), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	write("none.pcap", pcapLE)
	write("cut.pcap", timed(1, 'c', 3)[:30])
	for _, path := range []string{gone, set[1]} {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	var marks []byte
	for _, f := range frames(t, s) {
		marks = append(marks, f.Data...)
	}
	if string(marks) != "axza" {
		t.Errorf("got packets %q, want axza", marks)
	}
	if got := s.Warnings(); len(got) != 3 || !strings.Contains(got[0].Error(), "gone.pcap") ||
		!strings.Contains(got[1].Error(), "the file ends after 6 of its 16 octets") || !strings.Contains(got[2].Error(), "x.pcap1") {
		t.Errorf("got warnings %v", got)
	}
}

// TestPcapngShrinks is TestFileShrinks for the other format.
func TestPcapngShrinks(t *testing.T) {
	content := cat(section, ngEthernet)
	for range 100_000 {
		content = append(content, ngPacket('x')...)
	}
	path := writeFile(t, "x.pcapng", content)
	s, err := Open([]string{path}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var f Frame
	for range 50_000 {
		if err := s.Next(&f); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Truncate(path, 100); err != nil {
		t.Fatal(err)
	}
	for s.Next(&f) == nil {
	}
	if w := s.Warnings(); len(w) != 1 || !strings.Contains(w[0].Error(), "kept the") {
		t.Errorf("got warnings %v", w)
	}
}

// TestManyInterfaces: a file can't make the table of interfaces grow for ever.
func TestManyInterfaces(t *testing.T) {
	one := func(link byte) []byte {
		return []byte{1, 0, 0, 0, 20, 0, 0, 0, link, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0}
	}
	sameSection := append([]byte(nil), section...)
	for range maxInterfaces + 1 {
		sameSection = append(sameSection, one(1)...)
	}
	checkFile(t, sameSection, nil, "more than 4096 interfaces")

	var sections []byte
	for i := range 9 {
		sections = append(sections, section...)
		for range 500 {
			sections = append(sections, one(byte(i))...)
		}
	}
	checkFile(t, sections, nil, "more than 4096 interfaces")
}

// TestManyPoints: interfaces beyond the last point share it.
func TestManyPoints(t *testing.T) {
	places := places{slots: make([]place, noPoint)}
	for i := range places.slots {
		places.slots[i].taken = true
	}
	p := &piece{r: &pcapReader{}}
	f := Frame{}
	places.set(p, &f)
	if f.Point != noPoint-1 {
		t.Errorf("got point %d, want the last", f.Point)
	}
}

// TestBigEndianOptions reads options of 64 bits in the other byte order.
func TestBigEndianOptions(t *testing.T) {
	be := binary.BigEndian
	b := be.AppendUint32(nil, blockSection)
	b = append(b, 0, 0, 0, 28, 0x1A, 0x2B, 0x3C, 0x4D, 0, 1, 0, 0)
	b = be.AppendUint64(b, 1<<64-1)
	b = append(b, 0, 0, 0, 28)
	b = append(b,
		0, 0, 0, 1, 0, 0, 0, 40, 0, 1, 0, 0, 0, 0, 0, 0, // interface, Ethernet
		0, 2, 0, 4, 'e', 't', 'h', '0', // if_name
		0, 14, 0, 8, 0, 0, 0, 0, 0, 0, 0, 60, // if_tsoffset 60 s
		0, 0, 0, 40)
	b = append(b,
		0, 0, 0, 6, 0, 0, 0, 44, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0F, 0x42, 0x40, // 1,000,000 µs
		0, 0, 0, 0, 0, 0, 0, 1,
		0, 4, 0, 8, 0, 0, 0, 0, 0, 0, 0, 9, // epb_dropcount 9
		0, 0, 0, 44)
	got, s := readAll(t, writeFile(t, "x.pcapng", b))
	sameFrames(t, got, []Frame{{At: 61e9, OrigLen: 1, Link: LinkEthernet}})
	if drops, _ := s.Drops(); drops != 9 {
		t.Errorf("got %d drops, want 9", drops)
	}
	if name := s.PointName(0); name != "x.pcapng:eth0" {
		t.Errorf("the point is named %q", name)
	}
}
