package sanitise

// opaque appends text that means nothing here: addresses and hosts in it become
// theirs, every other word its pseudonym, and what stands between them stays.
func (n *Names) opaque(dst, v []byte) []byte {
	for i := 0; i < len(v); {
		if size := 0; mayBeginAddress(v, i) {
			if dst, size = n.addressIn(dst, v, i); size > 0 {
				i += size
				continue
			}
		}
		if end := wordEnd(v, i); end > i {
			dst = n.escaped(dst, v[i:end])
			i = end
			continue
		}
		dst = append(dst, punctuation(v[i]))
		i++
		if v[i-1] == '@' {
			end := hostEnd(v, i)
			dst = n.host(dst, v[i:end])
			i = end
		}
	}
	return dst
}

// punctuation is a character between words. Control characters could be anything,
// such as packed digits, and become one.
func punctuation(c byte) byte {
	if c < ' ' && c != '\t' && c != '\r' && c != '\n' && c != 0 || c == 0x7f {
		return 1
	}
	return c
}

// wordEnd is where the word ends that begins at i: letters, digits and octets
// past ASCII, plain or as %HH.
func wordEnd(v []byte, i int) int {
	for i < len(v) {
		switch {
		case isWordByte(v[i]):
			i++
		case v[i] == '%':
			c, ok := escapedByte(v[i:])
			if !ok || !isWordByte(c) {
				return i
			}
			i += 3
		default:
			return i
		}
	}
	return i
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c >= 0x80
}

// escapedByte reads the %HH that v begins with.
func escapedByte(v []byte) (c byte, ok bool) {
	if len(v) < 3 || v[0] != '%' {
		return 0, false
	}
	hi, lo := hexValue(v[1]), hexValue(v[2])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

func hexValue(c byte) int {
	switch c = lower(c); {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// escaped appends the pseudonym of a word that may have escapes; they stay where
// they are.
func (n *Names) escaped(dst, w []byte) []byte {
	if !hasEscape(w) {
		return n.word(dst, w)
	}
	n.plain = n.plain[:0]
	for i := 0; i < len(w); i++ {
		c, ok := escapedByte(w[i:])
		if !ok {
			c = w[i]
		} else {
			i += 2
		}
		n.plain = append(n.plain, c)
	}
	n.replace(n.plain)
	const digits = "0123456789ABCDEF"
	at := 0
	for i := 0; i < len(w); i++ {
		c := n.plain[at]
		at++
		if w[i] != '%' {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', digits[c>>4], digits[c&15])
		i += 2
	}
	return dst
}

func hasEscape(w []byte) bool {
	for _, c := range w {
		if c == '%' {
			return true
		}
	}
	return false
}

// whole appends text in which the letters and digits are one word, whatever
// stands between them; its length stays.
func (n *Names) whole(dst, v []byte) []byte {
	n.plain = n.plain[:0]
	for _, c := range v {
		if isWordByte(c) {
			n.plain = append(n.plain, c)
		}
	}
	return n.scatter(dst, v, isWordByte)
}

// scatter replaces the gathered word and appends v with its characters in their
// places.
func (n *Names) scatter(dst, v []byte, part func(byte) bool) []byte {
	at := len(n.plain) // where the pseudonym begins
	n.plain = n.word(n.plain, n.plain)
	for _, c := range v {
		if !part(c) {
			dst = append(dst, punctuation(c))
			continue
		}
		dst = append(dst, n.plain[at])
		at++
	}
	return dst
}

// number appends what isNumber takes for one: with its visual separators (RFC
// 3966 5.1.1) it is the same as without.
func (n *Names) number(dst, v []byte) []byte {
	for len(v) > 0 && !isDigit(v[0]) {
		size := 1
		if v[0] == '%' {
			size = min(len("%2B"), len(v))
		}
		dst = append(dst, v[:size]...)
		v = v[size:]
	}
	n.plain = n.plain[:0]
	for _, c := range v {
		if isDigit(c) {
			n.plain = append(n.plain, c)
		}
	}
	return n.scatter(dst, v, isDigit)
}
