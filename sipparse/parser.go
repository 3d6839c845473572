package sipparse

import (
	"strings"

	"github.com/emiago/sipgo/sip"
)

const (
	maxValue   = 4 << 10  // octets kept of one header value
	maxText    = 32 << 10 // octets kept of all header values of a message
	maxValues  = 128      // header values read of a message
	maxLegIDs  = 16       // header names in Config.LegHeaders that count
	maxExpires = 1<<32 - 1
)

// Config says what else a Parser reads.
type Config struct {
	// LegHeaders are the names of headers whose equal values join the legs of
	// a B2BUA, such as X-Call-ID; at most 16 count.
	LegHeaders []string
}

// Parser reads SIP messages. It has scratch space: one goroutine uses it, and
// the messages that Parse gave stay valid and unchanged.
type Parser struct {
	legs []string // as configured
	via  sip.HeaderParser
	cseq sip.HeaderParser

	text   []byte // the values of the message at hand, unfolded
	values []value
	uri    sip.Uri
	params sip.HeaderParams

	next Message // what Next returns
	sdp  SDP     // its session description

	// What the headers of the message at hand said about its body.
	contentType    string // with its parameters
	contentLength  int    // -1 where absent
	encoded        bool   // Content-Encoding other than identity
	contactExpires int    // -1 where absent
}

// value is a header value: text[from:to].
type value struct {
	id       headerID
	from, to int
}

// NewParser returns a Parser.
func NewParser(c Config) *Parser {
	known := sip.DefaultHeadersParser() // shared by the process: read only
	legs := c.LegHeaders[:min(len(c.LegHeaders), maxLegIDs)]
	return &Parser{
		legs:   append([]string(nil), legs...),
		via:    known["via"],
		cseq:   known["cseq"],
		values: make([]value, 0, maxValues),
	}
}

// Parse reads one message from b: a datagram, or what a Stream found. Body
// aliases b; everything else is copied into one string per message that its
// fields share (clone the one field that must outlive the message for long).
//
// The error is ErrNotSIP, with no message; or ErrStatus or ErrNoCallID, with
// everything that could still be read.
func (p *Parser) Parse(b []byte) (*Message, error) {
	m := &Message{}
	if err := p.parse(m, &SDP{}, b); err != ErrNotSIP {
		return m, err
	}
	return nil, ErrNotSIP
}

// Next reads one message as Parse does, into memory of the Parser's own: the
// message is valid until the next one is read by Next, its strings for good.
func (p *Parser) Next(b []byte) (*Message, error) {
	if err := p.parse(&p.next, &p.sdp, b); err != ErrNotSIP {
		return &p.next, err
	}
	return nil, ErrNotSIP
}

// parse reads one message into m, its session description into sdp's memory.
func (p *Parser) parse(m *Message, sdp *SDP, b []byte) error {
	off, end, ok := findStart(b)
	if !ok {
		return ErrNotSIP
	}
	*m = Message{Expires: -1}
	p.contentType, p.contentLength, p.encoded, p.contactExpires = "", -1, false, -1
	if len(trimSpace(b[:off])) > 0 {
		m.Damage |= DamageJunk
	}
	p.text = append(p.text[:0], b[off:min(end, off+maxStartLine)]...)
	head := p.collect(m, b[end:])
	text := string(p.text)

	statusOK := m.startLine(text[:min(end-off, maxStartLine)])
	for _, v := range p.values {
		p.set(m, v.id, text[v.from:v.to])
	}
	m.repairMethod()
	if m.Expires < 0 {
		m.Expires = p.contactExpires
	}
	p.setBody(m, sdp, b[end+head:])
	m.Size = end - off + head + len(m.Body)
	return m.check(statusOK)
}

// collect copies the values of the headers that matter, and returns where the
// body begins in b, which starts at the end of the start line.
func (p *Parser) collect(m *Message, b []byte) (body int) {
	p.values = p.values[:0]
	_, n, _ := nextHeader(b) // the rest of the start line: its line end
	if n > 0 && b[0] == '\n' {
		m.Damage |= DamageBareLF
	}
	for {
		if startsSDP(b[n:]) { // the blank line is missing
			m.Damage |= DamageTruncated
			return n
		}
		h, size, more := nextHeader(b[n:])
		n += size
		if h.bareLF {
			m.Damage |= DamageBareLF
		}
		if h.cut {
			m.Damage |= DamageTruncated // half a Call-ID is another call's
		}
		if !more || h.cut {
			return n
		}
		p.keep(m, h)
	}
}

// keep copies a header value, if it is one that is read and there is room.
func (p *Parser) keep(m *Message, h headerLine) {
	if len(h.name) == 0 {
		m.Damage |= DamageHeader
		return
	}
	id := p.identify(h.name)
	if id == hdrOther {
		return
	}
	if len(p.values) == maxValues || len(p.text) >= maxText {
		m.Damage |= DamageHeader
		return
	}
	from := len(p.text)
	if len(h.value) > maxValue {
		m.Damage |= DamageHeader
		h.value = h.value[:maxValue]
	}
	if h.folded {
		p.text = appendUnfolded(p.text, h.value)
	} else {
		p.text = append(p.text, h.value...)
	}
	p.values = append(p.values, value{id, from, len(p.text)})
}

// identify adds the configured names to those known.
func (p *Parser) identify(name []byte) headerID {
	if id := identify(name); id != hdrOther {
		return id
	}
	for i, leg := range p.legs {
		if len(leg) == len(name) && strings.EqualFold(leg, string(name)) {
			return hdrLeg + headerID(i)
		}
	}
	return hdrOther
}
