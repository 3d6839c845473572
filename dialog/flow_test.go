package dialog

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"earshot/sipparse"
)

// A flow is a SIP ladder as text, one message a line:
//
//	MS SRC>DST METHOD|STATUS [phrase] key=value ...
//
// Times are ms after the epoch's second 1000. Hosts are letters: A is
// 192.0.2.65:5060, A:5070 another port of it. What a line leaves out:
//
//	call=c1 cseq=1 (or 2/BYE in a response, default METHOD INVITE) from=alice;a to=bob via=1
//	br=  made from the hop, method, CSeq and Call-ID: the same line twice is a retransmission
//
// Others: sdp=DIRECTION@HOST:PORT/CODEC,CODEC  sid=LOCAL;REMOTE  icid=  x=NAME:VALUE
// reason=  refer=  replaces=  event=  body=  rack=  rseq=  ruri=  ua=  damaged=1
// "_" stands for a blank. "MS tick" and "MS close" drive the clock alone.
type flow struct {
	t       *testing.T
	table   *Table
	records []Record
	second  int64
	last    int64
}

const epoch = 1000 * int64(1e9)

// play runs a flow through a table and closes it at the last line's time.
func play(t *testing.T, cfg Config, text string) *flow {
	t.Helper()
	f := &flow{t: t, table: NewTable(cfg)}
	f.feed(text)
	f.table.Close(f.last, f.emit)
	return f
}

func (f *flow) emit(r Record) { f.records = append(f.records, r) }

// feed plays lines without closing the table.
func (f *flow) feed(text string) {
	f.t.Helper()
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		ms, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			f.t.Fatalf("bad time in %q", line)
		}
		at := epoch + int64(ms*1e6)
		f.tick(at)
		if fields[1] == "tick" || fields[1] == "close" {
			continue
		}
		hop, m := parseLine(f.t, fields[1:])
		f.table.SIP(at, hop, m)
	}
}

// tick does what the pipeline does: one tick when packet time enters a new
// second, however far it jumped.
func (f *flow) tick(at int64) {
	f.last = max(f.last, at)
	if second := at / 1e9; second > f.second {
		f.second = second
		f.table.Tick(at, f.emit)
	}
}

// call returns the only call record.
func (f *flow) call() *CallRecord {
	f.t.Helper()
	calls := f.calls()
	if len(calls) != 1 {
		f.t.Fatalf("got %d calls, want 1: %+v", len(calls), calls)
	}
	return calls[0]
}

func (f *flow) calls() (calls []*CallRecord) {
	for _, r := range f.records {
		if c, ok := r.(*CallRecord); ok {
			calls = append(calls, c)
		}
	}
	return calls
}

func (f *flow) transactions() (list []*TransactionRecord) {
	for _, r := range f.records {
		if x, ok := r.(*TransactionRecord); ok {
			list = append(list, x)
		}
	}
	return list
}

func parseLine(t *testing.T, fields []string) (Hop, *sipparse.Message) {
	t.Helper()
	src, dst, ok := strings.Cut(fields[0], ">")
	if !ok {
		t.Fatalf("bad hop %q", fields[0])
	}
	hop := Hop{Src: host(t, src), Dst: host(t, dst), Transport: "udp"}
	m := &sipparse.Message{
		CallID: "c1", CSeq: 1, Vias: 1, Expires: -1,
		From: aParty("alice;a"), To: aParty("bob"),
	}
	m.Method = fields[1]
	if status, err := strconv.Atoi(fields[1]); err == nil {
		m.Method, m.StatusCode, m.CSeqMethod = "", status, "INVITE"
	} else {
		m.CSeqMethod = m.Method
	}
	for _, field := range fields[2:] {
		key, value, ok := strings.Cut(field, "=")
		if !ok {
			m.Reason = strings.TrimSpace(m.Reason + " " + field)
			continue
		}
		set(t, m, key, strings.ReplaceAll(value, "_", " "))
	}
	if m.Branch == "" {
		from, to := hop.Src, hop.Dst
		if m.StatusCode != 0 {
			from, to = to, from
		}
		method := m.CSeqMethod
		if method == "CANCEL" { // takes the INVITE's branch (RFC 3261 9.1)
			method = "INVITE"
		}
		m.Branch = fmt.Sprintf("%s-%s-%v-%v-%s-%d", magicCookie, m.CallID, from, to, method, m.CSeq)
	}
	if m.SentBy == "" {
		m.SentBy = "ua.invalid"
	}
	return hop, m
}

func set(t *testing.T, m *sipparse.Message, key, value string) {
	t.Helper()
	switch key {
	case "call":
		m.CallID = value
	case "cseq":
		n, method, _ := strings.Cut(value, "/")
		cseq, err := strconv.ParseUint(n, 10, 32)
		if err != nil {
			t.Fatalf("bad cseq %q", value)
		}
		m.CSeq = uint32(cseq)
		if method != "" {
			m.CSeqMethod = method
		}
	case "br":
		m.Branch = magicCookie + value
	case "oldbr":
		m.Branch = value
	case "sentby":
		m.SentBy = value
	case "from":
		m.From = aParty(value)
	case "to":
		m.To = aParty(value)
	case "via":
		m.Vias, _ = strconv.Atoi(value)
	case "sdp":
		m.SDP = sdp(t, value)
	case "sid":
		m.SessionID[0], m.SessionID[1], _ = strings.Cut(value, ";")
	case "icid":
		m.ICID = value
	case "x":
		name, v, _ := strings.Cut(value, ":")
		m.LegIDs = append(m.LegIDs, sipparse.Header{Name: name, Value: v})
	case "reason":
		m.ReasonHeader = value
	case "refer":
		m.ReferTo = value
	case "replaces":
		m.Replaces = value
	case "event":
		m.Event = value
	case "body":
		m.Body = []byte(value)
	case "rack":
		m.RAck = value
	case "rseq":
		m.RSeq = value
	case "ruri":
		m.RequestURI = value
	case "ua":
		m.UserAgent = value
	case "damaged":
		m.Damage = sipparse.DamageHeader
	default:
		t.Fatalf("unknown key %q", key)
	}
}

// aParty reads user;tag.
func aParty(s string) sipparse.Party {
	user, tag, _ := strings.Cut(s, ";")
	return sipparse.Party{User: user, URI: "sip:" + user + "@example.com", Host: "example.com", Tag: tag}
}

// host reads a letter with an optional port, or an address and port.
func host(t *testing.T, s string) netip.AddrPort {
	t.Helper()
	if addr, err := netip.ParseAddrPort(s); err == nil {
		return addr
	}
	letter, port, ok := strings.Cut(s, ":")
	if !ok {
		port = "5060"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || len(letter) != 1 {
		t.Fatalf("bad host %q", s)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, letter[0]}), uint16(n))
}

// sdp reads DIRECTION@HOST:PORT/CODEC,CODEC.
func sdp(t *testing.T, s string) *sipparse.SDP {
	t.Helper()
	direction, rest, _ := strings.Cut(s, "@")
	addr, codecs, _ := strings.Cut(rest, "/")
	m := sipparse.Media{Kind: "audio", Addr: host(t, addr), Protocol: "RTP/AVP"}
	m.RTCP = netip.AddrPortFrom(m.Addr.Addr(), m.Addr.Port()+1)
	for d := sipparse.SendRecv; d <= sipparse.Inactive; d++ {
		if directionName(d) == direction {
			m.Direction = d
		}
	}
	for i, name := range strings.Split(codecs, ",") {
		if name != "" {
			m.Formats = append(m.Formats, sipparse.Format{PayloadType: uint8(96 + i), Encoding: name, ClockRate: 8000})
		}
	}
	return &sipparse.SDP{Media: []sipparse.Media{m}}
}

// at is a flow's time in a record.
func at(ms float64) Time { return Time(epoch + int64(ms*1e6)) }

// ms shows an optional figure.
func show[T any](v *T) string {
	if v == nil {
		return "null"
	}
	return fmt.Sprint(*v)
}
