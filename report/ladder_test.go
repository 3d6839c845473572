package report

import (
	"fmt"
	"strings"
	"testing"

	"earshot/dialog"
)

// dialogue is a short call: offered, answered, heard from one side, ended.
func dialogue() *dialog.CallRecord {
	c := goodCall()
	c.Media = c.Media[:1]
	a, b := addr("198.18.0.1:5060"), addr("203.0.113.9:5060")
	c.Ladder = []dialog.LadderEntry{
		{At: at(0), Src: a, Dst: b, Label: "INVITE", SDP: "audio 198.18.0.1:4000 PCMU sendrecv"},
		{At: at(0.5), Src: a, Dst: b, Label: "INVITE", Retransmission: true},
		{At: at(3.875), Src: b, Dst: a, Label: "200 OK (INVITE)"},
		{At: at(14), Src: a, Dst: b, Label: "BYE", Damaged: true},
	}
	return c
}

func TestLadder(t *testing.T) {
	got := written(func(b *strings.Builder) { ladderOf(dialogue()).write(b, Style{Width: 80}) })
	// 20 columns of times, then two hosts of 30 columns each, their lines in
	// the middle: at 35 and 65.
	want := strings.Join([]string{
		"                           198.18.0.1:5060               203.0.113.9:5060",
		"    0.000    +0.000                │────────── INVITE ──────────▶│",
		"                                   │ audio 198.18.0.1:4000 PCMU sendrecv",
		"    0.500    +0.500                │───────── ↻ INVITE ─────────▶│",
		"    3.875    +3.375                │◀───── 200 OK (INVITE) ──────│",
		"    4.000    +0.125                │════ RTP PCMU, MOS 4.41 ════▶│",
		"                                   │ 198.18.0.1:4000 → 203.0.113.9:6000, 500 pa…",
		"   14.000   +10.000                │─────── BYE (damaged) ──────▶│",
		"",
	}, "\n")
	compare(t, got, want)
}

// Hosts that don't fit beside each other become letters.
func TestLadderAsList(t *testing.T) {
	got := written(func(b *strings.Builder) { ladderOf(dialogue()).write(b, Style{Width: 60}) })
	for _, want := range []string{
		"  A = 198.18.0.1:5060\n  B = 203.0.113.9:5060\n",
		"    0.000    +0.000 A → B  INVITE\n",
		"    3.875    +3.375 B → A  200 OK (INVITE)\n",
		"    4.000    +0.125 A ⇒ B  RTP PCMU, MOS 4.41\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// A host of media alone gets a column without a port; more hosts than there
// are columns for are told in words.
func TestLadderHosts(t *testing.T) {
	c := dialogue()
	c.Media[0].Dst = addr("192.0.2.77:7000")
	if l := ladderOf(c); strings.Join(l.hosts, " ") != "198.18.0.1:5060 203.0.113.9:5060 192.0.2.77" {
		t.Errorf("hosts %q", l.hosts)
	}
	for i := range 20 {
		c.Ladder = append(c.Ladder, dialog.LadderEntry{At: at(20), Src: addr(fmt.Sprintf("192.0.2.%d:5060", i+1)), Dst: addr("203.0.113.9:5060"), Label: "OPTIONS"})
	}
	l := ladderOf(c)
	if len(l.hosts) != maxHosts {
		t.Errorf("%d hosts, want %d", len(l.hosts), maxHosts)
	}
	last := l.rungs[len(l.rungs)-1]
	if last.kind != rungNote || last.label != "192.0.2.20:5060 → 203.0.113.9:5060: OPTIONS" {
		t.Errorf("the last message is %+v", last)
	}
}

// Of a long dialogue the beginning and the end are shown.
func TestLadderIsBounded(t *testing.T) {
	c := dialogue()
	c.Media = nil
	for i := range 1000 {
		e := c.Ladder[0]
		e.At, e.Label = at(float64(i)), fmt.Sprintf("INFO %d", i)
		c.Ladder = append(c.Ladder, e)
	}
	c.Ladder = c.Ladder[4:]
	l := ladderOf(c)
	if len(l.rungs) != 201 {
		t.Fatalf("%d rungs, want 200 messages and a word between", len(l.rungs))
	}
	if got := l.rungs[149].label + ", " + l.rungs[150].label + ", " + l.rungs[151].label; got != "INFO 149, … 800 messages left out …, INFO 950" {
		t.Errorf("in the middle: %s", got)
	}
}

func TestKindOfMessage(t *testing.T) {
	for label, want := range map[string]rungKind{
		"INVITE": rungRequest, "180 Ringing": rungProvisional, "200 OK (BYE)": rungSuccess, "302 Moved": rungRedirect,
		"401 Unauthorized": rungRedirect, "407": rungRedirect, "486 Busy Here": rungFailure, "603 Decline": rungFailure, "": rungRequest,
	} {
		if got := kindOfMessage(label); got != want {
			t.Errorf("kindOfMessage(%q) = %v, want %v", label, got, want)
		}
	}
}
