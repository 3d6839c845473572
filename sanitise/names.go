package sanitise

import "net/netip"

// Names gives pseudonyms that follow from a key: the same for the same thing,
// wherever it stands. They have the length and the kind of what they stand for:
// digits for digits, hexadecimal for hexadecimal, letters for letters, and two
// that differ have pseudonyms that differ. One goroutine uses it.
type Names struct {
	addresses *Addresses
	permute   permutation
	known     map[string]string // of words, so that each costs its rounds once
	symbols   []byte            // scratch: the word at hand as numbers
	plain     []byte            // scratch: a word without its escapes, or gathered
}

// maxKnown is how many words keep their pseudonym at hand: those of some
// thousand calls, in some megabytes.
const maxKnown = 1 << 15

// maxKnownWord is the longest that is worth keeping.
const maxKnownWord = 64

// NewNames returns the pseudonyms that follow from the key; addresses gives those
// of IP addresses.
func NewNames(key Key, addresses *Addresses) *Names {
	return &Names{addresses: addresses, permute: newPermutation(key.derive("names")), known: map[string]string{}}
}

// Address is the pseudonym of an address: two that share their first n bits
// share just as many in their pseudonyms.
func (n *Names) Address(a netip.Addr) netip.Addr { return n.addresses.Of(a) }

// CallID appends the pseudonym of a Call-ID, the same in every header and body
// that names it. It keeps what joins the legs of a call: the punctuation, and
// each word between it by itself.
func (n *Names) CallID(dst, id []byte) []byte { return n.opaque(dst, id) }
