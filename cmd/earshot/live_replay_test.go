package main

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// testReplayed: calls of sipp and baresip are measured live and saved whole at
// the same time. A replay of what was saved gives the same records, byte for byte.
func (l *lab) testReplayed(t *testing.T) {
	needs(t, "sipp", "baresip")
	p := l.probe(t, `
captures: [{name: rb}]
web: {listen: 127.0.0.1:10060}
save: {dir: saved, rtp: full, min_free_mb: 1}`)
	l.startUAS(t)
	const calls = 4
	dial := l.sippCalls(t, "alice", "10.9.1.2", calls)
	l.startPhone(t, phone{"bob", "10.9.2.2", 5070, 20000, "opus/48000/2", tone(t, 48000, 2)}, 12)
	l.startPhone(t, phone{"bob", "10.9.2.2", 5080, 20100, "G722/16000/1", tone(t, 16000, 1)}, 12)
	listening(t, "bob", "10.9.2.2:5070")
	listening(t, "bob", "10.9.2.2:5080")
	opus := l.startPhone(t, phone{"alice", "10.9.1.2", 5070, 20000, "opus/48000/2", tone(t, 48000, 2)}, 7, "/dial sip:bob@10.9.2.2:5070")
	wide := l.startPhone(t, phone{"alice", "10.9.1.2", 5080, 20100, "G722/16000/1", tone(t, 16000, 1)}, 7, "/dial sip:bob@10.9.2.2:5080")
	opus.wait(15 * time.Second)
	wide.wait(15 * time.Second)
	dial.wait(30 * time.Second)
	time.Sleep(300 * time.Millisecond) // blocks of the ring retire
	if lost := metric(t, l.get(t, "router", "http://127.0.0.1:10060/metrics"), "earshot_capture_dropped_packets_total"); lost > 0 {
		t.Fatalf("%v packets were dropped; the machine is too busy for this test", lost)
	}
	live := p.finish()
	checkCalls(t, live, calls)

	files, err := filepath.Glob(filepath.Join(p.dir, "saved", "*.pcapng"))
	if err != nil || len(files) != 1 {
		t.Fatalf("want one capture file, got %v", files)
	}
	out, err := exec.Command(l.earshot, "replay", "--json", "--intervals", files[0]).Output()
	if err != nil {
		t.Fatal(err)
	}
	again := slices.DeleteFunc(nonEmpty(string(out)), func(line string) bool { return strings.HasPrefix(line, `{"type":"summary"`) })
	slices.Sort(live)
	slices.Sort(again)
	if !slices.Equal(live, again) {
		t.Errorf("live:\n%s\nreplayed:\n%s", strings.Join(live, "\n"), strings.Join(again, "\n"))
	}
}

// checkCalls holds the records against what the programs were told to do.
func checkCalls(t *testing.T, lines []string, sipp int) {
	t.Helper()
	calls, streams := parseRecords(t, lines)
	if len(calls) != sipp+2 {
		t.Errorf("got %d calls, want %d", len(calls), sipp+2)
	}
	for _, c := range calls {
		if c.Disposition != "answered" {
			t.Errorf("call %s: %s", c.ID, c.Disposition)
		}
	}
	var byCodec = map[string]uint64{}
	var echoed, reports int
	for _, s := range streams {
		if s.Call == nil || s.Trust != "ok" {
			t.Errorf("stream %s: call %v, trust %s", s.key(), s.Call, s.Trust)
		}
		if strings.Contains(s.Src, ":6") || strings.Contains(s.Dst, ":6") {
			echoed += int(s.Packets)
			continue
		}
		reports += s.RTCP.Reports
		if s.Codec != nil {
			byCodec[*s.Codec] += s.Packets
		}
	}
	// 236 packets of g711a.pcap and 10 of dtmf_2833_1.pcap (testdata/real-sipp), both ways.
	if want := sipp * (236 + 10) * 2; echoed > want || echoed < want*9/10 { // sipp's echo loses some when the machine is busy
		t.Errorf("sipp: got %d RTP packets, want about %d", echoed, want)
	}
	for _, codec := range []string{"opus", "G722"} {
		if n := byCodec[codec]; n < 2*50*4 { // both ways, 50 a second, at least four seconds
			t.Errorf("%s: got %d packets: %v", codec, n, byCodec)
		}
	}
	if reports == 0 {
		t.Error("no RTCP reports from baresip")
	}
}
