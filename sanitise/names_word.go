package sanitise

// alphabet is which characters a word has, and so which its pseudonym has.
type alphabet uint8

const (
	decimalDigits alphabet = iota
	onlyLetters
	hexDigits    // at least minHex of them, a letter among them
	lowerOrUpper // letters of one case, and digits
	mixedCase    // letters of both, and digits
	otherScript  // octets past ASCII among them
)

// minHex is the shortest word that is taken for hexadecimal: 32 bits.
const minHex = 8

// radix is how many characters an alphabet has.
var radix = [...]int{decimalDigits: 10, onlyLetters: 26, hexDigits: 16, lowerOrUpper: 36, mixedCase: 62}

// nature is what a word and its pseudonym have in common beside their length.
type nature struct {
	alphabet   alphabet
	digitFirst bool // a number stays one as far as it goes, a name begins with a letter
}

// natureOf looks at a word of letters, digits and octets past ASCII.
func natureOf(w []byte) nature {
	var lower, upper, digits, hex, others int
	for _, c := range w {
		switch {
		case isDigit(c):
			digits++
			hex++
		case c >= 'a' && c <= 'z':
			lower++
			hex += boolInt(c <= 'f')
		case c >= 'A' && c <= 'Z':
			upper++
			hex += boolInt(c <= 'F')
		default:
			others++
		}
	}
	n := nature{digitFirst: isDigit(w[0])}
	switch {
	case others > 0:
		n.alphabet = otherScript
	case digits == len(w):
		n.alphabet = decimalDigits
	case hex == len(w) && len(w) >= minHex:
		n.alphabet = hexDigits
	case digits == 0:
		n.alphabet = onlyLetters
	case lower > 0 && upper > 0:
		n.alphabet = mixedCase
	default:
		n.alphabet = lowerOrUpper
	}
	return n
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// word appends the pseudonym of a word. Case is kept and makes no difference,
// but in words of digits and letters of both cases: those are random.
func (n *Names) word(dst, w []byte) []byte {
	if len(w) == 0 {
		return dst
	}
	if p, ok := n.known[string(w)]; ok {
		return append(dst, p...)
	}
	start := len(dst)
	dst = append(dst, w...)
	n.replace(dst[start:])
	if len(w) <= maxKnownWord {
		if len(n.known) >= maxKnown {
			clear(n.known) // what is needed is soon there again
		}
		n.known[string(w)] = string(dst[start:])
	}
	return dst
}

// replace puts a word's pseudonym in its place.
func (n *Names) replace(w []byte) {
	nature := natureOf(w)
	switch nature.alphabet {
	case otherScript:
		n.permute.letters(w)
		return
	case decimalDigits:
		for len(w) > 0 && w[0] == '0' { // a national or international prefix, or padding
			w = w[1:]
		}
		if len(w) == 0 {
			return
		}
	}
	n.symbols = n.symbols[:0]
	for _, c := range w {
		n.symbols = append(n.symbols, symbol(c, nature.alphabet))
	}
	raise := upperMask(w, nature.alphabet)
	for {
		// A permutation of all words of a length, repeated until the result is of
		// the same nature, is one of the words of that nature.
		n.permute.apply(n.symbols, radix[nature.alphabet])
		for i, s := range n.symbols {
			w[i] = character(s, nature.alphabet)
		}
		if natureOf(w) == nature && (nature.alphabet != decimalDigits || w[0] != '0') {
			break
		}
	}
	raise.apply(w)
}

// symbol is a character's number in an alphabet.
func symbol(c byte, a alphabet) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case a == onlyLetters:
		return lower(c) - 'a'
	case a == mixedCase && c < 'a':
		return c - 'A' + 36
	}
	return lower(c) - 'a' + 10
}

func character(s byte, a alphabet) byte {
	switch {
	case a == onlyLetters:
		return s + 'a'
	case s < 10:
		return s + '0'
	case s < 36:
		return s - 10 + 'a'
	}
	return s - 36 + 'A'
}

// casing says which letters of a pseudonym are capitals.
type casing struct {
	all   bool
	these []int // positions, where they are not all or none
}

func upperMask(w []byte, a alphabet) (c casing) {
	if a == mixedCase || a == decimalDigits {
		return c
	}
	small := false
	for i, b := range w {
		small = small || b >= 'a' && b <= 'z'
		if b >= 'A' && b <= 'Z' && (a == onlyLetters || len(c.these) == 0) {
			c.these = append(c.these, i)
		}
	}
	if len(c.these) > 0 && !small {
		return casing{all: true}
	}
	if a != onlyLetters {
		return casing{} // hexadecimal of both cases is as good as of one
	}
	return c
}

func (c casing) apply(w []byte) {
	for i, b := range w {
		if c.all && b >= 'a' {
			w[i] = b - 'a' + 'A'
		}
	}
	for _, i := range c.these {
		w[i] -= 'a' - 'A'
	}
}
