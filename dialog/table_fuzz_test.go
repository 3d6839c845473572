package dialog

import (
	"fmt"
	"strings"
	"testing"

	"earshot/topology"
)

// The words of the made-up flows.
var (
	fuzzMethods = []string{"INVITE", "ACK", "BYE", "CANCEL", "PRACK", "UPDATE", "REFER", "NOTIFY", "INFO", "REGISTER",
		"100", "180", "183", "200", "302", "401", "486", "487", "491"}
	fuzzHops   = []string{"A>B", "B>A", "A>P", "P>A", "P>B", "B>P"}
	fuzzFroms  = []string{"from=alice;a", "from=bob;b", "from=alice;c"}
	fuzzTos    = []string{"to=bob", "to=bob;b", "to=alice;a", "to=bob;d"}
	fuzzExtras = []string{"ua=x", "sdp=sendonly@A:4000/PCMU", "sdp=sendrecv@B:4000/PCMA", "sid=aa;bb", "icid=1", "oldbr=",
		"replaces=c0;x", "refer=sip:bob@h", "event=refer", "rack=1_1_INVITE", "via=2"}
)

// Whatever the packets say: no panic, every call ends in one record and no
// more, and nothing stays behind.
func FuzzTable(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09"))
	f.Add([]byte("invite-then-something-else-entirely"))
	f.Fuzz(func(t *testing.T, b []byte) { playBytes(t, b) })
}

// TestRandomFlows does the same for flows that a linear congruential generator
// makes up, so that every run of the tests has some depth.
func TestRandomFlows(t *testing.T) {
	x := uint64(1)
	for range 300 {
		b := make([]byte, 600)
		for i := range b {
			x = x*6364136223846793005 + 1442695040888963407 // Knuth's MMIX
			b[i] = byte(x >> 56)
		}
		if first, again := playBytes(t, b), playBytes(t, b); first != again {
			t.Fatalf("the same messages gave\n%s\nand then\n%s", first, again)
		}
	}
}

// checkSnapshot holds what is shown of a table against what is in it: every
// call is there once and counts at both its ends, every message at both of its.
func checkSnapshot(t *testing.T, table *Table) {
	t.Helper()
	v := table.View()
	going, ends := 0, 0
	for _, c := range v.Calls {
		if c.State != StateEnding {
			going++
		}
	}
	for _, n := range v.Active {
		ends += n.Calls
	}
	if len(v.Calls) > table.calls || ends != 2*going {
		t.Errorf("%d calls shown of %d, %d go on, with %d ends", len(v.Calls), table.calls, going, ends)
	}
	messages := uint64(0)
	for _, n := range table.SIPCounts(nil) {
		messages += n.Count
	}
	if messages != 2*table.counts.messages {
		t.Errorf("%d ends of %d messages", messages, table.counts.messages)
	}
}

// playBytes returns the records in their order, as text.
func playBytes(t *testing.T, b []byte) string {
	var text strings.Builder
	table := NewTable(Config{KeepLadder: true, MaxCalls: 8, MaxTransactions: 8, MaxStreams: 8})
	records := map[string]int{}
	emit := func(r Record) {
		fmt.Fprintln(&text, r.recordType(), recordID(r))
		if c, ok := r.(*CallRecord); ok {
			records[c.ID]++
			fmt.Fprintln(&text, outcome(c), c.LegEvidence, len(c.Ladder))
		}
	}
	at := epoch
	plans := [2]*topology.Plan{nil, sitePlan(t)}
	for ; len(b) >= 6; b = b[6:] {
		fields := []string{
			fuzzHops[int(b[0])%len(fuzzHops)], fuzzMethods[int(b[1])%len(fuzzMethods)],
			fmt.Sprint("call=c", b[2]%4), fmt.Sprint("cseq=", b[2]>>4),
			fuzzFroms[int(b[3])%len(fuzzFroms)], fuzzTos[int(b[3]>>4)%len(fuzzTos)], fuzzExtras[int(b[4])%len(fuzzExtras)],
		}
		if response := fields[1] < "A"; response && b[4]&0x80 != 0 {
			fields[3] += "/" + fuzzMethods[int(b[4])%10]
		}
		at += int64(b[5]) * int64(b[5]) * 1e6 // up to 65 s
		hop, m := parseLine(t, fields)
		table.SIP(at, hop, m)
		if b[5]&1 != 0 {
			table.Tick(at, emit)
			table.SetPlan(plans[b[5]>>1&1])
			checkSnapshot(t, table)
		}
	}
	table.Close(at, emit)
	for id, n := range records {
		if n > 1 {
			t.Errorf("%d records of call %s", n, id)
		}
	}
	if table.calls != 0 || len(table.sets) != 0 || len(table.exchanges) != 0 || len(table.joins.calls) != 0 || len(table.due.heap) != 0 {
		t.Errorf("left behind: %d calls, %d sets, %d exchanges, %d identities, %d deadlines",
			table.calls, len(table.sets), len(table.exchanges), len(table.joins.calls), len(table.due.heap))
	}
	return text.String()
}
