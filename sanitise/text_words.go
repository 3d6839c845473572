package sanitise

// What a text is, and so what becomes of it.
type meaning uint8

const (
	asOpaque  meaning = iota // pseudonyms, word by word
	asWords                  // words of the protocol and small numbers stay, others are opaque
	asNumber                 // the number that it begins with stays
	asNumbers                // numbers stay, and words of the protocol
	asCSeq                   // a number and a method
	asHost                   // host[:port]
	asUser                   // a user name or number
	asParty                  // an address without brackets, or a display name
	asURI
	asSecret  // blanked, its form too
	asPhrase  // known words stay, others are blanked
	asAgent   // known products and versions stay
	asBranch  // opaque behind its cookie
	asSentBy  // protocol, transport and host of a Via
	asWhole   // one word, whatever stands in it
	asScheme  // of credentials
	asDigits  // hexadecimal or keys that were pressed: zeros
	asStats   // measured figures, codecs and addresses
	asParams  // parameters from the first word on
	asContent // of XML elements and attributes
	asAddress // a name-addr with parameters
	asItems   // something opaque with parameters
)

// replace appends v as what it is.
func (t *Text) replace(dst, v []byte, m meaning) []byte {
	switch m {
	case asWords:
		return t.words(dst, v, wordDigits)
	case asNumbers:
		return t.words(dst, v, numberDigits)
	case asNumber:
		return t.number(dst, v)
	case asCSeq:
		n := digitsLen(v)
		if n > numberDigits {
			n = 0
		}
		return t.words(append(dst, v[:n]...), v[n:], numberDigits)
	case asHost:
		return t.names.hostPort(dst, v)
	case asUser:
		return t.names.user(dst, v)
	case asParty:
		return t.party(dst, v)
	case asURI:
		return t.uri(dst, v)
	case asSecret:
		return blank(dst, v)
	case asPhrase:
		return t.phrase(dst, v)
	case asAgent:
		return t.agent(dst, v)
	case asBranch:
		return t.branch(dst, v)
	case asSentBy:
		return t.sentBy(dst, v)
	case asWhole:
		return t.names.whole(dst, v)
	case asScheme:
		return t.words(dst, v, 0)
	case asDigits:
		return zeros(dst, v)
	case asParams:
		return t.items(dst, v, asParams)
	case asContent:
		return t.content(dst, v)
	case asStats:
		return t.stats(dst, v)
	case asAddress:
		return t.items(dst, v, asParty)
	case asItems:
		return t.items(dst, v, asOpaque)
	}
	return t.names.opaque(dst, v)
}

// How many digits a number may have that stays.
const (
	wordDigits   = 4  // among words
	numberDigits = 10 // where a number stands: 32 bits
)

// words lets the tokens that the protocol knows and short numbers stay.
func (t *Text) words(dst, v []byte, digits int) []byte {
	for i := 0; i < len(v); {
		if !isTokenByte(v[i]) {
			end := i + 1
			for end < len(v) && !isTokenByte(v[end]) {
				end++
			}
			dst = t.names.opaque(dst, v[i:end]) // octets past ASCII are no punctuation
			i = end
			continue
		}
		end := i
		for end < len(v) && isTokenByte(v[end]) {
			end++
		}
		if w := v[i:end]; isProtocolWord(w) || isShortNumber(w, digits) {
			dst = append(dst, w...)
		} else {
			dst = t.names.opaque(dst, w)
		}
		i = end
	}
	return dst
}

// isShortNumber reports whether w is a number of so many digits, or has one
// point and as many behind it.
func isShortNumber(w []byte, digits int) bool {
	if len(w) > 1 && (w[0] == '-' || w[0] == '+') && digits >= numberDigits {
		w = w[1:]
	}
	n := digitsLen(w)
	if n == 0 || n > digits {
		return false
	}
	if n == len(w) {
		return true
	}
	m := digitsLen(w[n+1:])
	return w[n] == '.' && n+1+m == len(w) && m > 0 && m <= digits
}

// number lets the number stay that v begins with.
func (t *Text) number(dst, v []byte) []byte {
	n := digitsLen(v)
	if n+1 < len(v) && v[n] == '.' {
		n += 1 + digitsLen(v[n+1:])
	}
	if n > numberDigits {
		n = 0
	}
	return t.names.opaque(append(dst, v[:n]...), v[n:])
}

// stats lets figures stay, with the names and codecs between them.
func (t *Text) stats(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		if size := timeLen(v[i:]); size > 0 {
			dst = append(dst, v[i:i+size]...)
			i += size
			continue
		}
		if size := 0; mayBeginAddress(v, i) {
			if dst, size = t.names.addressIn(dst, v, i); size > 0 {
				i += size
				continue
			}
		}
		end := wordEnd(v, i)
		if end == i {
			dst = append(dst, punctuation(v[i]))
			i++
			continue
		}
		if w := v[i:end]; isStatWord(w) || isProtocolWord(w) || isShortNumber(w, numberDigits) {
			dst = append(dst, w...)
		} else {
			dst = t.names.escaped(dst, w)
		}
		i = end
	}
	return dst
}

// pieces lets known words and short numbers stay, whatever stands between them.
func (t *Text) pieces(dst, v []byte, digits int) []byte {
	for i := 0; i < len(v); {
		end := wordEnd(v, i)
		switch w := v[i:end]; {
		case end == i:
			dst = append(dst, punctuation(v[i]))
			end++
		case isProtocolWord(w), digitsLen(w) == len(w) && len(w) <= digits:
			dst = append(dst, w...)
		default:
			dst = t.names.escaped(dst, w)
		}
		i = end
	}
	return dst
}

// timeLen is the length of the date and time (RFC 3339) that v begins with, or 0.
func timeLen(v []byte) int {
	const pattern = "0000-00-00T00:00:00"
	if len(v) < len(pattern) {
		return 0
	}
	for i := range len(pattern) {
		if pattern[i] == '0' && !isDigit(v[i]) || pattern[i] != '0' && v[i] != pattern[i] {
			return 0
		}
	}
	n := len(pattern)
	if n < len(v) && v[n] == '.' {
		n += 1 + min(digitsLen(v[n+1:]), numberDigits)
	}
	if n < len(v) && v[n] == 'Z' {
		n++
	}
	if n < len(v) && isWordByte(v[n]) {
		return 0
	}
	return n
}

// phrase lets the words stay that responses and reasons are made of; what is
// left may name anybody and is blanked.
func (t *Text) phrase(dst, v []byte) []byte {
	const few = 2 // digits of a number that names nobody
	number := false
	for i := 0; i < len(v); {
		end := wordEnd(v, i)
		if end == i {
			dst = append(dst, punctuation(v[i]))
			i++
			continue
		}
		w := v[i:end]
		n := digitsLen(w)
		switch {
		case isPhraseWord(w), n == len(w) && n <= few && !number:
			dst = append(dst, w...)
		default:
			dst = blankWord(dst, w)
		}
		number = n == len(w) // two in a row may be one that is spelt
		i = end
	}
	return dst
}

// branch keeps the cookie by which a branch of RFC 3261 8.1.1.7 is known.
func (t *Text) branch(dst, v []byte) []byte {
	const cookie = "z9hG4bK"
	if len(v) >= len(cookie) && string(v[:len(cookie)]) == cookie {
		dst, v = append(dst, cookie...), v[len(cookie):]
	}
	return t.names.opaque(dst, v)
}

// sentBy appends "SIP/2.0/UDP host:port", with blanks anywhere.
func (t *Text) sentBy(dst, v []byte) []byte {
	i, slashes := 0, 0
	for ; i < len(v) && slashes < 2; i++ {
		if v[i] == '/' {
			slashes++
		}
	}
	if slashes < 2 {
		return t.names.opaque(dst, v)
	}
	for i < len(v) && isSpace(v[i]) {
		i++
	}
	for i < len(v) && !isSpace(v[i]) {
		i++
	}
	dst = t.words(dst, v[:i], 1) // "2.0"
	for i < len(v) && isSpace(v[i]) {
		dst = append(dst, v[i])
		i++
	}
	return t.names.hostPort(dst, v[i:])
}
