package main

import (
	"testing"
	"time"

	"earshot/bench/rig"
)

// TestHighest: the bisection finds what a probe bears, to within 5 %, and says
// when it was the sender that could not send more.
func TestHighest(t *testing.T) {
	for _, c := range []struct {
		name          string
		bears, sends  float64 // packets a second: of the probe, of the sender
		low, high     float64
		from, to      float64 // what is found
		limited, lost bool
	}{
		{"probe", 700, 1e9, 500, 1600, 660, 700, false, false},
		{"sender", 5000, 800, 500, 1600, 799, 801, true, false},
		{"sender while the probe loses", 600, 800, 500, 1600, 570, 600, false, false},
		{"all", 5000, 1e9, 500, 1600, 1600, 1600, false, false},
		{"none", 100, 1e9, 500, 1600, 500, 500, false, true},
	} {
		best, limited, err := highest(c.low, c.high, func(rate float64) (outcome, error) {
			sent := uint64(min(rate, c.sends) * 100)
			o := outcome{sent: rig.Sent{Packets: sent, Elapsed: 100 * time.Second}, packets: float64(sent)}
			if o.sent.Rate() > c.bears {
				o.dropped = 1
			}
			return o, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if r := best.sent.Rate(); r < c.from || r > c.to || limited != c.limited || best.lossless() == c.lost {
			t.Errorf("%s: got %.0f/s, limited %v, lossless %v; want %.0f to %.0f, %v, %v", c.name, r, limited, best.lossless(), c.from, c.to, c.limited, !c.lost)
		}
	}
}
