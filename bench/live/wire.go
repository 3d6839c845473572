package main

import (
	"context"
	"fmt"
	"time"

	"earshot/bench/rig"
)

// The promised rate, and one that no sender here reaches.
const (
	promised = 500_000
	beyond   = 1_600_000
)

// onWire is the configuration that listens at the end of the veth pair.
func (b *bench) onWire() string { return fmt.Sprintf("captures: [{name: %s}]\n", b.link.ProbeEnd) }

// frames sends a profile's frames, again and again: at a rate, or with rate 0
// at their own times.
func (b *bench) frames(profile string, rate float64, d time.Duration) func(context.Context) (rig.Sent, error) {
	return func(ctx context.Context) (rig.Sent, error) {
		traffic, err := b.recording(profile)
		if err != nil {
			return rig.Sent{}, err
		}
		s, err := rig.NewFrameSender(b.link.Sender, b.link.SenderEnd)
		if err != nil {
			return rig.Sent{}, err
		}
		defer s.Close()
		return s.Run(ctx, traffic.Loop(), rate, d)
	}
}

// recording returns a profile's frames. One at a time is in memory.
func (b *bench) recording(profile string) (*rig.Recording, error) {
	if b.loaded == profile {
		return b.traffic, nil
	}
	b.traffic = nil
	r, err := rig.Load(b.o.capture(profile))
	if err != nil {
		return nil, err
	}
	b.traffic, b.loaded = r, profile
	return r, nil
}

// capturedPackets counts every frame that the probe has read, sipRecognised
// every SIP message.
const (
	capturedPackets = "earshot_capture_packets_total"
	sipRecognised   = "earshot_capture_voice_packets_total"
)

// wire measures rates of packets.
func (b *bench) wire() error {
	at := func(rate float64, d time.Duration) (outcome, error) {
		return b.run(trial{config: b.onWire(), counter: capturedPackets, send: b.frames("bench-10k", rate, d)})
	}
	o, err := at(promised, b.o.long)
	if err != nil {
		return err
	}
	b.add("10,000 calls, sustained", o, "")
	best, limited, err := highest(promised, beyond, func(rate float64) (outcome, error) { return at(rate, b.o.short) })
	if err != nil {
		return err
	}
	note := ""
	if limited {
		note = "; the sender reached no more"
	}
	b.add("10,000 calls, highest rate without a drop", best, note)
	return nil
}

// calls measures calls at their own pace: what they cost.
func (b *bench) calls() error {
	for _, c := range []struct {
		what, profile string
		d             time.Duration
	}{
		{"1,000 calls at their own pace", "bench-1k", 30 * time.Second},
		{"10,000 calls at their own pace", "bench-10k", b.o.short},
	} {
		o, err := b.run(trial{config: b.onWire(), counter: capturedPackets, send: b.frames(c.profile, 0, c.d)})
		if err != nil {
			return err
		}
		note := ""
		if due := b.traffic.Rate(); o.sent.Rate() < due*0.9 {
			note = fmt.Sprintf("; the sender reached %.0f %% of their pace of %.0f/s", 100*o.sent.Rate()/due, due)
		}
		b.add(c.what, o, note)
	}
	return nil
}

// add makes a row of an outcome.
func (b *bench) add(what string, o outcome, note string) {
	result := "**no drop**"
	if !o.lossless() {
		result = fmt.Sprintf("%.0f dropped (%.3f %%):%s", o.dropped, 100*o.dropped/float64(o.sent.Packets), o.evidence)
	}
	cores := o.cpu.Seconds() / o.sent.Elapsed.Seconds()
	b.rows = append(b.rows, row{
		what:    what,
		offered: fmt.Sprintf("%.0f/s for %.0f s", o.sent.Rate(), o.sent.Elapsed.Seconds()),
		result:  result + note,
		cpu:     fmt.Sprintf("%.2f of a core, %.2f µs each", cores, o.cpu.Seconds()*1e6/float64(o.sent.Packets)),
		memory:  fmt.Sprintf("%d MB, %d MB without the capture ring", o.rss>>20, o.own>>20),
	})
}
