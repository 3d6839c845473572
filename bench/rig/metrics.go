package rig

import (
	"fmt"
	"strconv"
	"strings"
)

// Metrics is one answer of /metrics: values by series, as "name{labels}".
type Metrics map[string]float64

func parseMetrics(text string) (Metrics, error) {
	m := Metrics{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		cut := strings.LastIndexByte(line, ' ')
		if cut < 0 {
			return nil, fmt.Errorf("/metrics: cannot read the line %q", line)
		}
		v, err := strconv.ParseFloat(line[cut+1:], 64)
		if err != nil {
			return nil, fmt.Errorf("/metrics: cannot read the line %q: %w", line, err)
		}
		m[line[:cut]] = v
	}
	return m, nil
}

// Sum adds up the series of a name whose labels hold every one of the parts,
// such as `stage="kernel"`.
func (m Metrics) Sum(name string, parts ...string) float64 {
	sum := 0.0
series:
	for series, v := range m {
		own, labels, _ := strings.Cut(series, "{")
		if own != name {
			continue
		}
		for _, part := range parts {
			if !strings.Contains(labels, part) {
				continue series
			}
		}
		sum += v
	}
	return sum
}
