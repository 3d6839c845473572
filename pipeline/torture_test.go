package pipeline

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/capture"
	"earshot/dialog"

	"github.com/ulikunitz/xz"
)

const textsDir = "../../shared/captures/sip-text"

// tortureTexts are some of everything that is done to SIP. A readable request
// other than ACK has "readable" in its Call-ID and must make a record.
var tortureTexts = []string{
	"INVITE sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>\r\n" +
		"Call-ID: readable-1\r\nCSeq: 1 INVITE\r\nContent-Type: application/sdp\r\nContent-Length: 66\r\n\r\nv=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\n",
	"OPTIONS sip:b@192.0.2.2 SIP/2.0\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK2\nf: <sip:a@192.0.2.1>;tag=2\nt: <sip:b@192.0.2.2>\ni: readable-2\nCSeq: 1 OPTIONS\nl: 0\n\n",
	"REGISTER sip:192.0.2.2 SIP/2.0\r\nVia:\r\n SIP/2.0/UDP 192.0.2.1\r\n ;branch=z9hG4bK3\r\nFrom: \"\xff\xfe\" <sip:a@192.0.2.1>;tag=3\r\nTo: <sip:a@192.0.2.1>\r\n" +
		"Call-ID :\r\n readable-3\r\nCSeq: 00000001\r\n REGISTER\r\n\r\n",
	"INVITE sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK4\r\nFrom: a\r\nTo: b\r\nCall-ID: readable-4\r\nCSeq: 4294967296 INVITE\r\nContent-Length: -1\r\n\r\n",
	"INVITE sip:b@192.0.2.2 SIP/2.0\r\nCall-ID: readable-5\r\nCSeq: 1 INVITE\r\nContent-Length: 99999999999999999999\r\n\r\nv=0",
	"MESSAGE sip:b@192.0.2.2 SIP/2.0\r\n" + strings.Repeat("X-Fill: "+strings.Repeat("x", 1000)+"\r\n", 40) + "From: <sip:a@192.0.2.1>;tag=6\r\nCall-ID: readable-6\r\nCSeq: 1 MESSAGE\r\n\r\n",
	"INVITE sip:b@192.0.2.2 SIP/2.0\r\nVia: " + strings.Repeat("SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK7,", 1000) + "\r\n\r\n",
	"SIP/2.0 200 OK\r\nCall-ID: nobody-asked\r\nCSeq: 1 INVITE\r\n\r\n",
	"SIP/2.0 999999999999999999999999 \r\n\r\n",
	"BYE sip:b@192.0.2.2 SIP/2.0\r\n\x00\x00\x00\r\nCall-ID\r\n::::\r\n\r\n",
	"INVITE sip:b@192.0.2.2 SIP/2.0\r\nCall-ID: cut in the mi",
	"\r\n\r\n",
	strings.Repeat("INVITE ", 5000),
	"m=audio 4000 RTP/AVP 0\r\n",
}

func TestTortureOwn(t *testing.T) {
	torture(t, tortureTexts, regexp.MustCompile(`(?i)readable-\d+`))
}

// requestCallID finds the Call-ID of a request that makes a record; longer ones
// than anybody makes may be cut.
var requestCallID = regexp.MustCompile(`(?is)\A(?:INVITE|REGISTER|OPTIONS|MESSAGE)\s.*?\n(?:call-id|i)[ \t]*:[ \t]*([^\s]{1,255})\s`)

func TestTortureRFC4475(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(textsDir, "rfc4475-and-callflows", "*.dat"))
	if err != nil || len(files) == 0 {
		t.Skip("the texts of RFC 4475 are not beside the repository")
	}
	var texts []string
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(b))
	}
	torture(t, texts, requestCallID)
}

func TestTorturePROTOS(t *testing.T) {
	texts := protosTexts(t)
	if len(texts) != 2*2264 {
		t.Errorf("read %d messages of the suite, want %d", len(texts), 2*2264)
	}
	torture(t, texts, requestCallID)
}

// protosPlaceholders are what the PROTOS tool fills in when it sends a case.
var protosPlaceholders = strings.NewReplacer("<From-Address>", "192.0.2.1", "<From-IP>", "192.0.2.1", "<To>", "b@192.0.2.2",
	"<From>", "a@192.0.2.1", "<Teardown-Method>", "BYE", "<Local-Port>", "5060", "<CSeq>", "7", "<Branch-ID>", "1",
	"<Call-ID>", "abc", "<Content-Length>", "131")

// protosTexts reads the cases of the suite: each is some messages, each of them
// behind its length in decimal and a space.
func protosTexts(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(filepath.Join(textsDir, "protos-c07-even.tar.xz"))
	if err != nil {
		t.Skip("the PROTOS cases are not beside the repository")
	}
	defer f.Close()
	packed, err := xz.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for archive := tar.NewReader(packed); ; {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return texts
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		for rest := string(b); rest != ""; {
			digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
			n, err := strconv.Atoi(rest[:max(digits, 0)])
			if err != nil || digits+1+n > len(rest) {
				t.Fatalf("%s: no length before %.40q", entry.Name, rest)
			}
			texts = append(texts, protosPlaceholders.Replace(rest[digits+1:digits+1+n]))
			rest = rest[digits+1+n:]
		}
	}
}

// torture sends texts as datagrams and as TCP connections through a whole
// pipeline: it ends, memory is bounded, and the Call-IDs that want finds in
// the texts make records. Over TCP segments are lost, and what must come
// through is a sound message behind each text.
func torture(t *testing.T, texts []string, want *regexp.Regexp) {
	t.Run("UDP", func(t *testing.T) {
		w := newWire(t)
		for i, text := range texts {
			w.datagram(tortureClient(i), tortureServer, []byte(text))
		}
		k := endure(t, w.close())
		for i, text := range texts {
			m := want.FindStringSubmatch(text)
			if m != nil && !k.callIDs[m[len(m)-1]] {
				t.Errorf("text %d: no record of Call-ID %q in %.60q", i, m[len(m)-1], text)
			}
		}
	})
	t.Run("TCP", func(t *testing.T) {
		w := newWire(t)
		r := rand.New(rand.NewPCG(4475, 7))
		for i, text := range texts {
			tortureConnection(w, r, i, text)
		}
		k := endure(t, w.close())
		for i, text := range texts {
			if !k.callIDs[soundCallID(i)] {
				t.Errorf("text %d: no record of the sound message behind %.60q", i, text)
			}
		}
	})
}

var tortureServer = netip.MustParseAddrPort("198.51.100.1:5060")

func tortureClient(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(i >> 8), byte(i)}), 5060)
}

func soundCallID(i int) string { return fmt.Sprintf("sound-%d@203.0.113.1", i) }

// tortureConnection sends text over a connection of its own in segments of
// random length, of which one in twenty is lost. Behind it one octet is never
// seen, so that a length that lies cannot hide the sound message that follows.
// A connection whose beginning was lost is taken up where a segment begins like
// SIP, which needs "OPTIONS sip:" in one piece: no segment is below 16 octets.
func tortureConnection(w *wire, r *rand.Rand, i int, text string) {
	src, seq := tortureClient(i), r.Uint32()
	w.segment(src, tortureServer, seq, tcpSYN, nil)
	seq++
	send := func(text string, lost float64) {
		for text != "" {
			n := min(16+r.IntN(1400), len(text))
			if r.Float64() >= lost {
				w.segment(src, tortureServer, seq, tcpACK, []byte(text[:n]))
			}
			seq += uint32(n)
			text = text[n:]
		}
	}
	send(text, 0.05)
	seq++
	send("OPTIONS sip:b@198.51.100.1 SIP/2.0\r\nVia: SIP/2.0/TCP 203.0.113.1;branch=z9hG4bKs"+strconv.Itoa(i)+
		"\r\nFrom: <sip:a@203.0.113.1>;tag=s\r\nTo: <sip:b@198.51.100.1>\r\nCall-ID: "+soundCallID(i)+"\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n", 0)
	w.segment(src, tortureServer, seq, tcpACK|tcpFIN, nil)
}

// Limits of what a pipeline may take of time and memory over some thousand messages.
const (
	tortureTime   = 60 * time.Second
	tortureMemory = 256 << 20
)

// weigher is a recordList that watches the heap.
type weigher struct {
	recordList
	records int
	highest uint64
}

func (w *weigher) Record(r dialog.Record) {
	w.recordList.Record(r)
	if w.records++; w.records%256 == 0 {
		w.highest = max(w.highest, heap())
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// endure replays a capture within the limits.
func endure(t *testing.T, file string) *recordList {
	t.Helper()
	src, err := capture.Open([]string{file}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	ctx, cancel := context.WithTimeout(context.Background(), tortureTime)
	defer cancel()
	runtime.GC()
	before := heap()
	var w weigher
	if err := New(Config{}, []capture.Source{src}, &w).Run(ctx); err != nil {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Errorf("not done after %v", tortureTime)
	}
	if w.highest > before+tortureMemory {
		t.Errorf("the heap grew from %d to %d octets", before, w.highest)
	}
	return &w.recordList
}
