package sanitise

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// tags replaces short identifiers of fixed size, each by AES under a key of its
// own: the same gives the same, different ones differ. One goroutine uses it.
type tags struct {
	block   cipher.Block
	macs    [256]knownMAC
	in, out [16]byte // scratch, so that nothing escapes
}

// knownMAC is a hardware address that was replaced before: a capture has few, and
// every frame has two. AES took a fifth of the time of a frame.
type knownMAC struct {
	address, pseudonym [6]byte
	known              bool
}

func newTags(key Key) tags {
	sub := key.derive("tags")
	block, err := aes.NewCipher(sub[:])
	if err != nil {
		panic(err) // 32 octets are a key
	}
	return tags{block: block}
}

// What is replaced: the same octets mean different things in different places.
const (
	tagMAC = iota + 1
	tagTransaction
	tagPayload
)

// replace replaces up to 15 octets in place.
func (t *tags) replace(what byte, b []byte) {
	t.in = [16]byte{what}
	copy(t.in[1:], b)
	t.block.Encrypt(t.out[:], t.in[:])
	copy(b, t.out[:])
}

// mac replaces an IEEE 802 address, its maker's half too. The group bit stays,
// and so do broadcast and the null address; the local bit is set, so that no
// maker's name is shown for it.
func (t *tags) mac(b []byte) {
	const group, local = 1, 2
	switch [6]byte(b) {
	case [6]byte{}, [6]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}:
		return
	}
	m := &t.macs[(uint(b[3])*131+uint(b[4])*31+uint(b[5]))%uint(len(t.macs))]
	if address := [6]byte(b); !m.known || m.address != address {
		p := address
		t.replace(tagMAC, p[:])
		p[0] = p[0]&^(group|local) | address[0]&group | local
		*m = knownMAC{address, p, true}
	}
	copy(b, m.pseudonym[:])
}

// mark writes what differs where the payload did over the last four octets of b:
// a CBC-MAC with the length in its first block. The decoder takes packets
// without an identification for copies where all their octets agree, and zeros
// would agree.
func (t *tags) mark(b, payload []byte) {
	const size = 4
	if len(b) < size {
		return
	}
	n := len(payload)
	t.in = [16]byte{tagPayload, byte(n >> 8), byte(n)}
	t.block.Encrypt(t.out[:], t.in[:])
	for len(payload) > 0 {
		taken := subtle.XORBytes(t.out[:], t.out[:], payload)
		t.block.Encrypt(t.out[:], t.out[:])
		payload = payload[taken:]
	}
	copy(b[len(b)-size:], t.out[:])
}
