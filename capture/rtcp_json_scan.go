package capture

// Tokens of JSON as far as a report needs them.
type jsonToken uint8

const (
	jsonEnd   jsonToken = iota // of the octets, or of what is JSON
	jsonOpen                   // { or [
	jsonClose                  // } or ]
	jsonKey                    // a string before a colon
	jsonValue                  // a string, a number, true, false, null
)

// jsonScanner cuts JSON into tokens without copying anything. It is no
// validator: some senders write a comma too many, and their report is good.
type jsonScanner struct {
	b   []byte
	pos int
}

// next returns the next token; of a string what stands between its quotes.
func (s *jsonScanner) next() (jsonToken, []byte) {
	for s.pos < len(s.b) {
		start := s.pos
		s.pos++
		switch c := s.b[start]; c {
		case ' ', '\t', '\r', '\n', ',':
		case '{', '[':
			return jsonOpen, nil
		case '}', ']':
			return jsonClose, nil
		case '"':
			return s.str()
		default:
			if !isPlain(c) {
				return jsonEnd, nil
			}
			for s.pos < len(s.b) && isPlain(s.b[s.pos]) {
				s.pos++
			}
			return jsonValue, s.b[start:s.pos]
		}
	}
	return jsonEnd, nil
}

// str reads a string whose quote has been passed, and the colon that makes it a
// key. Escapes stay as they are.
func (s *jsonScanner) str() (jsonToken, []byte) {
	start := s.pos
	for s.pos < len(s.b) && s.b[s.pos] != '"' {
		if s.b[s.pos] == '\\' {
			s.pos++
		}
		s.pos++
	}
	if s.pos >= len(s.b) {
		return jsonEnd, nil
	}
	value := s.b[start:s.pos]
	s.pos++
	for i := s.pos; i < len(s.b); i++ {
		switch s.b[i] {
		case ' ', '\t', '\r', '\n':
			continue
		case ':':
			s.pos = i + 1
			return jsonKey, value
		}
		break
	}
	return jsonValue, value
}

// isPlain reports whether c belongs to a number or a literal.
func isPlain(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '+' || c == '.'
}

// number reads a whole number; what follows it, such as decimals, is left out.
// What is no number is 0, what has more than 18 digits is cut to 18.
func number(b []byte) int64 {
	whole, _ := decimal(b)
	return whole
}

// decimal reads a number and the tenths that follow its point.
func decimal(b []byte) (whole, tenths int64) {
	const digits = 18
	sign := int64(1)
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		if b[0] == '-' {
			sign = -1
		}
		b = b[1:]
	}
	n := 0
	for n < len(b) && n < digits && b[n] >= '0' && b[n] <= '9' {
		whole = whole*10 + int64(b[n]-'0')
		n++
	}
	if n+1 < len(b) && b[n] == '.' && b[n+1] >= '0' && b[n+1] <= '9' {
		tenths = int64(b[n+1] - '0')
	}
	return sign * whole, sign * tenths
}
