package alerting

import "slices"

// Profile is a named set of limits: beyond one an interval, a stream or a call
// is impaired.
type Profile struct {
	Name   string
	Limits map[string]float64 // by key of limitKeys; all are present
}

// VoIPReady is the name of the built-in profile, which others start from.
const VoIPReady = "voip-ready"

// limitKey is one limit that a profile has.
type limitKey struct {
	name           string
	preset         float64 // of voip-ready
	least, largest float64
	whole          bool
}

// limitKeys are the limits of a profile. Loss, jitter, latency and marking are
// those of a VoIP-ready network; 3.6 is where many users are dissatisfied
// (G.109), 100 ms more than concealment bridges.
var limitKeys = []limitKey{
	{name: "loss_percent", preset: 1, largest: 100},
	{name: "late_percent", preset: 1, largest: 100},
	{name: "jitter_ms", preset: 30, largest: 10_000},
	{name: "latency_ms", preset: 150, largest: 10_000},
	{name: "mos", preset: 3.6, least: 1, largest: 5},
	{name: "burst_loss_ms", preset: 100, largest: 10_000},
	{name: "dscp", preset: 46, largest: 63, whole: true},
	{name: "pdd_seconds", preset: 6, largest: 300},
	{name: "short_call_seconds", preset: 6, largest: 3600},
}

// limitKeyOf looks a limit up by its name.
func limitKeyOf(name string) *limitKey {
	i := slices.IndexFunc(limitKeys, func(k limitKey) bool { return k.name == name })
	return &limitKeys[i]
}

// voipReady makes the built-in profile.
func voipReady() Profile {
	p := Profile{Name: VoIPReady, Limits: map[string]float64{}}
	for _, k := range limitKeys {
		p.Limits[k.name] = k.preset
	}
	return p
}
