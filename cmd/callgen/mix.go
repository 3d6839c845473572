package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// mix is a weighted choice, written "spec=weight,spec=weight"; a single spec
// needs no weight. It is a flag.Value.
type mix[T any] struct {
	text  string
	items []weighted[T]
	total float64
	parse func(spec string) (T, error)
}

type weighted[T any] struct {
	value  T
	weight float64
}

func newMix[T any](text string, parse func(string) (T, error)) mix[T] {
	m := mix[T]{parse: parse}
	if err := m.Set(text); err != nil {
		panic("callgen: default mix: " + err.Error()) // our own constant is wrong
	}
	return m
}

// String returns the mix as it was written.
func (m *mix[T]) String() string { return m.text }

// Set parses a mix.
func (m *mix[T]) Set(text string) error {
	var items []weighted[T]
	total := 0.0
	specs := splitOutsideParens(text)
	for _, s := range specs {
		spec, weightText, has := strings.Cut(s, "=")
		weight := 100.0
		if has {
			w, err := strconv.ParseFloat(strings.TrimSuffix(weightText, "%"), 64)
			if err != nil || !(w >= 0 && w <= 1e9) {
				return fmt.Errorf("weight %q of %q: want a number from 0", weightText, spec)
			}
			weight = w
		} else if len(specs) > 1 {
			return fmt.Errorf("%q has no weight: in a list every entry is spec=weight", spec)
		}
		v, err := m.parse(strings.TrimSpace(spec))
		if err != nil {
			return err
		}
		items = append(items, weighted[T]{v, weight})
		total += weight
	}
	if total <= 0 {
		return fmt.Errorf("weights add up to 0")
	}
	m.text, m.items, m.total = text, items, total
	return nil
}

// pick draws one value.
func (m *mix[T]) pick(r *rand.Rand) T {
	x := r.Float64() * m.total
	for _, it := range m.items {
		if x -= it.weight; x < 0 {
			return it.value
		}
	}
	return m.items[len(m.items)-1].value
}

// values lists what the mix can draw.
func (m *mix[T]) values() []T {
	out := make([]T, len(m.items))
	for i, it := range m.items {
		out[i] = it.value
	}
	return out
}

// splitOutsideParens splits at commas, not at those between parentheses.
func splitOutsideParens(s string) []string {
	var out []string
	depth, from := 0, 0
	for i, c := range s {
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			out = append(out, s[from:i])
			from = i + 1
		}
	}
	return append(out, s[from:])
}

// percent is a share of 0 to 100, written "10" or "10%". It is a flag.Value.
type percent float64

// String returns the share in percent.
func (p *percent) String() string { return strconv.FormatFloat(float64(*p), 'g', -1, 64) }

// Set parses a share.
func (p *percent) Set(s string) error {
	v, err := parsePercent(s)
	if err != nil {
		return err
	}
	*p = percent(v)
	return nil
}

// hit draws whether something with this share happens.
func (p percent) hit(r *rand.Rand) bool { return p > 0 && r.Float64()*100 < float64(p) }

func parsePercent(s string) (float64, error) {
	v, err := strconv.ParseFloat(strings.TrimSuffix(s, "%"), 64)
	if err != nil || !(v >= 0 && v <= 100) {
		return 0, fmt.Errorf("want a percentage from 0 to 100")
	}
	return v, nil
}

// shares gives some names a percentage each; what is left of 100 has no name.
// It is a flag.Value.
type shares struct {
	text    string
	allowed []string
	names   []string
	percent []float64
	joint   bool // the shares exclude each other: they add up to at most 100
}

// String returns the shares as they were written.
func (s *shares) String() string { return s.text }

// Set parses "name=percent,…", or "none".
func (s *shares) Set(text string) error {
	var names []string
	var values []float64
	sum := 0.0
	for _, part := range strings.Split(text, ",") {
		if part == "" || part == "none" {
			continue
		}
		name, share, _ := strings.Cut(part, "=")
		if !slices.Contains(s.allowed, name) {
			return fmt.Errorf("unknown name %q: want some of %s", name, strings.Join(s.allowed, ", "))
		}
		v, err := parsePercent(share)
		if err != nil {
			return fmt.Errorf("share %q of %q: %w", share, name, err)
		}
		names, values, sum = append(names, name), append(values, v), sum+v
	}
	if s.joint && sum > 100 {
		return fmt.Errorf("the shares add up to %g %%: want at most 100", sum)
	}
	s.text, s.names, s.percent = text, names, values
	return nil
}

// pick draws at most one name; "" is the rest.
func (s *shares) pick(r *rand.Rand) string {
	x := r.Float64() * 100
	for i, v := range s.percent {
		if x -= v; x < 0 {
			return s.names[i]
		}
	}
	return ""
}

// draw draws each name by itself.
func (s *shares) draw(r *rand.Rand) []string {
	var out []string
	for i, v := range s.percent {
		if percent(v).hit(r) {
			out = append(out, s.names[i])
		}
	}
	return out
}
