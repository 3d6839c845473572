package main

import (
	"encoding/binary"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/pion/rtcp"
)

// datagram is a UDP payload of a capture without tunnels, with its ports.
type datagram struct {
	at       int64
	src, dst uint16
	payload  []byte
}

// datagrams reads a pcap of IPv4 over Ethernet.
func datagrams(t *testing.T, path string) []datagram {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []datagram
	for b = b[24:]; len(b) > 0; {
		at := int64(binary.LittleEndian.Uint32(b))*1e9 + int64(binary.LittleEndian.Uint32(b[4:]))*1000
		n := binary.LittleEndian.Uint32(b[8:])
		frame := b[16 : 16+n]
		b = b[16+n:]
		udp := frame[14+20:]
		length := binary.BigEndian.Uint16(udp[4:])
		out = append(out, datagram{at, binary.BigEndian.Uint16(udp), binary.BigEndian.Uint16(udp[2:]), udp[8:length]})
	}
	return out
}

// TestRTCPTellsTheTruth: the reports' round trips, losses and counts are those of
// the truth. The tap sees rtt(tap, reporter) = t(report) - t(SR) - DLSR.
func TestRTCPTellsTheTruth(t *testing.T) {
	capture, truth := generate(t, "a.pcap", "-calls 3 -duration 8s -rtcp 1s -loss 2% -loss-after 3% -jitter exp(3) -delay-a 20ms -delay-b 35ms -xr")
	streams, _, _ := truthLines(t, truth)
	bySSRC := map[uint32]*streamTruth{}
	for i := range streams {
		bySSRC[parseSSRC(t, streams[i].SSRC)] = &streams[i]
	}
	srAt := map[uint32]int64{} // by the middle of its NTP time
	lastBlock := map[uint32]rtcp.ReceptionReport{}
	lastSR := map[uint32]*rtcp.SenderReport{}
	halves, xr := 0, 0
	for _, d := range datagrams(t, capture) {
		if d.src%2 == 0 || len(d.payload) < 8 || d.src == sipPort {
			continue
		}
		packets, err := rtcp.Unmarshal(d.payload)
		if err != nil {
			t.Fatalf("port %d: %v", d.src, err)
		}
		for _, p := range packets {
			var blocks []rtcp.ReceptionReport
			switch p := p.(type) {
			case *rtcp.SenderReport:
				srAt[uint32(p.NTPTime>>16)] = d.at
				lastSR[p.SSRC] = p
				blocks = p.Reports
			case *rtcp.ReceiverReport:
				blocks = p.Reports
			case *rtcp.ExtendedReport:
				xr++
			}
			for _, b := range blocks {
				lastBlock[b.SSRC] = b
				if b.LastSenderReport == 0 {
					continue
				}
				halves++
				got := float64(d.at-srAt[b.LastSenderReport])/1e6 - float64(b.Delay)*1000/65536
				near(t, "round trip between tap and receiver", got, bySSRC[b.SSRC].RTT.Receiver)
			}
		}
	}
	if halves < 20 || xr < 20 {
		t.Errorf("%d round trips, %d XR packets: want dozens", halves, xr)
	}
	for ssrc, s := range bySSRC {
		b := lastBlock[ssrc]
		if got := int64(b.TotalLost); got != s.RTCP.Lost {
			t.Errorf("%s: last report says %d lost, truth %d", s.SSRC, got, s.RTCP.Lost)
		}
		// What was lost before and after the tap, except at the very ends and
		// after the last look, is what the receiver misses.
		if all := s.Sent - s.Packets + s.LostAfter; math.Abs(float64(s.RTCP.Lost-all)) > 4 || s.LostAfter == 0 {
			t.Errorf("%s: reported %d lost; sent %d, captured %d, lost behind the tap %d", s.SSRC, s.RTCP.Lost, s.Sent, s.Packets, s.LostAfter)
		}
		if sr := lastSR[ssrc]; sr == nil || int64(sr.PacketCount) != s.Sent {
			t.Errorf("%s: last sender report %+v, truth %d sent", s.SSRC, sr, s.Sent)
		}
	}
}

func parseSSRC(t *testing.T, s string) uint32 {
	t.Helper()
	v, err := strconv.ParseUint(s, 0, 32)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(v)
}
