package sanitise

import (
	"encoding/binary"
	"net/netip"
)

// addressSlots is how many addresses of each family keep their pseudonym at
// hand: 32 AES operations are 300 ns, a look-up is 3.
const addressSlots = 1 << 14

// Addresses gives prefix-preserving pseudonyms of IP addresses: two of one kind
// that share their first n bits share just as many in their pseudonyms. The
// kind itself stays (see addressKind), because Earshot judges by it: behind a
// NAT or not. One goroutine uses it.
type Addresses struct {
	cipher cryptoPAn
	v4     [addressSlots]known4
	v6     []known6 // made with the first address of IPv6
}

// known4 and known6 are addresses with their pseudonyms. The zero value says
// truly that 0.0.0.0 stays what it is.
type known4 struct{ address, pseudonym uint32 }
type known6 struct{ address, pseudonym [16]byte }

// NewAddresses returns the pseudonyms that follow from the key.
func NewAddresses(key Key) *Addresses {
	return &Addresses{cipher: newCryptoPAn(key.derive("addresses"))}
}

// Of is the pseudonym of an address; an IPv4 address has the same one whether it
// is mapped to IPv6 or not. A zone is dropped: it names an interface.
func (a *Addresses) Of(address netip.Addr) netip.Addr {
	switch {
	case address.Is4():
		b := address.As4()
		a.replace4(b[:])
		return netip.AddrFrom4(b)
	case address.Is6():
		b := address.As16()
		a.replace6(b[:])
		return netip.AddrFrom16(b)
	}
	return address
}

// replace4 replaces the 4 octets of an address.
func (a *Addresses) replace4(b []byte) {
	address := binary.BigEndian.Uint32(b)
	slot := &a.v4[address*0x9e3779b1>>(32-14)]
	if slot.address != address {
		*slot = known4{address, a.of4(address)}
	}
	binary.BigEndian.PutUint32(b, slot.pseudonym)
}

// of4 reckons a pseudonym. The cipher permutes all addresses, those of one kind
// among others too; going on until the kind is right is a permutation of the
// kind again, and prefix-preserving wherever no step was needed.
func (a *Addresses) of4(address uint32) uint32 {
	kind, keep := kindOf4(address)
	if keep == 32 {
		return address
	}
	mask := uint32(1<<(32-keep) - 1)
	for p := address; ; {
		p = address&^mask | a.cipher.of4(p)&mask
		if k, _ := kindOf4(p); k == kind {
			return p
		}
	}
}

// replace6 replaces the 16 octets of an address.
func (a *Addresses) replace6(b []byte) {
	if at := embedded4(b); at > 0 {
		a.replace4(b[at : at+4])
		return
	}
	if a.v6 == nil {
		a.v6 = make([]known6, addressSlots)
	}
	h := (binary.LittleEndian.Uint64(b)*0x9e3779b97f4a7c15 ^ binary.LittleEndian.Uint64(b[8:])) * 0xff51afd7ed558ccd
	slot := &a.v6[h>>(64-14)]
	if address := [16]byte(b); slot.address != address {
		*slot = known6{address, a.of6(address)}
	}
	copy(b, slot.pseudonym[:])
}

func (a *Addresses) of6(address [16]byte) [16]byte {
	kind, keep := kindOf6(&address)
	if keep == 128 {
		return address
	}
	for p := address; ; {
		p = a.cipher.of6(p)
		copyBits(&p, &address, keep)
		if k, _ := kindOf6(&p); k == kind {
			return p
		}
	}
}

// copyBits copies the first n bits.
func copyBits(to, from *[16]byte, n int) {
	copy(to[:n/8], from[:n/8])
	if n%8 != 0 {
		mask := byte(0xff) << (8 - n%8)
		to[n/8] = from[n/8]&mask | to[n/8]&^mask
	}
}
