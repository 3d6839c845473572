package sanitise

import "net/netip"

// Text replaces what is personal in messages of SIP and what they carry. One
// goroutine uses it.
type Text struct{ names *Names }

// NewText returns a Text that replaces with these names.
func NewText(names *Names) *Text { return &Text{names} }

// SIP appends to dst a whole SIP message without what is personal, its
// Content-Length mended, and returns it. What cannot be understood is blanked,
// never passed on.
func (t *Text) SIP(dst, message []byte) []byte { panic("sanitise: not written yet") }

// Names gives pseudonyms that follow from a key: the same for the same thing,
// wherever it stands. One goroutine uses it.
type Names struct{ addresses *Addresses }

// Address is the pseudonym of an address: two that share their first n bits
// share just as many in their pseudonyms.
func (n *Names) Address(a netip.Addr) netip.Addr { return n.addresses.Of(a) }
