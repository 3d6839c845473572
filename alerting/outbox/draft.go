package outbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
	"earshot/spelling"
)

// must is the preset of a key that has to be there.
const must = "!"

// The bounds of what one key holds.
const (
	maxLine  = 4096
	maxWords = 1000
)

// draft is a destination being read from its settings. Each kind asks it for
// its keys; a mistake is noted with its line and gives the zero value, so that
// all mistakes are told at once. A key that nobody asked for is a mistake too:
// a kind asks for all that it knows before it looks at what it got.
type draft struct {
	name  string
	house *House
	keys  map[string]*yaml.Node
	asked map[string]bool
	wrong []alerting.Problem
	node  *yaml.Node
}

// newDraft takes the keys of an entry apart.
func newDraft(n *yaml.Node, h *House) *draft {
	d := &draft{house: h, keys: map[string]*yaml.Node{}, asked: map[string]bool{}, node: n}
	if n.Kind != yaml.MappingNode {
		d.wrong = append(d.wrong, alerting.Problem{Line: n.Line, Text: "a destination is " + alerting.KindOf(n) + ", want a mapping of keys to values (name, kind …)"})
		return d
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], alerting.Unaliased(n.Content[i+1])
		if d.keys[key.Value] != nil {
			d.wrong = append(d.wrong, alerting.Problem{Line: key.Line, Text: fmt.Sprintf("%q is there twice in a destination", key.Value)})
			continue
		}
		d.keys[key.Value] = value
	}
	return d
}

// has reports whether a key is there.
func (d *draft) has(key string) bool {
	d.asked[key] = true
	return d.keys[key] != nil
}

// text reads a word or a line; preset where there is none. A key that must be
// there has the preset "!".
func (d *draft) text(key, preset string) string {
	if !d.has(key) {
		if preset == must {
			d.fault(key, "it is missing, and must be there")
			return ""
		}
		return preset
	}
	n := d.keys[key]
	return d.line(n, key)
}

// line reads one line of text from a node of a key.
func (d *draft) line(n *yaml.Node, key string) string {
	switch {
	case n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "":
		d.faultAt(n, key, "it is %s, want a text", alerting.KindOf(n))
	case len(n.Value) > maxLine:
		d.faultAt(n, key, "it has %d characters, at most %d are possible", len(n.Value), maxLine)
	case strings.ContainsFunc(n.Value, unicode.IsControl):
		d.faultAt(n, key, "it has a line break or another control character: want one line")
	default:
		return n.Value
	}
	return ""
}

// choice reads one of some words; the first is the preset.
func (d *draft) choice(key string, words ...string) string {
	v := d.text(key, words[0])
	if v != "" && !slices.Contains(words, v) {
		d.fault(key, "it is %q, want one of %s%s", v, strings.Join(words, ", "), spelling.Hint(v, words))
		return ""
	}
	return v
}

// flag reads true or false.
func (d *draft) flag(key string, preset bool) bool {
	if !d.has(key) {
		return preset
	}
	n := d.keys[key]
	if n.Kind == yaml.ScalarNode && n.Tag == "!!bool" {
		if yes, err := strconv.ParseBool(strings.ToLower(n.Value)); err == nil {
			return yes
		}
	}
	d.fault(key, "it is %s, want true or false", alerting.KindOf(n))
	return false
}

// number reads a whole number between two bounds.
func (d *draft) number(key string, least, most, preset int) int {
	if !d.has(key) {
		return preset
	}
	n := d.keys[key]
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
		d.fault(key, "it is %s, want a whole number from %d to %d", alerting.KindOf(n), least, most)
		return 0
	}
	return v
}

// span reads a length of time, as "15m".
func (d *draft) span(key string, least, most, preset time.Duration) time.Duration {
	if !d.has(key) {
		return preset
	}
	n := d.keys[key]
	v, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < least || v > most {
		d.fault(key, "it is %s, want a time from %s to %s, like 90s, 5m or 1h30m", alerting.KindOf(n), alerting.FormatSpan(least), alerting.FormatSpan(most))
		return 0
	}
	return v
}

// unknown notes the keys that nobody asked for.
func (d *draft) unknown() {
	known := make([]string, 0, len(d.asked))
	for key := range d.asked {
		known = append(known, key)
	}
	slices.Sort(known)
	for i := 0; d.node.Kind == yaml.MappingNode && i+1 < len(d.node.Content); i += 2 {
		if n := d.node.Content[i]; !d.asked[n.Value] {
			d.wrong = append(d.wrong, alerting.Problem{Line: n.Line, Text: fmt.Sprintf("destination %q has no key %q%s: want one of %s",
				d.name, n.Value, spelling.Hint(n.Value, known), strings.Join(known, ", "))})
			d.asked[n.Value] = true // an entry that is there twice is told once
		}
	}
}

// fault notes a mistake of a key.
func (d *draft) fault(key, format string, args ...any) {
	d.faultAt(d.keys[key], key, format, args...)
}

// faultAt notes a mistake of a key where it stands; at the destination where
// the node is nil.
func (d *draft) faultAt(n *yaml.Node, key, format string, args ...any) {
	p := alerting.Problem{Line: d.node.Line, Text: fmt.Sprintf("destination %q: %s: ", d.name, key) + fmt.Sprintf(format, args...)}
	if n != nil {
		p.Line = n.Line
	}
	d.wrong = append(d.wrong, p)
}
