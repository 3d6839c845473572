package sanitise

// agent lets known products and their versions stay: what a call was made with is
// often why it sounds bad. Other words get pseudonyms, so that products which
// are not known still are told apart.
func (t *Text) agent(dst, v []byte) []byte {
	number := false // the word before was one, with a dash or blank behind it
	for i := 0; i < len(v); {
		if size := 0; mayBeginAddress(v, i) {
			if dst, size = t.names.addressIn(dst, v, i); size > 0 {
				i += size
				continue
			}
		}
		end := wordEnd(v, i)
		if end == i {
			if v[i] == '.' || v[i] == '/' || v[i] == '(' {
				number = false
			}
			dst = append(dst, punctuation(v[i]))
			i++
			continue
		}
		w := v[i:end]
		digits := digitsLen(w) == len(w)
		if isProduct(w) && !(digits && number) {
			dst = append(dst, w...)
		} else {
			dst = t.names.escaped(dst, w)
		}
		number = digits
		i = end
	}
	return dst
}

// isProduct reports whether a word is a known product or maker, a model, or a
// version: 4 digits at most, so no number, serial number or MAC.
func isProduct(w []byte) bool {
	const most = 10
	if isAgentWord(w) {
		return true
	}
	if len(w) == 1 {
		return w[0] < 0x80
	}
	if len(w) > most {
		return false
	}
	head := 0
	for head < len(w) && !isDigit(w[head]) {
		head++
	}
	digits := digitsLen(w[head:])
	tail := w[head+digits:]
	switch {
	case digits == 0 || digits > wordDigits:
		return false
	case head == 0:
		return len(tail) == 0 || isVersionWord(tail)
	case isAgentWord(w[:head]), head <= 4 && isUpper(w[:head]):
		return len(tail) <= 2 && isUpper(tail) || isVersionWord(tail)
	}
	return false
}

// isVersionWord reports whether v goes on after the digits of a version: rc1,
// dfsg, b.
func isVersionWord(v []byte) bool {
	n := 0
	for n < len(v) && !isDigit(v[n]) {
		n++
	}
	const few = 2
	rest := len(v) - n
	if rest > few || digitsLen(v[n:]) != rest {
		return false
	}
	return n == 1 && v[0] < 0x80 || isAgentWord(v[:n])
}

func isUpper(v []byte) bool {
	for _, c := range v {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}
