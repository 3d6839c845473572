package capture

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/gopacket"
	"github.com/google/gopacket/pcapgo"
)

// corpus is a folder of real captures beside the repository; the tests that
// use it are skipped where it is not there.
const corpus = "../../shared/captures"

func corpusFiles(t *testing.T) map[string]int {
	t.Helper()
	f, err := os.Open(filepath.Join(corpus, "INDEX.tsv"))
	if err != nil {
		t.Skip("the folder of real captures is not here")
	}
	defer f.Close()
	files := make(map[string]int)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		columns := strings.Split(lines.Text(), "\t")
		if packets, err := strconv.Atoi(columns[4]); err == nil {
			files[columns[0]] = packets
		}
	}
	return files
}

// frames reads a Source to its end, with copies of the data.
func frames(t *testing.T, s Source) []Frame {
	t.Helper()
	var all []Frame
	for {
		var f Frame
		err := s.Next(&f)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		f.Data = append([]byte(nil), f.Data...)
		all = append(all, f)
	}
}

func readAll(t *testing.T, paths ...string) ([]Frame, *Files) {
	t.Helper()
	s, err := Open(paths, Options{})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return frames(t, s), s
}

func TestCorpusPacketCounts(t *testing.T) {
	for name, want := range corpusFiles(t) {
		path := filepath.Join(corpus, "files", name)
		if _, err := os.Stat(path); err != nil || !strings.Contains(filepath.Ext(name), "cap") {
			continue
		}
		got, s := readAll(t, path)
		if len(got) != want {
			t.Errorf("%s: got %d packets, want %d", name, len(got), want)
		}
		for _, w := range s.Warnings() {
			t.Errorf("%s: %v", name, w)
		}
		if s.Offset() != s.Size() {
			t.Errorf("%s: offset %d at the end of %d octets", name, s.Offset(), s.Size())
		}
	}
}

// TestCorpusAgainstTshark holds time, lengths and octets of every packet
// against tshark.
func TestCorpusAgainstTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("no tshark")
	}
	for _, name := range []string{
		"pilist__st2110__2022-7__ST2022-7-Audio_dropped_in_both.pcap", // ns
		"ptaviDavid__invite.libpcap.pcap",                             // modified
		"ndpi__rtp.pcapng",                                            // two interfaces
		"pl7m__gre_v1.pcapng",                                         // nine
		"flowlab__showcase__pcap_flow_lab_showcase.pcap",              // cut by the snap length
		"wstest__sip.pcapng",                                          // raw IP
	} {
		path := filepath.Join(corpus, "files", name)
		if _, err := os.Stat(path); err != nil {
			t.Skip("the folder of real captures is not here")
		}
		out, err := exec.Command("tshark", "-n", "-r", path, "-T", "fields",
			"-e", "frame.time_epoch", "-e", "frame.cap_len", "-e", "frame.len").Output()
		if err != nil {
			t.Fatalf("tshark %s: %v", name, err)
		}
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		got, _ := readAll(t, path)
		if len(got) != len(lines) {
			t.Fatalf("%s: got %d packets, tshark %d", name, len(got), len(lines))
		}
		for i, line := range lines {
			columns := strings.Split(line, "\t")
			if at := epoch(t, columns[0]); at != got[i].At {
				t.Errorf("%s packet %d: got time %d, want %d", name, i+1, got[i].At, at)
			}
			if columns[1] != strconv.Itoa(len(got[i].Data)) || columns[2] != strconv.Itoa(got[i].OrigLen) {
				t.Errorf("%s packet %d: got lengths %d of %d, want %s of %s", name, i+1,
					len(got[i].Data), got[i].OrigLen, columns[1], columns[2])
			}
		}
	}
}

// epoch reads tshark's time with nine digits after the point.
func epoch(t *testing.T, s string) int64 {
	t.Helper()
	sec, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(sec+frac, 10, 64)
	if err != nil || len(frac) != 9 {
		t.Fatalf("tshark's time %q: %v", s, err)
	}
	return n
}

func writeFile(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCorpusAgainstPcapgo reads every real capture with gopacket's readers too.
func TestCorpusAgainstPcapgo(t *testing.T) {
	for name := range corpusFiles(t) {
		path := filepath.Join(corpus, "files", name)
		content, err := os.ReadFile(path)
		if err != nil || !strings.Contains(filepath.Ext(name), "cap") {
			continue
		}
		read := pcapgoReader(content)
		if read == nil {
			continue // the modified format, which gopacket does not have
		}
		got, _ := readAll(t, path)
		for i := range got {
			data, info, err := read()
			if err != nil {
				t.Fatalf("%s: gopacket at packet %d: %v", name, i+1, err)
			}
			if !bytes.Equal(data, got[i].Data) || info.Length != got[i].OrigLen || info.Timestamp.UnixNano() != got[i].At {
				t.Errorf("%s packet %d: got %d ns, %d octets, gopacket %d ns, %d octets", name, i+1,
					got[i].At, len(got[i].Data), info.Timestamp.UnixNano(), len(data))
			}
		}
		if _, _, err := read(); err != io.EOF {
			t.Errorf("%s: gopacket reads on, %v", name, err)
		}
	}
}

func pcapgoReader(content []byte) func() ([]byte, gopacket.CaptureInfo, error) {
	if r, err := pcapgo.NewReader(bytes.NewReader(content)); err == nil {
		return r.ReadPacketData
	}
	if r, err := pcapgo.NewNgReader(bytes.NewReader(content), pcapgo.NgReaderOptions{WantMixedLinkType: true}); err == nil {
		return r.ReadPacketData
	}
	return nil
}
