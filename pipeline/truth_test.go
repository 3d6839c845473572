package pipeline

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"earshot/dialog"
)

// The generator writes what it did into a truth file, reckoned from the events
// it made and by none of the code under test. What Earshot measures must be
// that, exactly; jitter to 1e-6 ms.

type streamTruth struct {
	Src, Dst, SSRC, Direction, Codec, Announced string
	ClockRate                                   int `json:"clock_rate"`
	DSCP                                        int
	SRTP                                        bool
	Packets, Expected, Lost, Duplicates         uint64
	Reordered, Restarts, Events, Bytes          uint64
	ComfortNoise                                uint64 `json:"comfort_noise"`
	EventPackets                                uint64 `json:"event_packets"`
	First, Last                                 time.Time
	JitterMS                                    struct{ Last, Mean, Max float64 } `json:"jitter_ms"`
	DeltaMaxMS                                  float64                           `json:"delta_max_ms"`
	RTT                                         struct{ Total float64 }           `json:"rtt_ms"`
	RTCP                                        struct {
		Reports int
		Lost    int64
	}
}

type callTruth struct {
	CallIDs          []string `json:"call_ids"`
	Start, Ringing   time.Time
	Answer, End      time.Time
	Disposition      string
	FinalStatus      *int   `json:"final_status"`
	EndedBy          string `json:"ended_by"`
	Offered          []string
	Holds, Transfers int
	Faults           []string
	Retransmissions  int
	Streams          []string
	Transport        string
	Events           []struct {
		At   time.Time
		What string
	}
}

// slack is how much later than the truth a call's times may be. The truth has
// a message's first appearance on any hop, and its first octet. Earshot gives
// the times of the first leg, the caller's, which a response reaches some
// milliseconds later; and a message over TCP is there when its last segment is.
func (c *callTruth) slack(got *dialog.CallRecord) time.Duration {
	if len(got.Legs) > 1 {
		return 10 * time.Millisecond
	}
	if c.Transport == "TCP" {
		return time.Millisecond
	}
	return 0
}

// over is when the call was over: its BYE, or the final response; the truth's
// end of a cancelled call is its CANCEL.
func (c *callTruth) over() time.Time {
	if c.Disposition != string(dialog.Cancelled) {
		return c.End
	}
	for _, e := range c.Events {
		if e.What == "487 INVITE" {
			return e.At
		}
	}
	return c.End
}

type truth struct {
	streams []streamTruth
	calls   []callTruth
}

func readTruth(t *testing.T, file string) truth {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var tr truth
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var kind struct{ Type string }
		if err := json.Unmarshal(lines.Bytes(), &kind); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		switch kind.Type {
		case "stream":
			var s streamTruth
			if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			tr.streams = append(tr.streams, s)
		case "call":
			var c callTruth
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			tr.calls = append(tr.calls, c)
		}
	}
	return tr
}

// measured is a Sink that keeps calls and streams to be looked up.
type measured struct {
	streams map[string][]*dialog.StreamRecord
	calls   map[string]*dialog.CallRecord // by any of its Call-IDs
	count   int                           // calls
}

func newMeasured() *measured {
	return &measured{streams: map[string][]*dialog.StreamRecord{}, calls: map[string]*dialog.CallRecord{}}
}

func (m *measured) Record(r dialog.Record) {
	switch r := r.(type) {
	case *dialog.StreamRecord:
		key := fmt.Sprintf("%s>%s %s", r.Src, r.Dst, r.SSRC)
		m.streams[key] = append(m.streams[key], r)
	case *dialog.CallRecord:
		m.count++
		for _, id := range r.CallIDs {
			m.calls[id] = r
		}
	}
}

func TestGeneratorsTruth(t *testing.T) {
	truths, err := filepath.Glob("../testdata/*/truth.json")
	if err != nil || len(truths) == 0 {
		t.Fatalf("found no truth files: %v", err)
	}
	for _, file := range truths {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			inputs, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "input.*"))
			if len(inputs) != 1 {
				t.Fatalf("want one input file, got %v", inputs)
			}
			checkTruth(t, readTruth(t, file), inputs[0])
		})
	}
}

// TestGeneratedTruth does the same for larger mixes, made on the spot.
func TestGeneratedTruth(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: generates captures of some hundred calls")
	}
	dir := t.TempDir()
	callgen := filepath.Join(dir, "callgen")
	if out, err := exec.Command("go", "build", "-o", callgen, "../cmd/callgen").CombinedOutput(); err != nil {
		t.Fatalf("cannot build callgen: %v: %s", err, out)
	}
	for _, args := range [][]string{
		{"-profile", "mixed", "-seed", "1"},
		{"-profile", "mixed", "-seed", "2", "-format", "pcapng"},
		{"-profile", "faults", "-seed", "3"},
		{"-calls", "200", "-ramp", "5s", "-duration", "exp(8s)", "-seed", "4", "-loss", "none=1,1%=1,gilbert(1%,30%)=2", "-jitter", "none=1,exp(4)=1,spikes(80,1%)=1",
			"-reorder", "none=2,2%=1", "-duplicate", "none=2,2%=1", "-dtx", "20", "-dtmf", "20", "-hold", "10", "-nat", "10", "-b2bua", "10", "-tcp", "10"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			input, file := filepath.Join(dir, "c.pcap"), filepath.Join(dir, "t.json")
			if out, err := exec.Command(callgen, append(args, "-o", input, "-truth", file)...).CombinedOutput(); err != nil {
				t.Fatalf("cannot generate: %v: %s", err, out)
			}
			checkTruth(t, readTruth(t, file), input)
		})
	}
}

func checkTruth(t *testing.T, tr truth, input string) {
	t.Helper()
	m := newMeasured()
	replayInto(t, Config{}, m, input)
	for _, want := range tr.streams {
		checkStream(t, want, m.take(want))
	}
	for key, left := range m.streams {
		for _, s := range left {
			t.Errorf("stream %s with %d packets, codec %v: in no truth", key, s.Packets, s.Codec)
		}
	}
	for _, want := range tr.calls {
		if len(want.CallIDs) == 0 || slices.Contains(want.Faults, "nosip") {
			continue
		}
		got := m.calls[want.CallIDs[0]]
		if got == nil {
			t.Errorf("call %v: absent", want.CallIDs)
			continue
		}
		checkCall(t, want, got)
	}
}

// take finds the stream of a truth and removes it; where a port was used
// again with the same SSRC, the one that began then.
func (m *measured) take(want streamTruth) *dialog.StreamRecord {
	key := fmt.Sprintf("%s>%s %s", want.Src, want.Dst, want.SSRC)
	for i, s := range m.streams[key] {
		if s.Start.Timestamp().Equal(want.First) {
			m.streams[key] = slices.Delete(m.streams[key], i, i+1)
			return s
		}
	}
	return nil
}

func checkStream(t *testing.T, want streamTruth, got *dialog.StreamRecord) {
	t.Helper()
	key := fmt.Sprintf("%s>%s %s", want.Src, want.Dst, want.SSRC)
	if got == nil {
		t.Errorf("stream %s (%d packets, first %s): absent", key, want.Packets, want.First)
		return
	}
	equal(t, key, "packets", got.Packets, want.Packets)
	equal(t, key, "expected", got.Expected, want.Expected)
	equal(t, key, "lost", got.Lost, want.Lost)
	equal(t, key, "duplicates", got.Duplicates, want.Duplicates)
	equal(t, key, "reordered", got.Reordered, want.Reordered)
	equal(t, key, "restarts", got.Restarts, want.Restarts)
	equal(t, key, "events", got.Events, want.Events)
	equal(t, key, "event packets", got.EventPackets, want.EventPackets)
	equal(t, key, "comfort noise", got.ComfortNoise, want.ComfortNoise)
	equal(t, key, "bytes", got.Bytes, want.Bytes)
	equal(t, key, "end", got.End.Timestamp(), want.Last)
	close6(t, key, "jitter last", got.JitterMS.Last, want.JitterMS.Last)
	close6(t, key, "jitter mean", got.JitterMS.Mean, want.JitterMS.Mean)
	close6(t, key, "jitter max", got.JitterMS.Max, want.JitterMS.Max)
	close6(t, key, "delta max", got.DeltaMaxMS, want.DeltaMaxMS)
	if len(got.DSCP) == 0 || got.DSCP[0] != want.DSCP {
		t.Errorf("%s: dscp: got %v, want %d first", key, got.DSCP, want.DSCP)
	}
	if got.RTCP != nil && got.RTCP.RTTMS != nil && math.Abs(*got.RTCP.RTTMS-want.RTT.Total) > 0.1 {
		t.Errorf("%s: round trip: got %g ms, want %g", key, *got.RTCP.RTTMS, want.RTT.Total)
	}
	if got.RTCP != nil && got.RTCP.Lost != nil {
		equal(t, key, "RTCP lost", *got.RTCP.Lost, want.RTCP.Lost)
		equal(t, key, "RTCP reports", got.RTCP.Reports, want.RTCP.Reports)
	}
}

func checkCall(t *testing.T, want callTruth, got *dialog.CallRecord) {
	t.Helper()
	key := want.CallIDs[0]
	ids, wantIDs := slices.Sorted(slices.Values(got.CallIDs)), slices.Sorted(slices.Values(want.CallIDs))
	equal(t, key, "Call-IDs", fmt.Sprint(ids), fmt.Sprint(wantIDs))
	equal(t, key, "final status", status(got.FinalStatus), status(want.FinalStatus))
	slack := want.slack(got)
	soon(t, key, "start", got.Start, want.Start, slack)
	soon(t, key, "ringing", got.Ringing, want.Ringing, slack)
	soon(t, key, "answer", got.Answer, want.Answer, slack)
	if got.Disposition == dialog.InProgress {
		// The capture ended before Timer B: nobody can know yet.
		equal(t, key, "end in the truth", want.End, time.Time{})
	} else {
		equal(t, key, "disposition", string(got.Disposition), want.Disposition)
		soon(t, key, "end", got.End, want.over(), slack)
	}
	if status(want.FinalStatus) != 408 && got.Disposition != dialog.InProgress {
		equal(t, key, "ended by", string(got.EndedBy), want.EndedBy)
	}
	equal(t, key, "holds", got.Holds, want.Holds)
	equal(t, key, "transfers", len(got.Transfers), want.Transfers)
	equal(t, key, "retransmissions", got.Retransmissions, want.Retransmissions)
	equal(t, key, "streams", len(got.Streams), len(want.Streams))
	for _, o := range want.Offered {
		if !slices.Contains(got.Offered, o) {
			t.Errorf("%s: offered: got %v, want %s in it", key, got.Offered, o)
		}
	}
}

func status(s *int) int {
	if s == nil {
		return 0
	}
	return *s
}

func soon(t *testing.T, key, field string, got dialog.Time, want time.Time, slack time.Duration) {
	t.Helper()
	if (got == 0) != want.IsZero() {
		t.Errorf("%s: %s: got %v, want %v", key, field, got.Timestamp(), want)
		return
	}
	if later := got.Timestamp().Sub(want); got != 0 && (later < 0 || later > slack) {
		t.Errorf("%s: %s: got %v, want %v and at most %v more", key, field, got.Timestamp(), want, slack)
	}
}

func equal[T comparable](t *testing.T, key, field string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s: got %v, want %v", key, field, got, want)
	}
}

func close6(t *testing.T, key, field string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-6 {
		t.Errorf("%s: %s: got %.9f, want %.9f", key, field, got, want)
	}
}
