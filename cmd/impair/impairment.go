package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// impairment is what is done to the chosen flows of one direction. The zero
// value does nothing.
type impairment struct {
	text         string
	loss         float64 // probability of losing a packet
	toBad        float64 // Gilbert's model: from the good to the bad state
	toGood       float64 // and back
	duplicate    float64 // probability of a second copy
	duplicateBy  time.Duration
	reorder      float64 // probability of being held back
	reorderBy    time.Duration
	delay        time.Duration
	jitter       string // uniform, normal or exp
	jitterTime   time.Duration
	bitsPerSec   float64 // 0: no limit
	queueOctets  float64
	impairsFlows bool
}

// maxDelay bounds every delay, so that the end of the program is near after
// the end of its input.
const maxDelay = 10 * time.Second

// parseImpairment reads "loss=1%,delay=30ms".
func parseImpairment(text string) (impairment, error) {
	im := impairment{text: text}
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		first, second, _ := strings.Cut(value, "/")
		if err := im.set(key, first, second); err != nil {
			return im, fmt.Errorf("%q: %w", part, err)
		}
		im.impairsFlows = true
	}
	return im, nil
}

func (im *impairment) set(key, first, second string) (err error) {
	switch key {
	case "loss":
		im.loss, err = probability(first)
	case "gilbert":
		if im.toBad, err = probability(first); err == nil {
			im.toGood, err = probability(second)
		}
	case "duplicate":
		if second == "" {
			second = "1ms"
		}
		if im.duplicate, err = probability(first); err == nil {
			im.duplicateBy, err = delayTime(second)
		}
	case "reorder":
		if im.reorder, err = probability(first); err == nil {
			im.reorderBy, err = delayTime(second)
		}
	case "delay":
		im.delay, err = delayTime(first)
	case "jitter":
		if first != "uniform" && first != "normal" && first != "exp" {
			return fmt.Errorf("want uniform, normal or exp and a time, like exp/5ms")
		}
		im.jitter = first
		im.jitterTime, err = delayTime(second)
	case "rate":
		if im.bitsPerSec, err = amount(first); err == nil {
			im.queueOctets, err = amount(second)
		}
	default:
		return fmt.Errorf("want loss, gilbert, duplicate, reorder, delay, jitter or rate")
	}
	return err
}

// probability reads "1%" or "0.01".
func probability(s string) (float64, error) {
	number, percent := strings.CutSuffix(s, "%")
	p, err := strconv.ParseFloat(number, 64)
	if percent {
		p /= 100
	}
	if err != nil || !(p >= 0 && p <= 1) {
		return 0, fmt.Errorf("want a probability like 1%% or 0.01, have %q", s)
	}
	return p, nil
}

func delayTime(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > maxDelay {
		return 0, fmt.Errorf("want a time up to %v like 20ms, have %q", maxDelay, s)
	}
	return d, nil
}

// amount reads a positive number with k or M behind it.
func amount(s string) (float64, error) {
	unit := 1.0
	number, found := strings.CutSuffix(s, "k")
	if found {
		unit = 1e3
	} else if number, found = strings.CutSuffix(s, "M"); found {
		unit = 1e6
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n > 0 && n < 1e9) {
		return 0, fmt.Errorf("want a rate and a queue like 512k/64k, have %q", s)
	}
	return n * unit, nil
}
