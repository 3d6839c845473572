package outbox

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// masked stands for what was masked; the last two digits of a number follow it,
// so that numbers can be told apart.
const masked = "…"

// The pieces of what a text may point to people with. They are tried in this
// order at each place; numbers are looked for in what lies between them.
var pieces = regexp.MustCompile(strings.Join([]string{
	`(?P<display>"[^"\n<>]{1,200}" ?<)`,
	`(?P<callid>\bCall-ID:? [^\s,]*[0-9@][^\s,]*)`,
	`(?P<user>(?:\b(?:sips?|mailto):)?[^\s<>"@…(),]+@)`,
	`(?P<labelled>(?i:\b(?:(?:tel|fax|ext|extension|phone|mobile|msisdn|durchwahl|nebenstelle|rufnummer)[.:=]+ ?|(?:ext|extension|durchwahl|nebenstelle) ))\+?\p{Nd}(?:[ ./()-]?\p{Nd})*)`,
	`(?P<done>…\p{Nd}{2}|\b(?:[0-9]{1,3}\.){3}x\b|\b[0-9a-f]{1,4}:[0-9a-f:]*:x\b)`,
	`(?P<id>\b(?:call|stream) [0-9a-f]{16}\b)`,
	`(?P<mac>\b(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\b|\b[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\b|\b[0-9A-Fa-f]{12}\b)`,
	`(?P<ip6>(?:\b(?:` + hex4 + `:){6}(?:` + dotted + `|` + hex4 + `:` + hex4 + `\b)|(?:\b(?:` + hex4 + `:){0,6}` + hex4 + `)?::(?:(?:` + hex4 + `:){0,6}(?:` + dotted + `|` + hex4 + `\b))?)(?:%[0-9A-Za-z_.]+)?(?:/[0-9]{1,3}\b)?)`,
	`(?P<dots>\b[0-9]+(?:\.[0-9]+){4,}\b)`,
	`(?P<ip4>\b` + dotted + `(?:/[0-9]{1,2}\b)?)`,
	`(?P<time>\b(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?Z?)?\b|\b(?:0?[1-9]|[12][0-9]|3[01])\.(?:0?[1-9]|1[0-2])\.(?:19|20)[0-9]{2}\b|\b[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?\b)`,
}, "|"))

// What addresses are made of: an IPv4 address, and a group of one of IPv6.
const (
	dotted = `(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\b`
	hex4   = `[0-9A-Fa-f]{1,4}`
)

// number is a number as people write them: digits, and single marks between
// groups of them. What stands before it decides how it is taken.
var number = regexp.MustCompile(`[+(\pL_]?\p{Nd}(?:(?:[ \x{a0}\x{2009}\x{202f}\x{2010}-\x{2013}/.-]|\)[ \x{a0}/-]?|[ \x{a0}]?\()?\p{Nd})*`)

// maxPasses bounds how often a text is masked: what is masked changes what
// stands beside it, and with that what it looks like.
const maxPasses = 5

// text masks what points to people in a text, so that masking it again changes
// nothing.
func (m *mask) text(text string) string {
	text = shortWords(m.calls.Replace(strings.ToValidUTF8(text, "\uFFFD")))
	for range maxPasses {
		next := m.pass(text)
		if next == text {
			break
		}
		text = next
	}
	return text
}

// pass masks each piece, and the numbers between them.
func (m *mask) pass(text string) string {
	var b strings.Builder
	rest := 0
	for _, at := range pieces.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(numbers(text[rest:at[0]]))
		b.WriteString(m.piece(at, text))
		rest = at[1]
	}
	b.WriteString(numbers(text[rest:]))
	return b.String()
}

// longestWord bounds, in octets, a word that is looked into. Nothing that people
// write is longer, and what looks for a user in it costs the square of it.
const longestWord = 512

// shortWords masks words that are too long to be looked into.
func shortWords(text string) string {
	var b strings.Builder
	for len(text) > 0 {
		end := strings.IndexAny(text, "\t\n\f\r ")
		if end < 0 {
			end = len(text)
		}
		if end > longestWord {
			b.WriteString(masked)
		} else {
			b.WriteString(text[:end])
		}
		next := min(end+1, len(text))
		b.WriteString(text[end:next])
		text = text[next:]
	}
	return b.String()
}

// piece masks one piece.
func (m *mask) piece(at []int, text string) string {
	whole := text[at[0]:at[1]]
	name := ""
	for i, group := range pieces.SubexpNames() {
		if group != "" && at[2*i] >= 0 {
			name = group
		}
	}
	switch name {
	case "display":
		return `"` + masked + whole[strings.LastIndexByte(whole, '"'):]
	case "callid":
		if m.callIDs {
			return whole
		}
		return whole[:strings.LastIndexByte(whole, ' ')+1] + masked
	case "user":
		scheme, _, found := strings.Cut(whole, ":")
		if found && (scheme == "sip" || scheme == "sips" || scheme == "mailto") {
			return scheme + ":" + masked + "@"
		}
		return masked + "@"
	case "labelled":
		at := strings.IndexFunc(whole, func(r rune) bool { return r == '+' || unicode.IsDigit(r) })
		return whole[:at] + masked
	case "id":
		if m.ids[whole[len(whole)-idLength:]] {
			return whole
		}
		return numbers(whole)
	case "dots": // more than an address has
		return numbers(whole)
	case "mac":
		return masked
	case "ip4", "ip6":
		return maskAddress(whole)
	}
	return whole // a time, or masked already
}

// maskAddress keeps the network of an address, and a network that is no smaller.
func maskAddress(text string) string {
	if p, err := netip.ParsePrefix(text); err == nil {
		if p.Bits() == 0 || p.Bits() <= networkBits4 && p.Addr().Is4() || p.Bits() <= networkBits6 && p.Addr().Is6() && !p.Addr().Is4In6() {
			return p.Masked().String()
		}
		return openEnd(p.Addr())
	}
	address, _, _ := strings.Cut(text, "/")
	a, err := netip.ParseAddr(address)
	if err != nil {
		return numbers(text)
	}
	return openEnd(a)
}

// openEnd writes an address with an x for its end.
func openEnd(a netip.Addr) string {
	network := networkOf(a)
	switch {
	case a.IsLoopback() || a.IsUnspecified():
		return a.String()
	case network.Is4():
		return strings.TrimSuffix(network.String(), "0") + "x"
	}
	return network.String() + "x" // it ends in "::"
}

// numbers masks the numbers of a text that holds none of the pieces.
func numbers(text string) string { return number.ReplaceAllStringFunc(text, maskNumber) }

// The fewest digits of what is taken for a number of somebody.
const (
	leastMarked = 5 // behind a plus
	leastRun    = 6 // in one piece, or where a zero or a bracket begins it
	leastJoined = 7 // in groups
	leastSpaced = 8 // in groups that spaces part, as counts behind a model's number may be too
)

// maskNumber masks one candidate: as a whole where it looks like a number of
// somebody, else each long run of digits in it.
func maskNumber(text string) string {
	digits, groups, short := 0, 0, false
	run := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
			run++
			continue
		}
		if run > 0 {
			groups++
			short = short || run == 1
		}
		run = 0
	}
	short = short || run == 1
	first, size := utf8.DecodeRuneInString(text)
	least := leastRun
	switch {
	case unicode.IsLetter(first) || first == '_' || strings.Contains(text, ".") && short && first != '+':
		least = digits + 1
	case first == '+':
		least = leastMarked
	case first == '(' || first == '0' && size < len(text) && unicode.IsDigit(rune(text[size])):
	case strings.ContainsFunc(text, unicode.IsSpace):
		least = leastSpaced
	case groups > 0:
		least = leastJoined
	}
	if digits < least {
		return runs(text)
	}
	open := ""
	if first == '(' && !strings.Contains(text, ")") {
		open = "("
	}
	return open + shortened(text)
}

// longRun is a run of digits that is masked wherever it stands.
var longRun = regexp.MustCompile(`\p{Nd}{6,}`)

// runs masks the long runs of digits of a text.
func runs(text string) string { return longRun.ReplaceAllStringFunc(text, shortened) }

// shortened is the mark with the last two digits of a text.
func shortened(text string) string {
	var last [2]rune
	for _, r := range text {
		if unicode.IsDigit(r) {
			last[0], last[1] = last[1], r
		}
	}
	return masked + string(last[:])
}
