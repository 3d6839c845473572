package report

import (
	"fmt"
	"strings"
	"testing"
	"unsafe"

	"earshot/dialog"
)

func written(write func(w *strings.Builder)) string {
	var b strings.Builder
	write(&b)
	return b.String()
}

func TestCallsTable(t *testing.T) {
	var calls Calls
	calls.Add(lossyCall())
	calls.Add(failedCall(503, "Service Unavailable"))
	calls.Add(goodCall()) // began first, ended last
	short := goodCall()
	short.ID, short.From, short.Start = "c4", "電話", at(86_400)
	short.Media[1].MOS = dialog.MOSRecord{Reason: new("too few packets: 10 of 50")}
	short.Media[0].MOS.Model, short.Media[0].MOS.LQ = new("G.107.1"), new(3.7)
	calls.Add(short)
	got := written(func(b *strings.Builder) { calls.Write(b, Style{}) })
	want := strings.Join([]string{
		"START     FROM   TO     TALK  RESULT        CODEC  →LOSS%  JITTER    MOS   ←LOSS%  JITTER      MOS   FINDINGS                         ID",
		"2026-03-20 UTC",
		"14:03:10  alice  bob   00:10  answered      PCMU      0.0     2.1   4.41      0.0     2.1     4.38                                    c1",
		"14:03:11  carol  bob   00:10  answered      PCMU      4.8     2.1  !3.10      0.0     2.1     4.38   ! loss, burst loss, DSCP not EF  c2",
		"14:03:12  dave   erin      –  ! failed 503  –           –       –      –        –       –        –                                    c3",
		"2026-03-21 UTC",
		"14:03:10  電話   bob   00:10  answered      PCMU      0.0     2.1  ~3.70w     0.0     2.1  – short                                    c4",
		"→ from the caller, ← from the callee; loss before this capture point; jitter in ms; MOS-LQ; ~ below 4.0; ! below 3.6; " +
			"w wideband scale (G.107.1); scores of different scales don't compare",
		"",
		"What was wrong",
		"! 14:03:12 c3  dave → erin",
		"    The call failed: 503 Service Unavailable after 250 ms.",
		"! 14:03:11 c2  carol → bob",
		"    Caller's voice (198.18.0.1:4000 → 203.0.113.9:6000) lost 4.8 % in bursts of up to 7 packets before this capture point: MOS 3.10, worst at 14:03:25 (MOS 2.10).",
		"--call ID shows a call in full: its SIP ladder and the timeline of each direction.",
		"",
	}, "\n")
	compare(t, got, want)
}

// compare shows the first line that differs.
func compare(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(g), len(w)) {
		line := func(list []string) string {
			if i < len(list) {
				return list[i]
			}
			return "(no such line)"
		}
		if line(g) != line(w) {
			t.Fatalf("line %d:\n got %q\nwant %q\nall:\n%s", i+1, line(g), line(w), got)
		}
	}
}

// No line is wider than the terminal, at any width that a table has room in.
func TestCallsFitTheTerminal(t *testing.T) {
	var calls Calls
	for i := range 5 {
		c := lossyCall()
		c.From, c.To = fmt.Sprintf("+1202555%04d", i), "電話番号電話番号電話番号"
		calls.Add(c)
		calls.AddLoose(loose(i))
	}
	for wide := 72; wide <= 200; wide++ {
		got := written(func(b *strings.Builder) { calls.Write(b, Style{Width: wide}) })
		for line := range strings.SplitSeq(got, "\n") {
			if w := width(line); w > wide && !strings.Contains(line, "--") { // hints are meant to be copied whole
				t.Fatalf("at %d columns a line of %d: %q", wide, w, line)
			}
		}
		for _, title := range [...]string{"START", "FROM", "MOS", "FINDINGS"} {
			if !strings.Contains(got, title) {
				t.Fatalf("at %d columns %s is gone", wide, title)
			}
		}
	}
}

func loose(i int) *dialog.StreamRecord {
	s := voice(fmt.Sprintf("l%d", i), "", "192.0.2.1:4000", fmt.Sprintf("192.0.2.9:%d", 6000+i), uint64(i), 4.3-float64(i)/100)
	s.Call, s.Binding = nil, dialog.BindingNone
	return s
}

// Colour adds to the marks, it never replaces one.
func TestColour(t *testing.T) {
	var calls Calls
	calls.Add(lossyCall())
	plain := written(func(b *strings.Builder) { calls.Write(b, Style{}) })
	coloured := written(func(b *strings.Builder) { calls.Write(b, Style{Color: true}) })
	if !strings.Contains(coloured, "\x1b[1;31m!3.10\x1b[0m") {
		t.Errorf("a bad score isn't painted: %q", coloured)
	}
	for _, code := range sgr {
		coloured = strings.ReplaceAll(coloured, code, "")
	}
	if coloured = strings.ReplaceAll(coloured, "\x1b[0m", ""); coloured != plain {
		t.Errorf("colours change the text:\n%q\n%q", coloured, plain)
	}
}

func TestHostileNamesReachNoTerminal(t *testing.T) {
	c := lossyCall()
	c.From, c.To = "\x1b]0;owned\aeve\x1b[2J", "a\nb\u202e"
	c.Findings[1].Text = "\x1b[31m"
	var calls Calls
	calls.Add(c)
	got := written(func(b *strings.Builder) {
		calls.Write(b, Style{})
		Call(b, c, Style{})
	})
	if strings.ContainsAny(got, "\x1b\a\u202e") {
		t.Errorf("an escape came through: %q", got)
	}
}

func TestNothingToShow(t *testing.T) {
	var calls Calls
	got := written(func(b *strings.Builder) { calls.Write(b, Style{}) })
	if !strings.HasPrefix(got, "No calls to show.\nNo INVITE and no media stream matched.") {
		t.Errorf("got %q", got)
	}
	for _, method := range [...]string{"OPTIONS", "REGISTER", "OPTIONS"} {
		calls.AddTransaction(&dialog.TransactionRecord{Method: method})
	}
	got = written(func(b *strings.Builder) { calls.Write(b, Style{}) })
	if !strings.Contains(got, "There was other SIP: 3 transactions (OPTIONS, REGISTER).") {
		t.Errorf("got %q", got)
	}
	for i := range 7 {
		calls.AddLoose(loose(i))
	}
	bound := loose(9)
	bound.Call = new("c1")
	calls.AddLoose(bound) // of a call: not counted
	got = written(func(b *strings.Builder) { calls.Write(b, Style{}) })
	if !strings.Contains(got, "media without signalling, measured all the same: 7 streams;") || !strings.Contains(got, "7 streams of no call; the worst 5 (--streams shows all)") {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(got, "192.0.2.9:6006") || strings.Contains(got, "192.0.2.9:6000") { // the worst is the last, the best is left out
		t.Errorf("not the worst: %q", got)
	}
}

// A table of a million calls must not keep a million records.
func TestRowsAreSmall(t *testing.T) {
	const texts = 16 + 2*20 // id, from, to
	if n := unsafe.Sizeof(callRow{}) + texts; n > 400 {
		t.Errorf("%d octets a call, want at most 400", n)
	}
}
