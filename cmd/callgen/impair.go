package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// lossModel decides which packets are lost: independently with probability p, or
// by Gilbert's two states (p from good to bad, q back; every packet of the bad
// state is lost).
type lossModel struct {
	p, q    float64
	gilbert bool
}

// loss is a model and the state it is in.
type loss struct {
	model lossModel
	bad   bool
}

func (l *loss) lost(r *rand.Rand) bool {
	m := l.model
	if m.p == 0 {
		return false
	}
	x := r.Float64()
	switch {
	case !m.gilbert:
		return x < m.p
	case l.bad:
		l.bad = x >= m.q
	default:
		l.bad = x < m.p
	}
	return l.bad
}

func parseLoss(spec string) (lossModel, error) {
	const want = "want none, a percentage such as 0.5%, or gilbert(p%,q%)"
	if spec == "none" {
		return lossModel{}, nil
	}
	name, args, err := parseCall(spec)
	if err == nil && name == "gilbert" && len(args) == 2 {
		if args[0] > 100 || args[1] > 100 || args[1] == 0 {
			return lossModel{}, fmt.Errorf("%q: p and q are percentages, q above 0", spec)
		}
		return lossModel{p: args[0] / 100, q: args[1] / 100, gilbert: true}, nil
	}
	v, err := parsePercent(spec)
	if err != nil {
		return lossModel{}, fmt.Errorf("unknown loss %q: %s", spec, want)
	}
	return lossModel{p: v / 100}, nil
}

// jitterModel draws the delay that a packet gathers in queues, on top of the
// path's constant delay.
type jitterModel struct {
	kind string
	ms   float64
	p    float64 // of a spike
}

// maxJitterMS bounds a single packet's queueing delay: far below RFC 3550's
// MAX_MISORDER of 100 packets, so that lateness never reads as a restart.
const maxJitterMS = 500

// draw returns nanoseconds, never negative.
func (m jitterModel) draw(r *rand.Rand) int64 {
	ms := 0.0
	switch m.kind {
	case "none":
		return 0
	case "uniform":
		ms = r.Float64() * m.ms
	case "exp":
		ms = r.ExpFloat64() * m.ms
	case "normal":
		ms = math.Abs(r.NormFloat64()) * m.ms
	case "spikes":
		ms = r.Float64() // queues are never quite empty
		if r.Float64() < m.p {
			ms += m.ms * (0.5 + r.Float64()/2)
		}
	}
	return int64(math.Min(ms, maxJitterMS) * 1e6)
}

func parseJitter(spec string) (jitterModel, error) {
	const want = "want none, uniform(ms), exp(ms), normal(ms) or spikes(ms,p%)"
	if spec == "none" {
		return jitterModel{kind: "none"}, nil
	}
	name, args, err := parseCall(spec)
	if err != nil {
		return jitterModel{}, fmt.Errorf("unknown jitter %q: %s", spec, want)
	}
	switch {
	case (name == "uniform" || name == "exp" || name == "normal") && len(args) == 1:
		return jitterModel{kind: name, ms: args[0]}, nil
	case name == "spikes" && len(args) == 2 && args[1] <= 100:
		return jitterModel{kind: name, ms: args[0], p: args[1] / 100}, nil
	}
	return jitterModel{}, fmt.Errorf("unknown jitter %q: %s", spec, want)
}

// parseRatio reads the probability per packet of a mix entry: none or a percentage.
func parseRatio(spec string) (float64, error) {
	if spec == "none" {
		return 0, nil
	}
	v, err := parsePercent(spec)
	if err != nil {
		return 0, fmt.Errorf("%q: want none or a percentage", spec)
	}
	return v / 100, nil
}

// parseCall reads "name(1,2%)": the numbers as written, none negative.
func parseCall(spec string) (name string, args []float64, err error) {
	name, rest, ok := strings.Cut(spec, "(")
	if !ok || !strings.HasSuffix(rest, ")") {
		return "", nil, fmt.Errorf("%q: want name(number,…)", spec)
	}
	for _, a := range strings.Split(strings.TrimSuffix(rest, ")"), ",") {
		v, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(a), "%"), 64)
		if err != nil || !(v >= 0 && v <= 1e6) {
			return "", nil, fmt.Errorf("%q: %q is no number from 0 to 1e6", spec, a)
		}
		args = append(args, v)
	}
	return name, args, nil
}
