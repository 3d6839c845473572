package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/netip"
	"os"
	"time"
)

// truth is what was done.
type truth struct {
	Seed uint64         `json:"seed"`
	AToB directionTruth `json:"a_to_b"`
	BToA directionTruth `json:"b_to_a"`
}

type directionTruth struct {
	From       string      `json:"from"`
	To         string      `json:"to"`
	Impairment string      `json:"impairment"`
	Frames     uint64      `json:"frames"`  // that came
	Passed     uint64      `json:"passed"`  // untouched, of no chosen flow
	Refused    uint64      `json:"refused"` // untouched, of flows beyond the limit
	Unsent     uint64      `json:"unsent"`  // refused by the outgoing interface
	Missed     uint64      `json:"missed"`  // dropped by the kernel before they came here
	Flows      []flowTruth `json:"flows"`
}

type flowTruth struct {
	Src          netip.AddrPort `json:"src"`
	Dst          netip.AddrPort `json:"dst"`
	SSRC         uint32         `json:"ssrc"`
	RTP          bool           `json:"rtp"`
	Received     uint64         `json:"received"`
	Relayed      uint64         `json:"relayed"` // copies not counted
	Dropped      uint64         `json:"dropped"`
	DroppedQueue uint64         `json:"dropped_queue"` // of these, by the full queue
	Duplicated   uint64         `json:"duplicated"`    // copies sent
	Reordered    uint64         `json:"reordered"`     // left after a higher sequence number
	Expected     uint64         `json:"expected"`      // by first and highest number that left
	Lost         uint64         `json:"lost"`          // of these, how many did not leave
	Restarts     uint64         `json:"restarts"`      // numberings begun afresh by the sender
	Runs         []lostRun      `json:"runs"`          // of dropped packets, in order of arrival
	MoreRuns     uint64         `json:"more_runs"`     // that are not listed
	AddedMS      addedTruth     `json:"added_ms"`      // time that the packets spent here
}

type addedTruth struct {
	Min  float64 `json:"min"`
	Mean float64 `json:"mean"`
	Max  float64 `json:"max"`
}

// writeTruth writes the truth file.
func writeTruth(o *options, there, back *direction, out io.Writer) error {
	text, err := json.MarshalIndent(truth{Seed: o.seed, AToB: there.truth(), BToA: back.truth()}, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if o.truth == "-" {
		_, err = out.Write(text)
		return err
	}
	if err := os.WriteFile(o.truth, text, 0o644); err != nil {
		return fmt.Errorf("cannot write the truth: %w", err)
	}
	return nil
}

func (d *direction) truth() directionTruth {
	t := directionTruth{
		From: d.from.name, To: d.to.name, Impairment: d.im.text,
		Frames: d.frames, Passed: d.passed, Refused: d.refused, Unsent: d.unsent, Missed: d.missed,
		Flows: []flowTruth{},
	}
	for _, f := range d.listed {
		t.Flows = append(t.Flows, f.truth())
	}
	return t
}

func (f *flow) truth() flowTruth {
	t := flowTruth{
		Src: f.key.src, Dst: f.key.dst, SSRC: f.key.ssrc, RTP: f.rtp,
		Received: f.received, Relayed: f.relayed, Dropped: f.lostRandom + f.lostQueue, DroppedQueue: f.lostQueue,
		Duplicated: f.duplicated, Reordered: f.out.reordered,
		Expected: f.out.expected + f.out.span(), Lost: f.out.lost + f.out.missing(), Restarts: f.out.restarts,
		Runs: f.runs, MoreRuns: f.moreRuns,
	}
	if t.Runs == nil {
		t.Runs = []lostRun{}
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	if f.added.n > 0 {
		t.AddedMS = addedTruth{ms(f.added.min), f.added.sum / float64(f.added.n) / float64(time.Millisecond), ms(f.added.max)}
	}
	return t
}
