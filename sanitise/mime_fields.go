package sanitise

import "bytes"

// fieldTable says what the fields of a body of lines "name: value" or
// "name=value" are. Of others nothing stays.
type fieldTable struct {
	fields map[string]meaning
	others meaning
}

// relayFields are those of application/dtmf-relay: a key and how long it was
// pressed.
var relayFields = fieldTable{map[string]meaning{"signal": asDigits, "duration": asNumber}, asSecret}

// summaryFields are those of application/simple-message-summary (RFC 3842).
var summaryFields = fieldTable{map[string]meaning{
	"messages-waiting": asWords, "message-account": asURI,
	"voice-message": asNumbers, "fax-message": asNumbers, "text-message": asNumbers, "pager-message": asNumbers,
	"multimedia-message": asNumbers, "video-message": asNumbers,
}, asOpaque}

// reportFields are those of application/vq-rtcpxr (RFC 6035 4.6) that hold no
// figures; all others do.
var reportFields = fieldTable{map[string]meaning{
	"callid": asOpaque, "localid": asAddress, "remoteid": asAddress, "origid": asAddress,
	"localgroup": asOpaque, "remotegroup": asOpaque, "localmac": asOpaque, "remotemac": asOpaque, "dialogid": asItems,
}, asStats}

// fields appends a body of such lines.
func (t *Text) fields(dst, b []byte, table fieldTable) []byte {
	for len(b) > 0 {
		end := lineEnd(b, 0)
		next := nextLine(b, end)
		dst = append(t.field(dst, b[:end], table), b[end:next]...)
		b = b[next:]
	}
	return dst
}

// field appends one line.
func (t *Text) field(dst, l []byte, table fieldTable) []byte {
	separator := bytes.IndexAny(l, ":=")
	if separator < 0 {
		return t.replace(dst, l, table.others)
	}
	var buf [maxTableWord]byte
	name, _ := trim(l[:separator])
	m, known := table.fields[string(foldInto(buf[:], name))]
	if !known {
		return t.replace(dst, l, table.others)
	}
	value, blanks := trimFront(l[separator+1:])
	dst = append(append(dst, l[:separator+1]...), blanks...)
	return t.replace(dst, value, m)
}
