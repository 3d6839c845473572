package main

import (
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

// hep measures SIP that comes by HEP v3 over UDP: up to what rate every message
// is correlated, and up to what rate every one is decoded and counted while the
// correlator takes what it can and the rest is counted as shed.
func (b *bench) hep() error {
	best, limited, err := highest(hepCorrelated, hepCounted, func(rate float64) (outcome, error) { return b.runHEP(rate, false) })
	if err != nil {
		return err
	}
	b.add("SIP by HEP, whole calls, every message correlated", best, sender(limited))
	best, limited, err = highest(hepCorrelated, 3*hepCounted, func(rate float64) (outcome, error) { return b.runHEP(rate, true) })
	if err != nil {
		return err
	}
	b.add("SIP by HEP, every message decoded and counted", best,
		fmt.Sprintf("; %.0f %% of them correlated, the others shed and counted%s", 100*(1-best.shed/float64(best.sent.Packets)), sender(limited)))
	return nil
}

func sender(limited bool) string {
	if limited {
		return "; the sender reached no more"
	}
	return ""
}

// runHEP sends messages at a rate.
func (b *bench) runHEP(rate float64, sheds bool) (outcome, error) {
	return b.run(trial{
		config:  fmt.Sprintf("hep: {udp: \"%s:%d\"}\nlimits: {calls: 1000000, transactions: 1000000}\n", rig.ProbeAddress, hepPort),
		counter: sipRecognised,
		sheds:   sheds,
		send: func(ctx context.Context) (rig.Sent, error) {
			recording, err := b.recording("bench-10k")
			if err != nil {
				return rig.Sent{}, err
			}
			traffic, err := recording.Messages()
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
