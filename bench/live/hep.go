package main

import (
	"bytes"
	"context"
	"fmt"
	"net/netip"

	"earshot/bench/rig"
)

// hepPort is where the probe takes HEP.
const hepPort = 9060

// Rates of HEP that are promised, messages a second: decoded and counted, and
// calls followed from INVITE to BYE.
const (
	hepCounted    = 150_000
	hepCorrelated = 20_000
)

// hepReceived counts HEP packets that were taken.
const hepReceived = "earshot_hep_packets_total"

// hep measures SIP that comes by HEP v3 over UDP.
func (b *bench) hep() error {
	calls := func(rate float64) (outcome, error) { return b.runHEP(rate, nil) }
	best, limited, err := highest(hepCorrelated, 2*hepCounted, calls)
	if err != nil {
		return err
	}
	b.add("HEP: whole calls, every message correlated", best, sender(limited))
	// Answers to requests that nobody saw have no call to belong to.
	ringing := func(sip []byte) bool { return bytes.HasPrefix(sip, []byte("SIP/2.0 180")) }
	best, limited, err = highest(hepCorrelated, 4*hepCounted, func(rate float64) (outcome, error) { return b.runHEP(rate, ringing) })
	if err != nil {
		return err
	}
	b.add("HEP: answers without calls, decoded and counted", best, sender(limited))
	return nil
}

func sender(limited bool) string {
	if limited {
		return "; the sender reached no more"
	}
	return ""
}

// runHEP sends the messages that keep lets pass.
func (b *bench) runHEP(rate float64, keep func([]byte) bool) (outcome, error) {
	return b.run(trial{
		config:  fmt.Sprintf("hep: {udp: \"%s:%d\"}\nlimits: {calls: 1000000, transactions: 1000000}\n", rig.ProbeAddress, hepPort),
		counter: hepReceived,
		send: func(ctx context.Context) (rig.Sent, error) {
			recording, err := b.recording("bench-10k")
			if err != nil {
				return rig.Sent{}, err
			}
			traffic, err := recording.Messages(keep)
			if err != nil {
				return rig.Sent{}, err
			}
			s, err := rig.NewDatagramSender(b.link.Sender, netip.AddrPortFrom(netip.MustParseAddr(rig.ProbeAddress), hepPort))
			if err != nil {
				return rig.Sent{}, err
			}
			defer s.Close()
			return s.Run(ctx, traffic, rate, b.o.short)
		},
	})
}
