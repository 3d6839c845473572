package web

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// Format is how metrics are written.
type Format uint8

// The formats.
const (
	Text        Format = iota // Prometheus text 0.0.4
	OpenMetrics               // OpenMetrics 1.0, with exemplars
)

// ContentType returns the format's media type.
func (f Format) ContentType() string {
	if f == OpenMetrics {
		return "application/openmetrics-text; version=1.0.0; charset=utf-8"
	}
	return "text/plain; version=0.0.4; charset=utf-8"
}

// kind is a metric's type.
type kind string

const (
	counter         kind = "counter"
	gauge           kind = "gauge"
	histogramMetric kind = "histogram"
)

// page is an exposition being written. Its families come one after the other,
// each with all of its samples.
//
// It exists beside VictoriaMetrics/metrics because that library's Set knows
// neither OpenMetrics nor exemplars nor help texts, and takes 16 ms and 174,000
// allocations for the 2,000 histograms of 200 segments (see BenchmarkWrite).
type page struct {
	b      []byte
	format Format
	name   string // of the family
	series int
}

// family begins a family. A counter's name ends in _total, which OpenMetrics
// takes as a suffix of its samples and not as part of its name.
func (p *page) family(name string, k kind, help string) {
	p.name = name
	if p.format == OpenMetrics && k == counter {
		name = strings.TrimSuffix(name, "_total")
	}
	p.b = append(append(append(append(p.b, "# TYPE "...), name...), ' '), k...)
	p.b = append(append(append(append(p.b, "\n# HELP "...), name...), ' '), help...)
	p.b = append(p.b, '\n')
}

// sample begins a sample of the family: its name and labels, which may be "".
func (p *page) sample(suffix, labels string) {
	p.series++
	p.b = append(append(p.b, p.name...), suffix...)
	if labels != "" {
		p.b = append(append(append(p.b, '{'), labels...), '}')
	}
	p.b = append(p.b, ' ')
}

// count writes a sample whose value is a whole number.
func (p *page) count(labels string, v uint64) {
	p.sample("", labels)
	p.b = append(strconv.AppendUint(p.b, v, 10), '\n')
}

// value writes a sample.
func (p *page) value(labels string, v float64) {
	p.sample("", labels)
	p.b = append(appendFloat(p.b, v), '\n')
}

// fact is 1 where something holds, and 0 where not.
func fact(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// one writes a family of one sample without labels.
func (p *page) one(name string, k kind, help string, v float64) {
	p.family(name, k, help)
	p.value("", v)
}

// total writes a counter without labels.
func (p *page) total(name, help string, v uint64) {
	p.family(name, counter, help)
	p.count("", v)
}

// end finishes the page.
func (p *page) end() {
	if p.format == OpenMetrics {
		p.b = append(p.b, "# EOF\n"...)
	}
}

func appendFloat(b []byte, v float64) []byte {
	if v == math.Trunc(v) && math.Abs(v) < 1e15 {
		return strconv.AppendInt(b, int64(v), 10)
	}
	switch {
	case math.IsInf(v, 1):
		return append(b, "+Inf"...)
	case math.IsInf(v, -1):
		return append(b, "-Inf"...)
	}
	return strconv.AppendFloat(b, v, 'g', -1, 64)
}

// labels joins names and values, alternately, to what stands between braces.
func labels(pairs ...string) string {
	var b strings.Builder
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(pairs[i])
		b.WriteString(`="`)
		escapeLabel(&b, pairs[i+1])
		b.WriteByte('"')
	}
	return b.String()
}

// escapeLabel writes a label value with the three escapes that both formats have.
func escapeLabel(b *strings.Builder, v string) {
	for _, r := range strings.ToValidUTF8(v, "\uFFFD") {
		switch r {
		case '\\':
			b.WriteString(`\\`)
		case '"':
			b.WriteString(`\"`)
		case '\n':
			b.WriteString(`\n`)
		default:
			b.WriteRune(r)
		}
	}
}

// joinLabels joins two lists of labels, either of which may be "".
func joinLabels(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "," + b
}

// distinguish numbers labels that are there more than once, for a series that
// comes twice spoils the whole page.
func distinguish(list []string) {
	for i := range list {
		for n := 2; slices.Contains(list[:i], list[i]); n++ {
			list[i] = strings.TrimSuffix(list[i], `"`) + "#" + strconv.Itoa(n) + `"`
		}
	}
}
