package sanitise

import "net/netip"

// Names gives pseudonyms that follow from a key: the same for the same thing,
// wherever it stands. One goroutine uses it.
type Names struct{ addresses *Addresses }

// NewNames returns the pseudonyms that follow from the key; addresses gives those
// of IP addresses.
func NewNames(key Key, addresses *Addresses) *Names { return &Names{addresses: addresses} }

// Address is the pseudonym of an address: two that share their first n bits
// share just as many in their pseudonyms.
func (n *Names) Address(a netip.Addr) netip.Addr { return n.addresses.Of(a) }

// CallID appends the pseudonym of a Call-ID.
func (n *Names) CallID(dst, id []byte) []byte { panic("sanitise: not written yet") }
