package sanitise

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// permutation permutes the strings of one length over one alphabet, by a key. It
// is a Feistel network over symbols in the way of FF1 (NIST SP 800-38G): one
// half is moved by what AES makes of the other, ten times in turn.
type permutation struct {
	block   cipher.Block
	in, out [aes.BlockSize]byte // scratch, so that nothing escapes
}

const feistelRounds = 10 // as FF1 has

func newPermutation(key [32]byte) permutation {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 32 octets are a key
	}
	return permutation{block: block}
}

// apply permutes s in place; its octets are numbers below radix.
func (p *permutation) apply(s []byte, radix int) {
	half := len(s) / 2
	a, b := s[:half], s[half:]
	for round := range feistelRounds {
		if round%2 == 0 {
			p.move(b, a, round, radix)
			continue
		}
		p.move(a, b, round, radix)
	}
}

// move adds to b, symbol by symbol, what AES makes of a.
func (p *permutation) move(b, a []byte, round, radix int) {
	p.digest(a, round, radix, len(b))
	for i := range b {
		const each = 2 // octets for a symbol: 65536 mod 62 is next to no bias
		if at := i % (aes.BlockSize / each) * each; at == 0 && i > 0 {
			p.in = p.out
			p.in[0] ^= 1 // any change that is not the identity
			p.block.Encrypt(p.out[:], p.in[:])
			b[i] = addSymbol(b[i], binary.BigEndian.Uint16(p.out[:]), radix)
		} else {
			b[i] = addSymbol(b[i], binary.BigEndian.Uint16(p.out[at:]), radix)
		}
	}
}

func addSymbol(s byte, v uint16, radix int) byte { return byte((int(s) + int(v)) % radix) }

// digest leaves the CBC-MAC of a in p.out. The lengths stand in its first block,
// so that no input is the beginning of another.
func (p *permutation) digest(a []byte, round, radix, other int) {
	const header = 6
	p.in = [aes.BlockSize]byte{byte(round), byte(radix)}
	binary.BigEndian.PutUint16(p.in[2:], uint16(len(a)))
	binary.BigEndian.PutUint16(p.in[4:], uint16(other))
	n := copy(p.in[header:], a)
	p.block.Encrypt(p.out[:], p.in[:])
	for a = a[n:]; len(a) > 0; a = a[n:] {
		p.in = p.out
		n = min(len(a), aes.BlockSize)
		for i, c := range a[:n] {
			p.in[i] ^= c
		}
		p.block.Encrypt(p.out[:], p.in[:])
	}
}

// letters overwrites s with letters that follow from all of it: for words in
// other scripts, which have no alphabet here.
func (p *permutation) letters(s []byte) {
	const alphabet = 26
	p.digest(s, feistelRounds, alphabet, len(s))
	for i := range s {
		s[i] = 0
	}
	for i := 0; i < len(s); i += aes.BlockSize {
		p.in = p.out
		p.in[0] ^= 1
		p.block.Encrypt(p.out[:], p.in[:])
		for j, c := range p.out[:min(len(s)-i, aes.BlockSize)] {
			s[i+j] = 'a' + c%alphabet
		}
	}
}
