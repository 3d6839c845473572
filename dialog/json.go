package dialog

import (
	"math"
	"net/netip"
	"strconv"
	"time"
	"unicode/utf8"
)

// JSONOptions chooses what is in a record's line.
type JSONOptions struct {
	Intervals bool // the timelines of streams
}

// AppendJSON appends a record as one JSON object on one line, without the line
// feed: the contract of the JSON output. The same record always gives the same
// bytes: fields in the order of their type, numbers rounded to six decimals.
// It allocates nothing beyond dst: a capture's end may end ten thousand calls
// in one second (2 µs a record, see BenchmarkAppendJSON).
func AppendJSON(dst []byte, r Record, opts JSONOptions) []byte {
	o := object{b: dst}
	switch r := r.(type) {
	case *CallRecord:
		o.call(r)
	case *StreamRecord:
		o.stream(r, opts)
	case *TransactionRecord:
		o.transaction(r)
	}
	return o.b
}

// MarshalJSON writes the record as [AppendJSON] does.
func (r *CallRecord) MarshalJSON() ([]byte, error) {
	return AppendJSON(nil, r, JSONOptions{Intervals: true}), nil
}

// MarshalJSON writes the record as [AppendJSON] does, with its timeline.
func (r *StreamRecord) MarshalJSON() ([]byte, error) {
	return AppendJSON(nil, r, JSONOptions{Intervals: true}), nil
}

// MarshalJSON writes the record as [AppendJSON] does.
func (r *TransactionRecord) MarshalJSON() ([]byte, error) {
	return AppendJSON(nil, r, JSONOptions{}), nil
}

// MarshalJSON writes the time as RFC 3339 with nanoseconds in UTC, null when zero.
func (t Time) MarshalJSON() ([]byte, error) { return appendTime(nil, t), nil }

func appendTime(b []byte, t Time) []byte {
	if t == 0 {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = t.Timestamp().AppendFormat(b, time.RFC3339) // has a fast path that layouts with fractions lack
	b = append(b[:len(b)-1], '.')                   // for the Z
	for ns, unit := int64(t)-floorSeconds(int64(t)), second/10; unit > 0; unit /= 10 {
		b = append(b, byte('0'+ns/unit%10))
	}
	return append(b, 'Z', '"')
}

// floorSeconds rounds down to a whole second, before 1970 too.
func floorSeconds(ns int64) int64 {
	if rest := ns % second; rest < 0 {
		return ns - rest - second
	}
	return ns - ns%second
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*t = 0
		return nil
	}
	at, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(b))
	if err != nil {
		return err
	}
	*t = Time(at.UnixNano())
	return nil
}

// object writes JSON objects, field by field.
type object struct{ b []byte }

// key begins a field.
func (o *object) key(name string) {
	if last := o.b[len(o.b)-1]; last != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) null() { o.b = append(o.b, "null"...) }

func (o *object) text(name, v string) {
	o.key(name)
	o.b = appendString(o.b, v)
}

func (o *object) textOrNull(name string, v *string) {
	if v == nil {
		o.key(name)
		o.null()
		return
	}
	o.text(name, *v)
}

func (o *object) integer(name string, v int64) {
	o.key(name)
	o.b = strconv.AppendInt(o.b, v, 10)
}

func (o *object) unsigned(name string, v uint64) {
	o.key(name)
	o.b = strconv.AppendUint(o.b, v, 10)
}

func (o *object) integerOrNull(name string, v *int) {
	if v == nil {
		o.key(name)
		o.null()
		return
	}
	o.integer(name, int64(*v))
}

func (o *object) number(name string, v float64) {
	o.key(name)
	o.b = appendNumber(o.b, v)
}

func (o *object) numberOrNull(name string, v *float64) {
	if v == nil {
		o.key(name)
		o.null()
		return
	}
	o.number(name, *v)
}

func (o *object) boolean(name string, v bool) {
	o.key(name)
	o.b = strconv.AppendBool(o.b, v)
}

func (o *object) time(name string, t Time) {
	o.key(name)
	o.b = appendTime(o.b, t)
}

func (o *object) addrPort(name string, a netip.AddrPort) {
	o.key(name)
	if !a.IsValid() {
		o.null()
		return
	}
	o.b = append(o.b, '"')
	o.b = a.AppendTo(o.b)
	o.b = append(o.b, '"')
}

// open and shut bracket an array; next goes before its i-th element.
func (o *object) open(name string) {
	o.key(name)
	o.b = append(o.b, '[')
}

func (o *object) next(i int) {
	if i > 0 {
		o.b = append(o.b, ',')
	}
}

func (o *object) shut() { o.b = append(o.b, ']') }

func (o *object) texts(name string, values []string) {
	o.open(name)
	for i, v := range values {
		o.next(i)
		o.b = appendString(o.b, v)
	}
	o.shut()
}

func (o *object) ints(name string, values []int) {
	o.open(name)
	for i, v := range values {
		o.next(i)
		o.b = strconv.AppendInt(o.b, int64(v), 10)
	}
	o.shut()
}

// begin and end bracket an object; begin takes "" for one inside an array.
func (o *object) begin(name string) {
	if name != "" {
		o.key(name)
	}
	o.b = append(o.b, '{')
}

func (o *object) end() { o.b = append(o.b, '}') }

// appendNumber writes a number with at most six decimals and no exponent; what
// is not a number is null.
func appendNumber(b []byte, v float64) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return append(b, "null"...)
	}
	if v == math.Trunc(v) && math.Abs(v) < 1e15 { // most are counts or whole milliseconds
		return strconv.AppendInt(b, int64(v), 10)
	}
	from := len(b)
	b = strconv.AppendFloat(b, v, 'f', 6, 64)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if string(b[from:]) == "-0" {
		b = append(b[:from], '0')
	}
	return b
}

// appendString writes a JSON string (RFC 8259 7); what is not UTF-8 becomes
// U+FFFD.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < 0x20 || c == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		case c < utf8.RuneSelf:
			b = append(b, c)
		default:
			r, size := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += size
			continue
		}
		i++
	}
	return append(b, '"')
}
