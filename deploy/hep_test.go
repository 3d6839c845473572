package deploy

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// HEP 3 (rev. 37): types of the generic chunks that play needs, and of payloads.
const (
	chunkFamily  = 1
	chunkProto   = 2
	chunkSrcIP4  = 3
	chunkDstIP4  = 4
	chunkSrcPort = 7
	chunkDstPort = 8
	chunkSeconds = 9
	chunkMicros  = 10
	chunkKind    = 11
	chunkNode    = 12
	chunkPayload = 15
	chunkTOS     = 24

	kindSIP, kindRTP, kindRTCP = 1, 4, 5
)

// play sends the UDP packets of a capture as HEP over TCP, as if they had been
// captured now: with the pauses that are between them. It returns how many.
func play(t *testing.T, pcap, address string) int {
	t.Helper()
	f, err := os.Open(pcap)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	began, sent := time.Now(), 0
	var first time.Time
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			return sent
		}
		if err != nil {
			t.Fatal(err)
		}
		if first.IsZero() {
			first = info.Timestamp
		}
		at := began.Add(info.Timestamp.Sub(first))
		time.Sleep(time.Until(at))
		if message := hep3(data, at); message != nil {
			if _, err := conn.Write(message); err != nil {
				t.Fatal(err)
			}
			sent++
		}
	}
}

// hep3 wraps the UDP payload of an Ethernet frame; nil where there is none.
func hep3(frame []byte, at time.Time) []byte {
	p := gopacket.NewPacket(frame, layers.LayerTypeEthernet, gopacket.NoCopy)
	ip, _ := p.Layer(layers.LayerTypeIPv4).(*layers.IPv4)
	udp, _ := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
	if ip == nil || udp == nil {
		return nil
	}
	b := append([]byte("HEP3"), 0, 0)
	chunk := func(kind uint16, value ...byte) {
		b = binary.BigEndian.AppendUint16(b, 0) // vendor: generic
		b = binary.BigEndian.AppendUint16(b, kind)
		b = binary.BigEndian.AppendUint16(b, uint16(6+len(value)))
		b = append(b, value...)
	}
	u16 := func(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
	u32 := func(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
	chunk(chunkFamily, 2)
	chunk(chunkProto, 17)
	chunk(chunkSrcIP4, ip.SrcIP.To4()...)
	chunk(chunkDstIP4, ip.DstIP.To4()...)
	chunk(chunkSrcPort, u16(uint16(udp.SrcPort))...)
	chunk(chunkDstPort, u16(uint16(udp.DstPort))...)
	chunk(chunkSeconds, u32(uint32(at.Unix()))...)
	chunk(chunkMicros, u32(uint32(at.Nanosecond()/1000))...)
	chunk(chunkKind, payloadKind(udp.Payload))
	chunk(chunkNode, u32(2001)...)
	chunk(chunkTOS, ip.TOS)
	chunk(chunkPayload, udp.Payload...)
	binary.BigEndian.PutUint16(b[4:], uint16(len(b)))
	return b
}

// payloadKind tells SIP, RTP and RTCP apart: RFC 5761 4 for the latter two.
func payloadKind(b []byte) byte {
	switch {
	case len(b) > 1 && b[0]>>6 == 2 && b[1] >= 192 && b[1] <= 223:
		return kindRTCP
	case len(b) > 1 && b[0]>>6 == 2:
		return kindRTP
	}
	return kindSIP
}
