package dialog

import (
	"fmt"
	"testing"

	"earshot/sipparse"
)

// flood drives a table with made-up messages, a tick a second.
func flood(table *Table, n int, perSecond int, next func(i int) (Hop, *sipparse.Message)) (records int) {
	for i := range n {
		at := epoch + int64(i)*1e9/int64(perSecond)
		if i%perSecond == 0 {
			table.Tick(at, func(Record) { records++ })
		}
		hop, m := next(i)
		table.SIP(at, hop, m)
	}
	return records
}

func invite(t *testing.T, callID string) (Hop, *sipparse.Message) {
	return parseLine(t, []string{"A>B", "INVITE", "call=" + callID, "from=" + callID + ";a"})
}

// A flood of attempts fills the table to its cap and no further, and leaves
// nothing behind.
func TestInviteFlood(t *testing.T) {
	table := NewTable(Config{MaxCalls: 1000})
	records := flood(table, 40_000, 1000, func(i int) (Hop, *sipparse.Message) { return invite(t, fmt.Sprint("flood", i)) })
	if table.calls > 1000 || len(table.sets) > 1000 || len(table.joins.numbers) > 2000 || len(table.due.heap) > 3000 {
		t.Errorf("%d calls, %d sets, %d numbers, %d deadlines", table.calls, len(table.sets), len(table.joins.numbers), len(table.due.heap))
	}
	if len(table.gone.byID) > maxGraves {
		t.Errorf("%d graves", len(table.gone.byID))
	}
	refused := table.Totals().Refused["calls"]
	table.Close(epoch+100e9, func(Record) { records++ })
	if uint64(records)+refused != 40_000 {
		t.Errorf("%d records and %d refused, want 40000 together", records, refused)
	}
	if table.calls != 0 || len(table.sets) != 0 || len(table.joins.calls) != 0 || len(table.due.heap) != 0 {
		t.Errorf("left behind: %d calls, %d sets, %d identities, %d deadlines", table.calls, len(table.sets), len(table.joins.calls), len(table.due.heap))
	}
}

// What follows a refused call does not make a truncated one of it.
func TestRefusedCallStaysRefused(t *testing.T) {
	f := play(t, Config{MaxCalls: 1}, `
		0     A>B INVITE call=first
		10    A>C INVITE call=second from=x;x
		20    B>A 404 No call=first to=bob;b
		9000  tick
		10000 C>A 200 OK call=second from=x;x to=bob;b
		10010 A>C ACK call=second from=x;x to=bob;b br=ack
		12000 A>C BYE call=second from=x;x to=bob;b cseq=2
		60000 close`)
	if c := f.call(); c.CallIDs[0] != "first" {
		t.Errorf("got a record of %v", c.CallIDs)
	}
	if got := f.table.Totals().Refused["calls"]; got != 1 {
		t.Errorf("got %d refused, want 1", got)
	}
}

func TestOptionsFlood(t *testing.T) {
	table := NewTable(Config{MaxTransactions: 500})
	records := flood(table, 40_000, 1000, func(i int) (Hop, *sipparse.Message) {
		return parseLine(t, []string{"A>B", "OPTIONS", fmt.Sprint("call=scan", i)})
	})
	if len(table.exchanges) > 500 {
		t.Errorf("%d exchanges", len(table.exchanges))
	}
	refused := table.Totals().Refused["transactions"]
	table.Close(epoch+100e9, func(Record) { records++ })
	if uint64(records)+refused != 40_000 {
		t.Errorf("%d records and %d refused, want 40000 together", records, refused)
	}
}

// One Call-ID cannot grow without bound either.
func TestCapsOfACall(t *testing.T) {
	table := NewTable(Config{})
	say := func(i int, fields ...string) {
		hop, m := parseLine(t, fields)
		table.SIP(epoch+int64(i)*1e6, hop, m)
	}
	say(0, "A>B", "INVITE")
	for i := range 1000 {
		say(i, "B>A", "180", fmt.Sprintf("to=bob;fork%d", i))
		say(i, "A>B", "INFO", "to=bob;b", fmt.Sprint("cseq=", i+2))
		say(i, fmt.Sprintf("A:%d>B", 6000+i), "INVITE", "via=2")
		say(i, "A>B", "REFER", "to=bob;b", "refer=sip:x@example.com", fmt.Sprint("cseq=", 2000+i))
	}
	s := table.sets["c1"]
	if len(s.dialogs) != maxDialogs || len(s.call.legs) != maxLegs || len(s.transactions) != maxSetTransactions || len(s.call.transfers) != maxTransfers {
		t.Errorf("got %d dialogs, %d legs, %d transactions, %d transfers", len(s.dialogs), len(s.call.legs), len(s.transactions), len(s.call.transfers))
	}
	refused := table.Totals().Refused
	for _, what := range []string{"dialogs", "legs", "call_transactions"} {
		if refused[what] == 0 {
			t.Errorf("no refusal of %s counted: %v", what, refused)
		}
	}
}
