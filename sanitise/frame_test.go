package sanitise

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"earshot/capture"
	"earshot/capture/wire"
)

// A checksum is worth afterwards what it was worth before.
func TestChecksumsKeepTheirWorth(t *testing.T) {
	payload := rpad([]byte("something"), 21)
	pseudo := func(f []byte) uint16 {
		ip := f[ethernetHeader:]
		return slowSum(ip[12:20], u16(17), ip[24:26])
	}
	worth := func(f []byte) string {
		udp := f[ethernetHeader+20:]
		field := uint16(be16(udp[6:]))
		switch {
		case field == 0:
			return "none"
		case slowSum(f[ethernetHeader+12:ethernetHeader+20], u16(17), udp[4:6], udp) == 0xffff:
			return "right"
		case field == pseudo(f):
			return "of the pseudo header"
		}
		return "wrong"
	}
	frame := func(change func(f, field []byte)) []byte {
		f := datagramFrame(4000, 4002, rtpPacket(0, 1, nil, payload))
		change(f, f[ethernetHeader+26:ethernetHeader+28])
		return f
	}
	for want, f := range map[string][]byte{
		"right":                frame(func(_, _ []byte) {}),
		"none":                 frame(func(_, field []byte) { field[0], field[1] = 0, 0 }),
		"wrong":                frame(func(_, field []byte) { field[0] ^= 0x55 }),
		"of the pseudo header": frame(func(f, field []byte) { binary.BigEndian.PutUint16(field, pseudo(f)) }),
	} {
		if got := worth(f); got != want {
			t.Fatalf("the test's own checksum is %s, want %s", got, want)
		}
		got := single(t, f)
		if worth(got) != want {
			t.Errorf("a checksum that was %s is %s", want, worth(got))
		}
		if slowSum(got[ethernetHeader:ethernetHeader+20]) != 0xffff {
			t.Error("the IP header's checksum is wrong")
		}
	}
}

func rpad(b []byte, n int) []byte { return append(b, make([]byte, n-len(b))...) }

// Property: a datagram in fragments, in any order, some twice, becomes the same
// number of fragments, and they the same datagram as if it had come whole.
func TestFragmentsFitTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		message := streamMessage(rapid.IntRange(1, 1000).Draw(t, "number"), rapid.IntRange(0, 1500).Draw(t, "body"))
		whole := testUDP(5060, 5062, message)
		var s testFrames
		const apart = 15 // pieces with holes between them, as many as the decoder bears
		step := rapid.IntRange(len(whole)/8/apart+1, 80).Draw(t, "octets, by eight") * 8
		for at := 0; at < len(whole); at += step {
			flags, end := 0x2000|at/8, at+step
			if end >= len(whole) {
				flags, end = at/8, len(whole)
			}
			s.add(testEther(wire.EtherIPv4, testIP(77, flags, wire.ProtocolUDP, nil, whole[at:end])))
		}
		order := rapid.Permutation(s.frames).Draw(t, "order")
		s = testFrames{frames: order}
		for i := range s.frames {
			s.frames[i].At = 1e18 + int64(i)*1e6
		}
		if rapid.Bool().Draw(t, "one twice") {
			again := s.frames[0]
			again.At += int64(len(s.frames)) * 1e6
			s.frames = append(s.frames, again)
		}
		frames, _, _ := sanitised(silent{}, &s, Options{})
		decoder := capture.NewDecoder(capture.DecoderConfig{})
		var got []byte
		for i := range frames {
			var dg capture.Datagram
			if decoder.Decode(&frames[i], &dg) {
				got = bytes.Clone(dg.Payload)
			}
		}
		if want := rewritten([][]byte{message})[0]; !bytes.Equal(got, want) || len(frames) != len(s.frames) {
			t.Fatalf("%d fragments became %d:\n%q\nwant\n%q", len(s.frames), len(frames), got, want)
		}
	})
}

// What an ICMP error quotes gets the same addresses as the packet itself.
func TestICMPQuotesTheSameAddresses(t *testing.T) {
	packet := testIP(5, 0, wire.ProtocolUDP, nil, testUDP(4000, 4002, rtpPacket(0, 1, nil, make([]byte, 20))))
	itself := single(t, testEther(wire.EtherIPv4, packet))[ethernetHeader:]
	message := cat([]byte{3, 3, 0, 0, 0, 0, 0, 0}, packet[:28])
	binary.BigEndian.PutUint16(message[2:], ^slowSum(message))
	got := single(t, testEther(wire.EtherIPv4, testIP(6, 0, wire.ProtocolICMP, nil, message)))[ethernetHeader+20:]
	if slowSum(got) != 0xffff {
		t.Error("the ICMP checksum is wrong")
	}
	if quoted := got[8:]; !bytes.Equal(quoted[12:20], itself[12:20]) || bytes.Equal(quoted[12:20], packet[12:20]) {
		t.Errorf("quotes addresses %v, the packet has %v", quoted[12:20], itself[12:20])
	}
}

// A STUN response tells the pseudonym of the address that was seen, masked or not
// (RFC 8489 14.2), and its fingerprint is right (14.7).
func TestSTUNAddresses(t *testing.T) {
	masked := cat([]byte{0, 1}, u16(5000^stunCookie>>16), u32(binary.BigEndian.Uint32(testSrc)^stunCookie))
	f := datagramFrame(3478, 3479, stunMessage(0x0101, stunAttribute(stunXORMapped, masked), stunAttribute(stunMapped, cat([]byte{0, 1}, u16(5000), testSrc))))
	got := single(t, f)
	source, stun := got[ethernetHeader+12:ethernetHeader+16], got[ethernetHeader+28:]
	if plain := stun[20+12+8 : 20+12+12]; !bytes.Equal(plain, source) {
		t.Errorf("MAPPED-ADDRESS is %v, want %v", plain, source)
	}
	if x := u32(be32(stun[20+8:]) ^ stunCookie); !bytes.Equal(x, source) {
		t.Errorf("XOR-MAPPED-ADDRESS is %v, want %v", x, source)
	}
	if bytes.Equal(stun[8:20], []byte("transaction!")) {
		t.Error("the transaction is what it was")
	}
}

// What pcapng says beside packets stays in the house: comments, names of
// interfaces and hosts, keys. (Blocks as in draft-ietf-opsawg-pcapng.)
func TestPcapngBlocksStay(t *testing.T) {
	le := binary.LittleEndian
	option := func(code int, text string) []byte {
		b := le.AppendUint16(le.AppendUint16(nil, uint16(code)), uint16(len(text)))
		return append(append(b, text...), make([]byte, (4-len(text)%4)%4)...)
	}
	block := func(kind uint32, body ...[]byte) []byte {
		b := cat(body...)
		length := uint32(12 + len(b))
		return le.AppendUint32(append(le.AppendUint32(le.AppendUint32(nil, kind), length), b...), length)
	}
	packet := datagramFrame(4000, 4002, rtpPacket(0, 1, nil, make([]byte, 20)))
	padded := append(bytes.Clone(packet), make([]byte, (4-len(packet)%4)%4)...)
	size := le.AppendUint32(nil, uint32(len(packet)))
	file := cat(
		block(0x0A0D0D0A, []byte{0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0}, bytes.Repeat([]byte{0xff}, 8), option(1, "Kanarie comment"), option(2, "Kanarie hardware"), option(3, "Kanarie OS"), option(4, "Kanarie user"), make([]byte, 4)),
		block(1, []byte{1, 0, 0, 0, 0, 0, 0, 0}, option(2, "Kanarie eth0"), option(3, "Kanarie description"), make([]byte, 4)),
		block(4, []byte{1, 0, 20, 0}, testSrc, []byte("Kanarie.example\x00"), make([]byte, 4)),
		block(10, []byte("KSLT"), le.AppendUint32(nil, 16), []byte("Kanarie key 0123")),
		block(6, make([]byte, 4), le.AppendUint32(nil, 0x60000), make([]byte, 4), size, size, padded, option(1, "Kanarie of a packet"), make([]byte, 4)),
		block(0xbad, []byte("Kanarie of a block that nobody knows")))
	dir := t.TempDir()
	name := filepath.Join(dir, "Kanarie.pcapng")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	result, err := os.ReadFile(sanitiseFile(t, name, Options{Key: testKey(42)}))
	if err != nil {
		t.Fatal(err)
	}
	if how := found(result, "Kanarie"); how != "" {
		t.Errorf("found %s", how)
	}
	if frames := readFrames(t, result); len(frames) != 1 || len(frames[0].Data) != len(packet) {
		t.Errorf("got %d frames, want the one", len(frames))
	}
}

// malformed counts the frames that tshark cannot dissect.
func malformed(t *testing.T, name string) int {
	t.Helper()
	out, err := exec.Command("tshark", "-r", name, "-Y", "_ws.malformed", "-T", "fields", "-e", "frame.number").Output()
	if err != nil && len(out) == 0 {
		t.Logf("tshark on %s: %v", name, err)
	}
	return len(strings.Fields(string(out)))
}

// tshark finds nothing malformed that it did not find before.
func TestTsharkReadsTheResult(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	files := generate(t)
	p := &planter{list: map[string][]byte{}}
	_, planted, _ := sanitised(t, plantPackets(p), Options{})
	name := filepath.Join(t.TempDir(), "planted.pcapng")
	if err := os.WriteFile(name, planted, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("tshark", "-r", name, "-V").Run(); err != nil {
		t.Errorf("tshark cannot read packets from everywhere: %v", err)
	}
	real, _ := filepath.Glob(corpusDir + "/*cap*")
	for _, file := range real {
		const quick = 8 << 10
		if info, err := os.Stat(file); err == nil && info.Size() < quick {
			files[filepath.Base(file)] = file
		}
	}
	for name, file := range files {
		t.Run(fmt.Sprint(name), func(t *testing.T) {
			if before, after := malformed(t, file), malformed(t, sanitiseFile(t, file, Options{Key: testKey(42)})); after > before {
				t.Errorf("%d frames are malformed, %d were", after, before)
			}
		})
	}
}
