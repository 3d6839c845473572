package capture

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// section is the block that every file of Writer begins with.
var section = []byte{
	0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, // section header block, length
	0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0, // byte-order magic, version 1.0
	0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, // section length -1
	28, 0, 0, 0,
}

func TestWriterBytes(t *testing.T) {
	want := append(append([]byte(nil), section...),
		1, 0, 0, 0, 32, 0, 0, 0, // interface description block, length
		101, 0, 0, 0, 0, 0, 0, 0, // raw IP, reserved, no snap length
		9, 0, 1, 0, 9, 0, 0, 0, // if_tsresol 10^-9
		0, 0, 0, 0, // end of options
		32, 0, 0, 0,
		6, 0, 0, 0, 52, 0, 0, 0, // enhanced packet block, length
		0, 0, 0, 0, // interface 0
		0xCE, 0x91, 0x5A, 0x17, 0x15, 0xCD, 0x89, 0xFD, // time, high and low half
		5, 0, 0, 0, 99, 0, 0, 0, // 5 octets of 99
		'h', 'e', 'l', 'l', 'o', 0, 0, 0, // packet, padding
		2, 0, 4, 0, 2, 0, 0, 0, // epb_flags: outbound
		0, 0, 0, 0, // end of options
		52, 0, 0, 0,
	)
	var got bytes.Buffer
	w, err := NewWriter(&got)
	if err != nil {
		t.Fatal(err)
	}
	f := Frame{At: 0x175A91CE_FD89CD15, Data: []byte("hello"), OrigLen: 99, Link: LinkRaw, Outgoing: true}
	if err := errors.Join(w.WriteFrame(&f), w.Flush()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("got\n% x\nwant\n% x", got.Bytes(), want)
	}
}

// TestWriterRoundTrip writes every real capture and reads it back.
func TestWriterRoundTrip(t *testing.T) {
	for name := range corpusFiles(t) {
		path := filepath.Join(corpus, "files", name)
		if _, err := os.Stat(path); err != nil || !strings.Contains(filepath.Ext(name), "cap") {
			continue
		}
		want, _ := readAll(t, path)
		got, _ := readAll(t, writeFrames(t, want))
		if !reflect.DeepEqual(got, renumbered(want)) {
			t.Errorf("%s: frames differ after a round trip", name)
		}
	}
}

// renumbered gives the points the order of their first frames, as reading does.
func renumbered(in []Frame) []Frame {
	seen := make(map[uint16]uint16)
	out := append([]Frame(nil), in...)
	for i := range out {
		point, ok := seen[out[i].Point]
		if !ok {
			point = uint16(len(seen))
			seen[out[i].Point] = point
		}
		out[i].Point = point
	}
	return out
}

func writeFrames(t *testing.T, all []Frame) string {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if err := w.WriteFrame(&all[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "written.pcapng")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWriterTshark lets tshark read what Writer wrote: two link types, three
// points, both directions, a cut packet and one of odd length.
func TestWriterTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark")
	}
	ipv4 := []byte{0x45, 0, 0, 21, 0, 0, 0, 0, 64, 255, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 7}
	path := writeFrames(t, []Frame{
		{At: 1_700_000_000_123456789, Data: ipv4, OrigLen: 21, Link: LinkRaw, Point: 0},
		{At: 1_700_000_000_123456788, Data: make([]byte, 60), OrigLen: 1500, Link: LinkEthernet, Point: 1, Outgoing: true},
		{At: 1_700_000_001_000000001, Data: ipv4, OrigLen: 21, Link: LinkRaw, Point: 2},
		{At: 0, Data: make([]byte, 64), OrigLen: 64, Link: LinkEthernet, Point: 1, FCS: 4},
	})
	out, err := exec.Command("tshark", "-n", "-r", path, "-T", "fields", "-E", "separator=,",
		"-e", "frame.time_epoch", "-e", "frame.cap_len", "-e", "frame.len", "-e", "frame.encap_type",
		"-e", "frame.interface_id", "-e", "frame.packet_flags_direction").Output()
	if err != nil {
		t.Fatalf("tshark: %v", err)
	}
	// Encapsulations are Wireshark's own numbers: 1 Ethernet, 7 raw IP.
	want := "1700000000.123456789,21,21,7,0,\n" +
		"1700000000.123456788,60,1500,1,1,0x00000002\n" +
		"1700000001.000000001,21,21,7,2,\n" +
		"0.000000000,64,64,1,3,\n"
	if string(out) != want {
		t.Errorf("tshark reads\n%s\nwant\n%s", out, want)
	}
}

func TestWriterRefuses(t *testing.T) {
	w, err := NewWriter(new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteFrame(&Frame{At: -1}); !errors.Is(err, ErrBeforeEpoch) {
		t.Errorf("a frame before 1970: got %v", err)
	}
	if err := w.WriteFrame(&Frame{Data: make([]byte, basePacket+maxSnap+1)}); err == nil {
		t.Error("a frame over the limit was written")
	}
	full := errors.New("disk full")
	w, err = NewWriter(failing{full})
	if err == nil {
		err = errors.Join(w.WriteFrame(&Frame{Data: make([]byte, 100<<10)}), w.Flush())
	}
	if !errors.Is(err, full) {
		t.Errorf("got %v, want the error of the file", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// What the writer says was lost, the reader tells at the same place.
func TestWriterLost(t *testing.T) {
	var file bytes.Buffer
	w, err := NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	f := Frame{At: 5e9, Data: []byte("hello"), OrigLen: 5, Link: LinkRaw}
	if err := errors.Join(w.WriteFrame(&f), w.Lost(5e9, 3), w.WriteFrame(&f), w.Lost(6e9, 1<<33), w.Flush()); err != nil {
		t.Fatal(err)
	}
	source, err := Open([]string{"-"}, Options{Stdin: &file})
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for source.Next(&f) == nil {
		lost, _ := source.Drops()
		got = append(got, lost)
	}
	lost, _ := source.Drops()
	if got = append(got, lost); !reflect.DeepEqual(got, []uint64{0, 3, 1 << 33}) {
		t.Errorf("got losses %v, want none, 3 and 2^33", got)
	}
}
