package web

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// checkOpenMetrics holds a page to OpenMetrics 1.0: metadata before samples,
// families together, suffixes by type, canonical bounds, cumulative buckets
// that end in +Inf and agree with _count, exemplars within their bucket and of
// at most 128 characters, "# EOF" at the end and nowhere else.
func checkOpenMetrics(page string) error {
	body, ok := strings.CutSuffix(page, "# EOF\n")
	if !ok || strings.Contains(body, "# EOF") {
		return fmt.Errorf("no # EOF at the end, or one before")
	}
	c := openMetrics{seen: map[string]bool{}, series: map[string]bool{}, buckets: map[string]bucketRun{}}
	for number, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		if err := c.line(line); err != nil {
			return fmt.Errorf("line %d %q: %w", number+1, line, err)
		}
	}
	for series, run := range c.buckets {
		if run.le != "+Inf" {
			return fmt.Errorf("%s ends with le=%q", series, run.le)
		}
	}
	return nil
}

type openMetrics struct {
	family, kind string
	seen, series map[string]bool
	buckets      map[string]bucketRun
}

// bucketRun is the last bucket of a histogram.
type bucketRun struct {
	le    string
	count float64
}

var (
	sampleLine   = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+)(?: # (.*))?$`)
	exemplarText = regexp.MustCompile(`^\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*)\} (\S+) ([0-9]+\.[0-9]+)$`)
	boundLabel   = regexp.MustCompile(`,?le="([^"]*)"$`)
)

func (c *openMetrics) line(line string) error {
	if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
		name, kind, _ := strings.Cut(rest, " ")
		if c.seen[name] {
			return fmt.Errorf("family comes again")
		}
		if kind == "counter" && strings.HasSuffix(name, "_total") {
			return fmt.Errorf("a counter's family is named without _total")
		}
		c.seen[name], c.family, c.kind = true, name, kind
		return nil
	}
	if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
		if !strings.HasPrefix(rest, c.family+" ") {
			return fmt.Errorf("help of another family")
		}
		return nil
	}
	m := sampleLine.FindStringSubmatch(line)
	if m == nil {
		return fmt.Errorf("no sample")
	}
	return c.sample(m[1], m[2], m[3], m[4])
}

func (c *openMetrics) sample(name, labels, value, exemplar string) error {
	suffix, ok := strings.CutPrefix(name, c.family)
	if want := map[string][]string{"counter": {"_total"}, "gauge": {""}, "histogram": {"_bucket", "_sum", "_count"}}[c.kind]; !ok || !slices.Contains(want, suffix) {
		return fmt.Errorf("sample of family %q, type %q", c.family, c.kind)
	}
	if c.series[name+"{"+labels] {
		return fmt.Errorf("series comes twice")
	}
	c.series[name+"{"+labels] = true
	v, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return err
	}
	if exemplar != "" && suffix != "_bucket" {
		return fmt.Errorf("exemplar of no bucket")
	}
	switch suffix {
	case "_bucket":
		return c.bucket(labels, v, exemplar)
	case "_count":
		if last := c.buckets[c.family+"{"+labels]; last.le != "+Inf" || last.count != v {
			return fmt.Errorf("count %v, last bucket %v", v, last)
		}
	}
	return nil
}

func (c *openMetrics) bucket(labels string, v float64, exemplar string) error {
	le := boundLabel.FindStringSubmatch(labels)
	if le == nil {
		return fmt.Errorf("bucket without bound")
	}
	series := c.family + "{" + strings.TrimSuffix(labels, le[0])
	last, begun := c.buckets[series]
	bound, err := strconv.ParseFloat(le[1], 64)
	if err != nil {
		return err
	}
	if le[1] != "+Inf" && !strings.ContainsAny(le[1], ".e") {
		return fmt.Errorf("bound is not canonical")
	}
	lower := -1.0
	if begun {
		lower, _ = strconv.ParseFloat(last.le, 64)
		if bound <= lower || v < last.count {
			return fmt.Errorf("bound or count goes back from %v", last)
		}
	}
	c.buckets[series] = bucketRun{le[1], v}
	if exemplar == "" {
		return nil
	}
	m := exemplarText.FindStringSubmatch(exemplar)
	if m == nil {
		return fmt.Errorf("no exemplar")
	}
	at, err := strconv.ParseFloat(m[2], 64)
	if err != nil || at > bound || at <= lower {
		return fmt.Errorf("exemplar of %v in the bucket from %v to %v", m[2], lower, bound)
	}
	if n := len([]rune(strings.NewReplacer("=", "", `"`, "", ",", "").Replace(m[1]))); n > 128 {
		return fmt.Errorf("exemplar of %d characters", n)
	}
	return nil
}

func TestOpenMetrics(t *testing.T) {
	m := populated(t)
	page := written(t, m, OpenMetrics)
	if err := checkOpenMetrics(page); err != nil {
		t.Fatal(err)
	}
	// The stream id is the one that the stream's record has; the time is that of the interval's end.
	want := fmt.Sprintf(`earshot_rtp_interval_mos_bucket{segment="trunk",direction="to_peer",le="4.0"} 1 # {stream_id=%q} 3.9 1767614400.000`+"\n", heard().StreamID())
	if !strings.Contains(page, want) {
		t.Errorf("the page lacks %q", want)
	}
	if text := written(t, m, Text); strings.Contains(text, " # {") {
		t.Error("plain text has exemplars")
	}
}

// TestCheckOpenMetrics: the checker itself finds what is wrong.
func TestCheckOpenMetrics(t *testing.T) {
	for _, page := range []string{
		"# TYPE a counter\na_total 1\n",
		"# TYPE a_total counter\na_total 1\n# EOF\n",
		"# TYPE a counter\na 1\n# EOF\n",
		"# TYPE a gauge\na 1\na 2\n# EOF\n",
		"# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a gauge\n# EOF\n",
		"# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n# EOF\n",
		"# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n# EOF\n",
		"# TYPE a histogram\na_bucket{le=\"1.0\"} 1\na_sum 1\na_count 1\n# EOF\n",
		"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1 # {x=\"y\"} nothing 1.0\na_sum 1\na_count 1\n# EOF\n",
		"# TYPE a gauge\na{b=\"\n\"} 1\n# EOF\n",
	} {
		if checkOpenMetrics(page) == nil {
			t.Errorf("nothing wrong with %q", page)
		}
	}
}
