package alerting

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
)

// placeholder is a word in braces within an annotation: "{segment}".
var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// placeholderNames are the words that may stand in braces.
var placeholderNames = []string{
	"rule", "signal", "severity", "segment", "direction", "codec", "trunk", "peer",
	"value", "bound", "limit", "share", "affected", "total", "unit", "window", "usual",
}

// placeholders checks those of one annotation.
func (d *rulesDecoder) placeholders(n *yaml.Node, text string) {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(placeholderNames, m[1]) {
			d.errorf(n, "there is no placeholder {%s}: want one of %s%s", m[1], strings.Join(placeholderNames, ", "), spelling.Hint(m[1], placeholderNames))
		}
	}
}

// annotate fills in the placeholders of a rule's annotations.
func (a *Alert) annotate(r *Rule) {
	a.Annotations = sortedLabels(r.Annotations)
	for i := range a.Annotations {
		l := &a.Annotations[i]
		l.Value = placeholder.ReplaceAllStringFunc(l.Value, func(m string) string { return a.word(r, m[1:len(m)-1]) })
	}
}

// word is what a placeholder stands for; a label that the rule does not
// aggregate by is "all".
func (a *Alert) word(r *Rule, name string) string {
	f := &a.Figures
	switch name {
	case "rule":
		return a.Rule
	case "signal":
		return string(a.Signal)
	case "severity":
		return a.Severity.String()
	case "value":
		return r.measured(f.Value)
	case "bound":
		return r.measured(f.Bound)
	case "limit":
		return short(r.Limit)
	case "share":
		return percent(f.Share)
	case "affected":
		return strconv.Itoa(f.Affected)
	case "total":
		return strconv.Itoa(f.Total)
	case "unit":
		return f.Unit
	case "window":
		return FormatSpan(f.Window)
	case "usual":
		return short(f.Usual)
	}
	if v := a.Label(name); v != "" {
		return v
	}
	return "all"
}

// measured writes a value of the rule's measure.
func (r *Rule) measured(v float64) string {
	if r.Measure.Kind == MeasureShare {
		return percent(v)
	}
	return short(v)
}

// short writes a number with three digits.
func short(v float64) string {
	if v >= 1000 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func percent(share float64) string { return fmt.Sprintf("%s %%", short(100*share)) }
