package alerting

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// yes reads true or false.
func (s *settings) yes(n *yaml.Node, what string) bool {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" {
		if yes, err := strconv.ParseBool(strings.ToLower(n.Value)); err == nil {
			return yes
		}
	}
	s.errorf(n, "%s is %s, want true or false", what, KindOf(n))
	return false
}

// number reads a number within bounds.
func (s *settings) number(n *yaml.Node, what string, least, largest float64) float64 {
	v, err := strconv.ParseFloat(n.Value, 64)
	if n.Kind != yaml.ScalarNode || err != nil || math.IsNaN(v) {
		s.errorf(n, "%s is %s, want a number", what, KindOf(n))
		return least
	}
	if v < least || v > largest {
		s.errorf(n, "%s is %s, want %g to %g", what, n.Value, least, largest)
		return least
	}
	return v
}

// integer reads a whole number within bounds.
func (s *settings) integer(n *yaml.Node, what string, least, largest int) int {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		s.errorf(n, "%s is %s, want a whole number", what, KindOf(n))
		return least
	}
	if v < least || v > largest {
		s.errorf(n, "%s is %d, want %d to %d", what, v, least, largest)
		return least
	}
	return v
}

// span reads a length of time in whole seconds.
func (s *settings) span(n *yaml.Node, what string, least, largest time.Duration) time.Duration {
	v, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		s.errorf(n, "%s is %s, want a time like 90s, 5m or 1h30m", what, KindOf(n))
		return least
	}
	if v < least || v > largest || v%time.Second != 0 {
		s.errorf(n, "%s is %s, want %s to %s in whole seconds", what, n.Value, FormatSpan(least), FormatSpan(largest))
		return least
	}
	return v
}

// FormatSpan writes a length of time as rules and Prometheus do: "5m", "1h30m".
func FormatSpan(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// choice reads one of several words.
func (s *settings) choice(n *yaml.Node, what string, known []string) string {
	v, ok := s.text(n, what)
	if ok && !slices.Contains(known, v) {
		s.errorf(n, "%s is %q, want one of %s%s", what, v, strings.Join(known, ", "), spelling.Hint(v, known))
		return ""
	}
	return v
}

// texts reads a list of texts, each once; check may be nil.
func (s *settings) texts(n *yaml.Node, what string, check func(*yaml.Node, string)) []string {
	var list []string
	s.list(n, what, 1000, func(n *yaml.Node) {
		v, ok := s.text(n, what)
		if !ok {
			return
		}
		if slices.Contains(list, v) {
			s.errorf(n, "%s names %q twice", what, v)
		}
		if check != nil {
			check(n, v)
		}
		list = append(list, v)
	})
	return list
}
