package main

import (
	"encoding/binary"
	"net"
	"syscall"
	"testing"
	"time"
)

// testOverload: the probe is stopped for a while, and its ring is small, so
// that the kernel drops packets. They are counted to the packet, and nothing
// that the probe missed is told of the network.
func (l *lab) testOverload(t *testing.T) {
	p := l.probe(t, "captures: [{name: rb}]\nring_mb: 1\nweb: {listen: 127.0.0.1:10060}\nsave: {memory_mb: 0}")
	const streams, seconds, perSecond = 60, 8, 50
	stopped := time.AfterFunc(3*time.Second, func() { _ = p.cmd.Process.Signal(syscall.SIGSTOP) })
	defer stopped.Stop()
	goesOn := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Signal(syscall.SIGCONT) })
	defer goesOn.Stop()
	sendVoice(t, streams, seconds*perSecond, time.Second/perSecond)
	time.Sleep(500 * time.Millisecond)
	page := l.get(t, "router", "http://127.0.0.1:10060/metrics")
	dropped := metric(t, page, "earshot_interface_dropped_packets_total")
	packets := metric(t, page, "earshot_interface_packets_total")

	_, heardStreams := parseRecords(t, p.finish())
	var received, lost uint64
	for _, s := range heardStreams {
		received += s.Packets
		lost += uint64(max(0, s.Lost))
		switch {
		case s.Trust != "ok" && s.Trust != "suspect":
			t.Errorf("%s: trust %q", s.key(), s.Trust)
		case s.Lost > 0 && s.Trust == "ok":
			t.Errorf("%s: %d packets that the probe missed are told of the network", s.key(), s.Lost)
		case s.MOS.LQ != nil && *s.MOS.LQ < 3.6 && s.Trust == "ok":
			t.Errorf("%s: MOS %v without a mark", s.key(), *s.MOS.LQ)
		}
	}
	const sent = streams * seconds * perSecond
	if len(heardStreams) != streams {
		t.Errorf("got %d streams, want %d", len(heardStreams), streams)
	}
	if dropped < sent/20 {
		t.Errorf("only %v packets of %d were dropped: the test has shown nothing", dropped, sent)
	}
	if float64(received)+dropped != sent || uint64(dropped) != lost {
		t.Errorf("sent %d, measured %d, dropped %v of %v, lost %d", sent, received, dropped, packets, lost)
	}
}

// sendVoice sends RTP from alice to bob: G.711 packets of so many streams.
func sendVoice(t *testing.T, streams, packets int, every time.Duration) {
	t.Helper()
	var conns []*net.UDPConn
	err := within("alice", func() error {
		for i := range streams {
			// Not connected: bob's "port unreachable" would cost the next packet.
			c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(10, 9, 1, 2), Port: 30000 + 2*i})
			if err != nil {
				return err
			}
			conns = append(conns, c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, 172)
	payload[0] = 0x80
	begin := time.Now()
	for n := range packets {
		time.Sleep(time.Until(begin.Add(time.Duration(n) * every)))
		binary.BigEndian.PutUint16(payload[2:], uint16(n))
		binary.BigEndian.PutUint32(payload[4:], uint32(160*n))
		for i, c := range conns {
			binary.BigEndian.PutUint32(payload[8:], uint32(i+1))
			if _, err := c.WriteToUDP(payload, &net.UDPAddr{IP: net.IPv4(10, 9, 2, 2), Port: 40000 + 2*i}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range conns {
		c.Close()
	}
}
