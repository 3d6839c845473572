package pipeline

import (
	"bufio"
	"fmt"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"earshot/dialog"
)

// The real captures lie beside the repository, with tshark's tables of their
// RTP streams and SIP messages. Every difference between tshark and us must
// stand in differencesFile, with who is right and why; one that stands there
// and is gone must leave it.
const (
	capturesDir     = "../../shared/captures/files"
	truthDir        = "../../shared/captures/truth"
	differencesFile = "../testdata/tshark-differences.tsv"
)

// difference is one figure on which tshark and Earshot disagree.
type difference struct{ capture, subject, field, tshark, earshot string }

func (d difference) key() string { return strings.Join([]string{d.capture, d.subject, d.field}, "\t") }

func TestTsharkAgrees(t *testing.T) {
	if _, err := os.Stat(truthDir); err != nil {
		t.Skip("the real captures and tshark's tables of them are not beside the repository")
	}
	listed := readDifferences(t)
	seen := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(capturesDir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if filepath.Ext(f) == ".xz" {
			continue
		}
		for _, d := range compareWithTshark(t, f) {
			want, ok := listed[d.key()]
			if !ok || want.tshark != d.tshark || want.earshot != d.earshot {
				t.Errorf("unlisted difference: %s\t%s\t%s", d.key(), d.tshark, d.earshot)
			}
			seen[d.key()] = true
		}
	}
	for key := range listed {
		if !seen[key] {
			t.Errorf("listed difference is gone: %s", key)
		}
	}
}

// readDifferences reads the file: capture, subject, field, tshark, earshot, right, why.
func readDifferences(t *testing.T) map[string]difference {
	t.Helper()
	text, err := os.ReadFile(differencesFile)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]difference{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if i == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 7 || !slices.Contains([]string{"earshot", "tshark", "both", "neither"}, f[5]) || f[6] == "" {
			t.Fatalf("%s:%d: want 7 columns with who is right and why, got %q", differencesFile, i+1, line)
		}
		d := difference{f[0], f[1], f[2], f[3], f[4]}
		listed[d.key()] = d
	}
	return listed
}

// compareWithTshark replays one capture and lists where its table differs.
func compareWithTshark(t *testing.T, file string) []difference {
	name := filepath.Base(file)
	var k recordList
	summary := replayInto(t, Config{}, &k, file)
	ours := map[string]*sum{}
	for _, s := range k.streams {
		key := fmt.Sprintf("%s>%s %s", s.Src, s.Dst, s.SSRC)
		if ours[key] == nil {
			ours[key] = &sum{}
		}
		ours[key].add(s)
	}
	theirs := readStreams(t, filepath.Join(truthDir, name+".rtpstreams.txt"))
	var ds []difference
	note := func(subject, field, tshark, earshot string) {
		if tshark != earshot {
			ds = append(ds, difference{name, subject, field, tshark, earshot})
		}
	}
	for key, o := range ours {
		if _, ok := theirs[key]; !ok {
			note(key, "stream", "absent", fmt.Sprintf("%d packets", o.packets))
		}
	}
	for key, th := range theirs {
		o := ours[key]
		if o == nil {
			note(key, "stream", fmt.Sprintf("%d packets", th.packets), "absent")
			continue
		}
		note(key, "packets", fmt.Sprint(th.packets), fmt.Sprint(o.packets))
		note(key, "lost", fmt.Sprint(th.lost), fmt.Sprint(o.lost))
		if o.streams == 1 && !near(th.meanJitter, o.meanJitter) {
			note(key, "mean jitter", fmt.Sprintf("%.3f", th.meanJitter), fmt.Sprintf("%.3f", o.meanJitter))
		}
		if o.streams == 1 && !near(th.maxJitter, o.maxJitter) {
			note(key, "max jitter", fmt.Sprintf("%.3f", th.maxJitter), fmt.Sprintf("%.3f", o.maxJitter))
		}
	}
	messages, callIDs := readSIP(t, filepath.Join(truthDir, name+".sip.tsv"))
	note("SIP", "messages", fmt.Sprint(messages), fmt.Sprint(summary.SIPMessages))
	note("SIP", "Call-IDs", fmt.Sprint(len(callIDs)), fmt.Sprint(len(k.callIDs)))
	slices.SortFunc(ds, func(a, b difference) int { return strings.Compare(a.key(), b.key()) })
	return ds
}

// near allows the 1 % that the table must agree within, and its last printed digit.
func near(a, b float64) bool { return math.Abs(a-b) <= max(0.01*math.Abs(a), 0.0011) }

// recordList is a Sink that keeps streams and Call-IDs.
type recordList struct {
	streams []*dialog.StreamRecord
	callIDs map[string]bool
}

func (k *recordList) Record(r dialog.Record) {
	if k.callIDs == nil {
		k.callIDs = map[string]bool{}
	}
	switch r := r.(type) {
	case *dialog.StreamRecord:
		k.streams = append(k.streams, r)
	case *dialog.CallRecord:
		for _, id := range r.CallIDs {
			k.callIDs[id] = true
		}
	case *dialog.TransactionRecord:
		k.callIDs[r.CallID] = true
	}
}

// sum is what a path with one SSRC carried, over all the streams that we told apart.
type sum struct {
	streams               int
	packets, lost         int64
	meanJitter, maxJitter float64
}

func (s *sum) add(r *dialog.StreamRecord) {
	s.streams++
	s.packets += int64(r.Packets)
	s.lost += r.CumulativeLost
	s.meanJitter, s.maxJitter = r.JitterMS.Mean, r.JitterMS.Max
}

var streamLine = regexp.MustCompile(`^\s*([\d.]+)\s+([\d.]+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+0x([0-9A-F]{8})\s+(.*?)\s+(\d+)\s+(-?\d+) \(-?[\d.]+%\)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)\s+(-?[\d.]+)`)

// readStreams reads the second table of a truth file: with the heuristic that
// finds RTP without signalling.
func readStreams(t *testing.T, file string) map[string]sum {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), "--enable-heuristic")
	if !ok {
		t.Fatalf("%s has no heuristic table", file)
	}
	streams := map[string]sum{}
	for line := range strings.Lines(table) {
		m := streamLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		addr := func(ip, port string) netip.AddrPort {
			p, _ := strconv.Atoi(port)
			return netip.AddrPortFrom(netip.MustParseAddr(ip), uint16(p))
		}
		number := func(i int) float64 { v, _ := strconv.ParseFloat(m[i], 64); return v }
		key := fmt.Sprintf("%s>%s 0x%s", addr(m[3], m[4]), addr(m[5], m[6]), strings.ToLower(m[7]))
		streams[key] = sum{packets: int64(number(9)), lost: int64(number(10)), meanJitter: number(15), maxJitter: number(16)}
	}
	return streams
}

// readSIP counts the messages of a tshark table and the Call-IDs in them.
func readSIP(t *testing.T, file string) (messages int, callIDs map[string]bool) {
	t.Helper()
	callIDs = map[string]bool{}
	f, err := os.Open(file)
	if err != nil {
		return 0, callIDs
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	lines.Scan()
	for lines.Scan() {
		messages++
		if fields := strings.Split(lines.Text(), "\t"); len(fields) > 6 && fields[6] != "" {
			callIDs[fields[6]] = true
		}
	}
	return messages, callIDs
}
