package evidence

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"earshot/sanitise"
)

// literal finds what may be an address or a network in a text.
var literal = regexp.MustCompile(`[0-9A-Fa-f:.]*[:.][0-9A-Fa-f:.]+(?:/[0-9]{1,3})?`)

// readdressed replaces the addresses and networks of a text with the pseudonyms
// that packets have, so that what is said of a network fits to them, and nobody
// learns from both together which one it is.
func readdressed(addresses *sanitise.Addresses, text string) string {
	return literal.ReplaceAllStringFunc(text, func(found string) string {
		word := strings.TrimRight(found, ".:") // the end of a sentence
		rest := found[len(word):]
		host, bits, isNetwork := strings.Cut(word, "/")
		if a, err := netip.ParseAddr(host); err == nil {
			if !isNetwork {
				return addresses.Of(a).String() + rest
			}
			if n, err := strconv.Atoi(bits); err == nil && n <= a.BitLen() {
				network, _ := addresses.Of(a).Prefix(n) // so many bits it has
				return network.String() + rest
			}
		}
		if at := strings.LastIndexByte(host, ':'); at > 0 && !isNetwork { // with a port
			if a, err := netip.ParseAddr(host[:at]); err == nil && a.Is4() {
				return addresses.Of(a).String() + host[at:] + rest
			}
		}
		return found
	})
}
