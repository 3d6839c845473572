package alerting

import (
	"strings"
	"testing"
	"time"
)

func TestSayPeriod(t *testing.T) {
	day := time.Date(2026, 1, 6, 8, 50, 59, 0, time.UTC)
	for _, tt := range []struct {
		from, to time.Time
		want     string
	}{
		{day, time.Time{}, "since 2026-01-06 08:50 UTC"},
		{day, day.Add(time.Hour), "2026-01-06 08:50 to 09:50 UTC"},
		{day, day.Add(24 * time.Hour), "2026-01-06 08:50 to 2026-01-07 08:50 UTC"},
		{day.In(time.FixedZone("", 7200)), day.Add(time.Hour), "2026-01-06 08:50 to 09:50 UTC"},
	} {
		if got := sayPeriod(tt.from, tt.to); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestSaySpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", -time.Second: "0 s", 59 * time.Second: "59 s", 60 * time.Second: "1 min", 89 * time.Second: "1 min", 90 * time.Second: "2 min",
		time.Hour: "1 h", 72 * time.Minute: "1 h 12 min", 24 * time.Hour: "1 day", 25 * time.Hour: "1 day 1 h", 76 * time.Hour: "3 days 4 h",
	} {
		if got := saySpan(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

func TestSayPart(t *testing.T) {
	for _, tt := range []struct {
		part, whole int
		want        string
	}{
		{41, 43, "41 of 43 calls (95 %)"},
		{0, 512, "0 of 512 calls"},
		{1, 1, "1 of 1 call"},
		{3, 9, "3 of 9 calls"},
		{999, 1000, "999 of 1,000 calls (over 99 %)"},
		{1, 10_000, "1 of 10,000 calls (below 0.1 %)"},
		{12, 1_234_567, "12 of 1,234,567 calls (below 0.1 %)"},
		{16, 1000, "16 of 1,000 calls (1.6 %)"},
		{20, 1000, "20 of 1,000 calls (2 %)"},
		{10, 10, "10 of 10 calls (100 %)"},
	} {
		if got := sayPart(tt.part, tt.whole, "call"); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestSaySome(t *testing.T) {
	list := []string{"a", "b", "c", "d"}
	for n, want := range map[int]string{1: "a and 3 more", 3: "a, b, c and 1 more", 4: "a, b, c and d", 9: "a, b, c and d"} {
		if got := saySome(list, n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
	if saySome(nil, 3) != "" || saySome(list[:1], 3) != "a" {
		t.Error("short lists")
	}
	if strings.Join(list, "") != "abcd" {
		t.Error("the list was modified")
	}
}

// Every signal that a rule may have is spoken of in words of its own, in both
// tenses.
func TestSymptoms(t *testing.T) {
	for _, s := range signals {
		y, ok := symptoms[s.name]
		if !ok || y.name == "" || y.happens == "" || y.did == "" || y.noticed == "" {
			t.Errorf("signal %s: got %+v, want all words", s.name, y)
		}
		if hasValue := s.limit != ""; hasValue != (y.measure != "") {
			t.Errorf("signal %s: measure %q, and its limit is %q", s.name, y.measure, s.limit)
		}
	}
	if got := symptomOf("echo_heard"); got.name != "Echo heard" || got.happens == "" {
		t.Errorf("a signal that is not known: got %+v", got)
	}
}

func TestKindSay(t *testing.T) {
	for _, tt := range []struct {
		k    kind
		want string
	}{
		{nil, "calls"},
		{kind{{FactorCodec, "G729"}, {FactorSegment, "trunk-b"}}, "G729 calls in segment trunk-b"},
		{kind{{FactorPeer, "carrier-b"}, {FactorDirection, "from_peer"}}, "calls from peer carrier-b"},
		{kind{{FactorPeer, "carrier-b"}, {FactorDirection, "to_peer"}, {FactorSegment, "trunk-b"}}, "calls in segment trunk-b to peer carrier-b"},
		{kind{{FactorPeer, "carrier-b"}}, "calls with peer carrier-b"},
		{kind{{FactorDirection, "unknown"}}, "calls"},
		{kind{{FactorSegment, "other"}}, "calls in no named segment"},
		{kind{{FactorAgent, "Cisco"}, {FactorDirection, "from_peer"}}, "calls from user agent Cisco"},
		{kind{{FactorSource, "10.1.2.0/24"}, {FactorSink, "10.9.9.0/24"}}, "calls sent from 10.1.2.0/24 sent to 10.9.9.0/24"},
		{kind{{FactorOwner, "isp"}, {FactorSite, "berlin"}, {FactorPoint, "eth0"}, {FactorTrunk, "sip.example.com"}}, "calls in segments of owner isp over trunk sip.example.com at site berlin at capture point eth0"},
	} {
		if got := tt.k.say("calls"); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// With a chance of 1 in 2 five calls show at least one with 1 - 1/32 = 97 %,
// four with 94 %; 1 in 10: 0.9^29 = 0.047, 0.9^28 = 0.052.
func TestTrials(t *testing.T) {
	for share, want := range map[float64]int{0.5: 5, 0.1: 29, 0.9: 2} {
		if got := trials(share); got != want {
			t.Errorf("%v: got %d, want %d", share, got, want)
		}
	}
}
