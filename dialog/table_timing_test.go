package dialog

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"earshot/sipparse"
)

// BenchmarkTableSIP measures a message of whole calls (INVITE to the BYE's 200,
// seven messages) with 20,000 calls going on, new ones beginning and old ones
// ending all the time. A message costs its share of the records, too.
func BenchmarkTableSIP(b *testing.B) {
	for _, withSDP := range []bool{false, true} {
		b.Run(fmt.Sprintf("sdp=%v", withSDP), func(b *testing.B) { benchmarkSIP(b, withSDP) })
	}
}

type timedMessage struct {
	hop Hop
	m   *sipparse.Message
}

func benchmarkSIP(b *testing.B, withSDP bool) {
	const (
		concurrent = 20_000
		perSecond  = 2_000 // calls; each lasts concurrent/perSecond seconds
		step       = int64(1e9) / perSecond
	)
	template := benchmarkCall(b, withSDP)
	table := NewTable(Config{})
	records := 0
	emit := func(r Record) {
		if r.recordType() == "call" {
			records++
		}
	}
	sent := 0
	play := func(n, from, to int) { // messages from..to of call n
		callID, tag := fmt.Sprintf("%d@bench.invalid", n), fmt.Sprintf("tag%d", n)
		for _, x := range template[from:to] {
			m := *x.m
			m.CallID = callID
			if m.From.Tag == "a" {
				m.From.Tag = tag
			}
			if m.To.Tag == "a" {
				m.To.Tag = tag
			}
			m.Branch += callID
			m.SDP = portOf(n, m.SDP)
			table.SIP(epoch+int64(n)*step, x.hop, &m)
			sent++
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for ; sent < b.N; n++ {
		if n%perSecond == 0 {
			table.Tick(epoch+int64(n)*step, emit)
		}
		play(n, 0, 5)
		if n >= concurrent {
			play(n-concurrent, 5, 7)
		}
	}
	b.StopTimer()
	table.Close(epoch+int64(n)*step, emit)
	if records != n {
		b.Errorf("got %d records of %d calls", records, n)
	}
}

// portOf moves an SDP's media to ports of call n's own.
func portOf(n int, sdp *sipparse.SDP) *sipparse.SDP {
	if sdp == nil {
		return nil
	}
	moved := *sdp
	moved.Media = []sipparse.Media{sdp.Media[0]}
	m := &moved.Media[0]
	m.Addr = netip.AddrPortFrom(m.Addr.Addr(), uint16(10_000+2*(n%25_000)))
	m.RTCP = netip.AddrPortFrom(m.Addr.Addr(), m.Addr.Port()+1)
	return &moved
}

// benchmarkCall is one call's messages; the last two are the BYE and its 200.
func benchmarkCall(b *testing.B, withSDP bool) (list []timedMessage) {
	lines := strings.Split(strings.TrimSpace(`
		A>B INVITE sdp=sendrecv@A:4000/PCMU,PCMA,telephone-event ua=phone/1.0
		B>A 100 Trying
		B>A 180 Ringing to=bob;b ua=pbx
		B>A 200 OK to=bob;b sdp=sendrecv@B:4000/PCMU,telephone-event ua=pbx
		A>B ACK to=bob;b br=ack
		B>A BYE from=bob;b to=alice;a
		A>B 200 OK cseq=1/BYE from=bob;b to=alice;a`), "\n")
	for _, line := range lines {
		hop, m := parseBenchmarkLine(line)
		if !withSDP {
			m.SDP = nil
		}
		list = append(list, timedMessage{hop, m})
	}
	return list
}

func parseBenchmarkLine(line string) (Hop, *sipparse.Message) {
	hop, m := parseLine(&testing.T{}, strings.Fields(line))
	hop.Src = netip.AddrPortFrom(hop.Src.Addr(), 5060)
	return hop, m
}
