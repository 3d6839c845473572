package main

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// span is a length of time, fixed or exponentially distributed. It is a flag.Value.
type span struct {
	mean time.Duration
	exp  bool
}

// String returns the span as flags write it.
func (s *span) String() string {
	if s.exp {
		return "exp(" + s.mean.String() + ")"
	}
	return s.mean.String()
}

// Set parses "30s" or "exp(30s)".
func (s *span) Set(text string) error {
	inner, isExp := strings.CutPrefix(text, "exp(")
	d, err := time.ParseDuration(strings.TrimSuffix(inner, ")"))
	if err != nil || d < 0 || isExp != strings.HasSuffix(text, ")") {
		return fmt.Errorf("want a time such as 30s, or exp(30s)")
	}
	*s = span{mean: d, exp: isExp}
	return nil
}

func (s *span) draw(r *rand.Rand) time.Duration {
	if !s.exp {
		return s.mean
	}
	return time.Duration(min(r.ExpFloat64(), 10) * float64(s.mean))
}

// prefix is a network as a flag.Value.
type prefix netip.Prefix

// String returns the network in CIDR notation.
func (p *prefix) String() string { return netip.Prefix(*p).String() }

// Set parses an IPv4 network with room for at least two hosts.
func (p *prefix) Set(s string) error {
	n, err := netip.ParsePrefix(s)
	if err != nil || !n.Addr().Is4() || n.Bits() < 8 || n.Bits() > 30 {
		return fmt.Errorf("want an IPv4 network such as 198.18.0.0/16, /8 to /30")
	}
	*p = prefix(n.Masked())
	return nil
}

// hostsIn is how many hosts callgen places in a network: the last sixteen
// addresses of larger ones are kept for proxies and B2BUAs.
func hostsIn(n netip.Prefix) int {
	size := 1 << (32 - n.Bits())
	if size > 64 {
		return size - 18
	}
	return size - 2
}

func parsePTime(spec string) (int, error) {
	ms, err := strconv.Atoi(spec)
	if err != nil || ms < 10 || ms > 120 || ms%10 != 0 {
		return 0, fmt.Errorf("packet time %q: want 10 to 120 ms in steps of 10", spec)
	}
	return ms, nil
}

func parseDelay(spec string) (time.Duration, error) {
	d, err := time.ParseDuration(spec)
	if err != nil || d < 0 || d > 2*time.Second {
		return 0, fmt.Errorf("delay %q: want 0s to 2s", spec)
	}
	return d, nil
}
