package dialog

import (
	"fmt"
	"strings"
	"testing"
)

func TestLadder(t *testing.T) {
	c := play(t, Config{KeepLadder: true}, `
		0     A>B INVITE sdp=sendrecv@A:4000/PCMU,telephone-event
		500   A>B INVITE sdp=sendrecv@A:4000/PCMU,telephone-event
		400   B>A 100 Trying
		600   B>A 180 Ringing to=bob;b
		700   B>A 200 OK to=bob;b sdp=recvonly@B:4002/PCMU damaged=1
		710   A>B ACK to=bob;b br=ack
		900   A>B BYE to=bob;b cseq=2
		910   B>A 200 OK to=bob;b cseq=2/BYE
		60000 close`).call()
	// 400 was captured late: the ladder shows it where it belongs.
	want := []string{
		"0 65>66 INVITE [1 INVITE] audio 192.0.2.65:4000 PCMU,telephone-event sendrecv",
		"400 66>65 100 Trying (INVITE) [1 INVITE] ",
		"500 65>66 INVITE [1 INVITE] audio 192.0.2.65:4000 PCMU,telephone-event sendrecv again",
		"600 66>65 180 Ringing (INVITE) [1 INVITE] ",
		"700 66>65 200 OK (INVITE) [1 INVITE] audio 192.0.2.66:4002 PCMU recvonly damaged",
		"710 65>66 ACK [1 ACK] ",
		"900 65>66 BYE [2 BYE] ",
		"910 66>65 200 OK (BYE) [2 BYE] ",
	}
	if len(c.Ladder) != len(want) {
		t.Fatalf("got %d entries, want %d", len(c.Ladder), len(want))
	}
	for i, e := range c.Ladder {
		got := fmt.Sprintf("%g %d>%d %s [%s] %s", float64(int64(e.At)-epoch)/1e6, e.Src.Addr().As4()[3], e.Dst.Addr().As4()[3], e.Label, e.CSeq, e.SDP)
		if e.Retransmission {
			got += " again"
		}
		if e.Damaged {
			got += " damaged"
		}
		if got != want[i] {
			t.Errorf("entry %d:\ngot  %s\nwant %s", i, got, want[i])
		}
	}
}

func TestLadderIsBounded(t *testing.T) {
	text := "0 A>B INVITE\n" + strings.Repeat("10 B>A 180 Ringing to=bob;b\n", 50) + "60000 close"
	f := play(t, Config{KeepLadder: true, MaxLadder: 20}, text)
	if got := len(f.call().Ladder); got != 20 {
		t.Errorf("got %d entries, want 20", got)
	}
	if got := f.table.Totals().Refused["ladder"]; got != 31 {
		t.Errorf("got %d refused, want 31", got)
	}
	if got := len(play(t, Config{}, text).call().Ladder); got != 0 {
		t.Errorf("got %d entries without KeepLadder, want none", got)
	}
}
