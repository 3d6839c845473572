package sanitise

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
)

// cryptoPAn is the prefix-preserving cipher of Xu, Fan, Ammar and Moon,
// "Prefix-Preserving IP Address Anonymization" (ICNP 2002): bit i of the
// pseudonym is bit i of the address, flipped by what AES makes of the i bits
// before it. IPv6 goes the same way with 128 bits.
type cryptoPAn struct {
	block cipher.Block
	pad   [16]byte
	in    [16]byte // scratch, so that nothing escapes for each bit
	out   [16]byte
}

// newCryptoPAn takes the key as the authors' implementation does: 16 octets for
// AES, 16 that become the padding.
func newCryptoPAn(key [32]byte) cryptoPAn {
	block, err := aes.NewCipher(key[:16])
	if err != nil {
		panic(err) // 16 octets are a key
	}
	c := cryptoPAn{block: block}
	block.Encrypt(c.pad[:], key[16:])
	return c
}

func (c *cryptoPAn) of4(address uint32) uint32 {
	var b [16]byte
	binary.BigEndian.PutUint32(b[:], address)
	b = c.permute(b, 32)
	return binary.BigEndian.Uint32(b[:])
}

func (c *cryptoPAn) of6(address [16]byte) [16]byte { return c.permute(address, 128) }

// permute goes through the first n bits.
func (c *cryptoPAn) permute(address [16]byte, n int) [16]byte {
	result := address
	c.in = c.pad
	for i := range n {
		c.block.Encrypt(c.out[:], c.in[:])
		bit := byte(0x80) >> (i % 8)
		if c.out[0]&0x80 != 0 {
			result[i/8] ^= bit
		}
		c.in[i/8] = c.in[i/8]&^bit | address[i/8]&bit
	}
	return result
}
