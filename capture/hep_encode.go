package capture

import (
	"bytes"
	"encoding/binary"

	"github.com/klauspost/compress/gzip"

	"earshot/capture/wire"
)

// HEPMessage is one message to be sent.
type HEPMessage struct {
	At               int64 // capture time, ns
	SrcAddr, DstAddr [16]byte
	SrcPort, DstPort uint16
	Protocol         uint8  // IP protocol: 17 UDP, 6 TCP
	Kind             uint8  // HEP protocol type: 1 SIP, 5 RTCP (as it was; it is sent as JSON, which Homer wants)
	Correlation      string // Call-ID, chunk 0x11; "" leaves it out
	Payload          []byte
}

// hepEncoder writes HEP version 3. Its buffers are reused.
type hepEncoder struct {
	node      uint32
	name, key string
	zip       *gzip.Writer // nil: payloads stay as they are
	zipped    bytes.Buffer
	json      []byte
	packet    []byte
}

func newHEPEncoder(cfg HEPSenderConfig) hepEncoder {
	e := hepEncoder{node: cfg.Node, name: cfg.Name, key: cfg.Key}
	if cfg.Compress {
		e.zip, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	}
	return e
}

// encode returns the packet for a message, valid until the next call; false
// where the message cannot be sent: longer than the length field can say, or
// RTCP without a report.
//
// The order of the chunks is heplify's, which Homer's readers have seen most.
func (e *hepEncoder) encode(m *HEPMessage) ([]byte, bool) {
	payload, kind := m.Payload, 0x0f
	if m.Kind == wire.HEPRTCP {
		var ok bool
		if e.json, ok = appendRTCPJSON(e.json[:0], payload); !ok {
			return nil, false
		}
		payload = e.json
	}
	if z, ok := e.compress(payload); ok {
		payload, kind = z, 0x10
	}
	b := append(e.packet[:0], "HEP3\x00\x00"...)
	b = appendHEPAddresses(b, m)
	b = hepU16(b, 0x07, m.SrcPort)
	b = hepU16(b, 0x08, m.DstPort)
	b = hepU32(b, 0x09, uint32(m.At/1e9))
	b = hepU32(b, 0x0a, uint32(m.At%1e9/1e3))
	b = hepU8(b, 0x0b, m.Kind)
	b = hepU32(b, 0x0c, e.node)
	b = hepText(b, 0x0e, e.key)
	if len(payload) > maxHEPPacket-wire.HEP3Chunk {
		return nil, false // before the chunk's length overflows
	}
	b = appendHEPChunk(b, kind, len(payload))
	b = append(b, payload...)
	b = hepText(b, 0x11, m.Correlation)
	b = hepText(b, 0x13, e.name)
	e.packet = b
	if len(b) > maxHEPPacket {
		return nil, false
	}
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)))
	return b, true
}

// compress returns the payload in gzip, if that is asked for and shorter.
func (e *hepEncoder) compress(payload []byte) ([]byte, bool) {
	if e.zip == nil {
		return nil, false
	}
	e.zipped.Reset()
	e.zip.Reset(&e.zipped)
	if _, err := e.zip.Write(payload); err != nil || e.zip.Close() != nil {
		return nil, false
	}
	return e.zipped.Bytes(), e.zipped.Len() < len(payload)
}

// appendHEPAddresses writes family, protocol and addresses.
func appendHEPAddresses(b []byte, m *HEPMessage) []byte {
	const inet, inet6 = 2, 10
	if isMapped(&m.SrcAddr) && isMapped(&m.DstAddr) {
		b = hepU8(b, 0x01, inet)
		b = hepU8(b, 0x02, m.Protocol)
		b = append(appendHEPChunk(b, 0x03, 4), m.SrcAddr[12:]...)
		return append(appendHEPChunk(b, 0x04, 4), m.DstAddr[12:]...)
	}
	b = hepU8(b, 0x01, inet6)
	b = hepU8(b, 0x02, m.Protocol)
	b = append(appendHEPChunk(b, 0x05, 16), m.SrcAddr[:]...)
	return append(appendHEPChunk(b, 0x06, 16), m.DstAddr[:]...)
}

// isMapped reports whether an address is IPv4, mapped.
func isMapped(a *[16]byte) bool {
	return [12]byte(a[:12]) == [12]byte{10: 0xff, 11: 0xff}
}

// appendHEPChunk writes the header of a chunk of the generic vendor, whose value has n octets.
func appendHEPChunk(b []byte, kind, n int) []byte {
	n += wire.HEP3Chunk
	return append(b, 0, 0, byte(kind>>8), byte(kind), byte(n>>8), byte(n))
}

func hepU8(b []byte, kind int, v uint8) []byte { return append(appendHEPChunk(b, kind, 1), v) }

func hepU16(b []byte, kind int, v uint16) []byte {
	return binary.BigEndian.AppendUint16(appendHEPChunk(b, kind, 2), v)
}

func hepU32(b []byte, kind int, v uint32) []byte {
	return binary.BigEndian.AppendUint32(appendHEPChunk(b, kind, 4), v)
}

// hepText writes a text chunk, which is left out where it is empty. What is
// longer than anything a person writes is cut.
func hepText(b []byte, kind int, s string) []byte {
	const longest = 1024
	if s == "" {
		return b
	}
	s = s[:min(len(s), longest)]
	return append(appendHEPChunk(b, kind, len(s)), s...)
}
