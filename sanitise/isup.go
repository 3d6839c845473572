package sanitise

// isupMessage is how the mandatory part of an ISUP message is made (Q.763 4).
type isupMessage struct {
	fixed    int    // octets of fixed length
	variable []byte // codes of the parameters of variable length
	optional bool   // a pointer to optional ones follows
}

// isupMessages are those of ITU-T that SIP carries (RFC 3204), by their type.
var isupMessages = map[byte]isupMessage{
	0x01: {5, []byte{isupCalledParty}, true}, // IAM: connection, call, category, medium
	0x02: {0, []byte{isupSubsequent}, true},  // SAM
	0x03: {2, nil, true},                     // INR
	0x04: {2, nil, true},                     // INF
	0x05: {1, nil, true},                     // COT
	0x06: {2, nil, true},                     // ACM: backward call indicators
	0x07: {2, nil, true},                     // CON
	0x08: {0, nil, true},                     // FOT
	0x09: {0, nil, true},                     // ANM
	0x0c: {0, []byte{isupCause}, true},       // REL
	0x0d: {1, nil, true},                     // SUS
	0x0e: {1, nil, true},                     // RES
	0x10: {0, nil, true},                     // RLC
	0x2c: {1, nil, true},                     // CPG: event
	0x2d: {0, []byte{isupUserUser}, true},    // USR
	0x2f: {0, []byte{isupCause}, true},       // CFN
	0x33: {0, nil, true},                     // FAC
}

// Parameters of ISUP (Q.763 Table 5).
const (
	isupCalledParty = 0x04
	isupSubsequent  = 0x05
	isupCalling     = 0x0a
	isupRedirecting = 0x0b
	isupRedirection = 0x0c
	isupCause       = 0x12
	isupAccess      = 0x03 // access transport: elements of Q.931
	isupUserUser    = 0x20
	isupConnected   = 0x21
	isupOriginal    = 0x28
	isupLocation    = 0x3f
	isupGeneric     = 0xc0
)

// isupKept are the parameters that say nothing of anybody: indicators, causes,
// events, counters, in octets that must be there to be kept.
var isupKept = map[byte]int{
	0x02: 1, // transmission medium requirement
	0x06: 1, // nature of connection
	0x07: 2, // forward call indicators
	0x08: 1, // optional forward call indicators
	0x09: 1, // calling party's category
	0x0e: 2, // information request indicators
	0x0f: 2, // information indicators
	0x10: 1, // continuity indicators
	0x11: 2, // backward call indicators
	0x12: 2, // cause: location and value, without diagnostics
	0x13: 2, // redirection information
	0x22: 1, // suspend or resume
	0x24: 1, // event information
	0x29: 1, // optional backward call indicators
	0x2a: 1, // user-to-user indicators
	0x2c: 1, // generic notification
	0x37: 1, // echo control
	0x3d: 1, // hop counter
	0x35: 1, // transmission medium prime
	0x31: 2, // propagation delay
}

// isupNumbers are the parameters with a number, by how many octets stand before
// its digits.
var isupNumbers = map[byte]int{
	isupCalledParty: 2, isupSubsequent: 1, isupCalling: 2, isupRedirecting: 2, isupRedirection: 2, isupConnected: 2,
	isupOriginal: 2, isupLocation: 2, isupGeneric: 3,
}

// isup appends an ISUP message of the same length: numbers get their
// pseudonyms, and what is not known to be harmless becomes zeros.
func (t *Text) isup(dst, b []byte) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, len(b))...)
	out := dst[start:]
	if len(b) == 0 {
		return dst
	}
	m, known := isupMessages[b[0]]
	pointers := 1 + m.fixed
	end := pointers + len(m.variable) + 1
	if !known || len(b) < end {
		return dst
	}
	copy(out, b[:end])
	for i, code := range m.variable {
		t.isupVariable(out, b, pointers+i, code)
	}
	t.isupOptional(out, b, end-1)
	return dst
}

// isupVariable replaces the parameter that the pointer at leads to. Pointers
// count from themselves (Q.763 1.4).
func (t *Text) isupVariable(out, b []byte, at int, code byte) {
	if from := at + int(b[at]); b[at] != 0 && from < len(b) {
		t.isupParameter(out, b, from, code)
	}
}

// isupOptional replaces the parameters behind the last pointer.
func (t *Text) isupOptional(out, b []byte, at int) {
	if b[at] == 0 {
		return
	}
	for i := at + int(b[at]); i+1 < len(b) && b[i] != 0; {
		out[i] = b[i]
		i = t.isupParameter(out, b, i+1, b[i])
	}
}

// isupParameter replaces the contents of the parameter whose length stands at i,
// and returns where it ends.
func (t *Text) isupParameter(out, b []byte, i int, code byte) int {
	out[i] = b[i]
	end := min(i+1+int(b[i]), len(b))
	contents, to := b[i+1:end], out[i+1:end]
	if keep, ok := isupKept[code]; ok {
		copy(to, contents[:min(keep, len(contents))])
		return end
	}
	if before, ok := isupNumbers[code]; ok && len(contents) >= before {
		copy(to, contents[:before])
		t.isupDigits(to[before:], contents[before:], contents[max(before-2, 0)]&0x80 != 0)
		return end
	}
	if code == isupAccess {
		fillElements(to)
	}
	return end
}

// isupDigits writes the pseudonym of a number, two digits to an octet, the first
// in the low half. The end of pulsing stays; what else is no digit becomes zero.
func (t *Text) isupDigits(to, from []byte, odd bool) {
	const longest, endOfPulsing = 32, 15
	var digits [2 * longest]byte
	n := 0
	for _, c := range from[:min(len(from), longest)] {
		digits[n], digits[n+1] = '0'+c&15, '0'+c>>4
		n += 2
	}
	if odd && n > 0 {
		n--
	}
	for ; n > 0 && !isDigit(digits[n-1]); n-- {
		if digits[n-1] == '0'+endOfPulsing {
			to[(n-1)/2] |= endOfPulsing << (4 * ((n - 1) % 2))
		}
	}
	if digitsLen(digits[:n]) != n {
		return
	}
	var room [2 * longest]byte
	for i, c := range t.names.word(room[:0], digits[:n]) {
		to[i/2] |= (c - '0') << (4 * (i % 2))
	}
}

// qsig appends a message of Q.931, of the same length: what it is stays, its
// elements do not.
func qsig(dst, b []byte) []byte {
	const header, longest = 2, 15
	start := len(dst)
	dst = append(dst, make([]byte, len(b))...)
	out := dst[start:]
	if len(b) <= header {
		return dst
	}
	elements := header + int(b[1]&longest) + 1 // behind the call reference and the message type
	if len(b) < elements {
		return dst
	}
	copy(out, b[:header])
	out[elements-1] = b[elements-1]
	fillElements(out[elements:])
	return dst
}

// fillElements writes elements of one octet that say nothing (Q.931 4.5.1): zeros
// would be the beginning of one that says how long it is.
func fillElements(b []byte) {
	const sendingComplete = 0xa1
	for i := range b {
		b[i] = sendingComplete
	}
}
