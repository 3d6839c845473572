package dialog

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// Both halves together: the table binds what the shards report to the call
// that SIP tells of, and emits the streams with their call, by end, then by id.
func TestTableWithMedia(t *testing.T) {
	f := &flow{t: t, table: NewTable(Config{Codecs: sceneCodecs})}
	f.feed(`
		0    A>B INVITE sdp=sendrecv@A:4000/PCMU
		200  B>A 180 Ringing to=bob;b
		1000 B>A 200 OK to=bob;b sdp=sendrecv@B:4002/PCMU
		1010 A>B ACK to=bob;b br=ack`)
	a, b := "192.0.2.65:4000", "192.0.2.66:4002"
	forth, back := rtp(a, b, 0xa, 0, 0), rtp(b, a, 0xb, 0, 0)
	forth.Start, forth.End = epoch+1100*millisecond, epoch+59_900*millisecond
	back.Start, back.End = forth.Start, forth.End+20*millisecond
	forth.Final, back.Final = true, true
	forth.PayloadTypes, back.PayloadTypes = []uint8{96}, []uint8{96} // as the flow numbers them
	forth.Packets, forth.Expected, back.Packets, back.Expected = 2940, 2940, 2941, 2941
	f.table.RTCP(epoch+30*second, netip.MustParseAddrPort("192.0.2.66:4003"), netip.MustParseAddrPort("192.0.2.65:4001"), "",
		receiverReport(0xb, block{ssrc: 0xa, lost: 7}))
	f.table.Report(forth)
	f.table.Report(back)
	f.feed(`
		60000 A>B BYE to=bob;b cseq=2
		60010 B>A 200 OK to=bob;b cseq=2/BYE
		80000 close`)
	var got []string
	var call *CallRecord
	for _, r := range f.records {
		switch r := r.(type) {
		case *StreamRecord:
			got = append(got, fmt.Sprintf("%s %s rtcp=%v", r.SSRC, r.Direction, r.RTCP != nil && *r.RTCP.Lost == 7))
			if call != nil || r.Call == nil {
				t.Errorf("stream %s: call %v, want its call's id, before the call's later end", r.SSRC, r.Call)
			}
		case *CallRecord:
			call = r
		}
	}
	if want := "0x0000000a from_caller rtcp=true, 0x0000000b from_callee rtcp=false"; strings.Join(got, ", ") != want {
		t.Errorf("streams %s, want %s", strings.Join(got, ", "), want)
	}
	if call == nil || len(call.Streams) != 2 || len(call.Findings) != 0 || call.Media[0].Call == nil || *call.Media[0].Call != call.ID {
		t.Fatalf("call %+v, want one with two streams and no findings", call)
	}
	f.table.media.wantEmptyTables(t)
}
