package deploy

import (
	"fmt"
	"html"
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// line is one series of a panel.
type line struct {
	name   string
	labels map[string]string
	at     []float64 // Unix
	value  []float64
}

func newLine(legend string, s series) line {
	l := line{labels: s.Metric, name: legend}
	if legend == "__auto" {
		l.name = ""
	}
	for k, v := range s.Metric {
		l.name = strings.ReplaceAll(l.name, "{{"+k+"}}", v)
	}
	for _, pair := range s.Values {
		at, _ := pair[0].(float64)
		text, _ := pair[1].(string)
		v, err := strconv.ParseFloat(text, 64)
		if err == nil && !math.IsNaN(v) {
			l.at, l.value = append(l.at, at), append(l.value, v)
		}
	}
	return l
}

func (l line) last() float64 {
	if len(l.value) == 0 {
		return math.NaN()
	}
	return l.value[len(l.value)-1]
}

// palette is Grafana's classic one, its first colours.
var palette = []string{"#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#f2495c", "#8f3bb8", "#b877d9", "#56a64b", "#3274d9", "#e0b400", "#1f9e9e", "#c4162a"}

// bandColour are the colours that mean something.
var bandColour = map[string]string{"good": "#73bf69", "fair": "#f2cc0c", "bad": "#f2495c", "unmeasured": "#5a5a66", "answered": "#73bf69", "failed": "#f2495c"}

// drawPanel writes one panel at its place.
func drawPanel(b *strings.Builder, p *dashboardPanel, lines []line, since, until time.Time) {
	g := p.GridPos
	w, h := g.W*pictureWidth/24-6, g.H*gridUnit-6
	class := "panel"
	if p.Type == "row" {
		class = "row"
	}
	fmt.Fprintf(b, `<div class=%q style="left:%dpx;top:%dpx;width:%dpx;height:%dpx"><b>%s</b>`,
		class, g.X*pictureWidth/24+3, g.Y*gridUnit+36, w, h, html.EscapeString(p.Title))
	lines = slices.DeleteFunc(lines, func(l line) bool { return len(l.value) == 0 })
	switch {
	case p.Type == "row":
	case len(lines) == 0:
		b.WriteString(`<div class="none">nothing to show</div>`)
	case p.Type == "stat":
		drawStat(b, p, lines[0].last())
	case p.Type == "table":
		drawTable(b, lines[0])
	case p.Type == "heatmap":
		drawHeatmap(b, lines, w, h)
	default:
		drawGraph(b, p, lines, w, h, since, until)
	}
	b.WriteString("</div>\n")
}

// drawStat writes a number in the colour of the step that it is in.
func drawStat(b *strings.Builder, p *dashboardPanel, v float64) {
	colour := "#73bf69"
	named := map[string]string{"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c"}
	for _, step := range p.FieldConfig.Defaults.Thresholds.Steps {
		if step.Value == nil || v >= *step.Value {
			colour = named[step.Color]
		}
	}
	fmt.Fprintf(b, `<div class="stat" style="color:%s">%s</div>`, colour, unitText(p.FieldConfig.Defaults.Unit, v))
}

func drawTable(b *strings.Builder, l line) {
	b.WriteString("<table>")
	for _, k := range []string{"instance", "version", "goversion", "os", "arch", "hash"} {
		fmt.Fprintf(b, "<tr><th>%s</th><td>%s</td></tr>", k, html.EscapeString(l.labels[k]))
	}
	b.WriteString("</table>")
}

// drawGraph writes lines, or areas on top of each other, with axes and legend.
func drawGraph(b *strings.Builder, p *dashboardPanel, lines []line, w, h int, since, until time.Time) {
	stacked := p.FieldConfig.Defaults.Custom.Stacking.Mode == "normal"
	if len(lines) > 12 {
		lines = lines[:12]
	}
	if stacked {
		stack(lines)
	}
	low, high := span(p, lines)
	width, height, left := w-52, h-70, 44
	x := func(at float64) float64 {
		return float64(left) + (at-float64(since.Unix()))/until.Sub(since).Seconds()*float64(width)
	}
	y := func(v float64) float64 { return 5 + (1-(v-low)/(high-low))*float64(height) }
	fmt.Fprintf(b, `<svg width="%d" height="%d">`, w, height+18)
	for i := range 3 {
		v := low + (high-low)*float64(i)/2
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#2a2d33"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`,
			left, left+width, y(v), y(v), left-4, y(v)+3, unitText(p.FieldConfig.Defaults.Unit, v))
	}
	for i := range 4 {
		at := since.Add(until.Sub(since) * time.Duration(2*i+1) / 8)
		fmt.Fprintf(b, `<text x="%.0f" y="%d" text-anchor="middle">%s</text>`, x(float64(at.Unix())), height+16, at.UTC().Format("15:04:05"))
	}
	for i, l := range slices.Backward(lines) {
		var path strings.Builder
		for j := range l.at {
			fmt.Fprintf(&path, "%.1f,%.1f ", x(l.at[j]), y(l.value[j]))
		}
		fill := "none"
		if stacked {
			fill = colourOf(l.name, i)
			fmt.Fprintf(&path, "%.1f,%.1f %.1f,%.1f", x(l.at[len(l.at)-1]), y(low), x(l.at[0]), y(low))
		}
		fmt.Fprintf(b, `<polyline points="%s" fill="%s" stroke="%s" stroke-width="1.3"/>`, path.String(), fill, colourOf(l.name, i))
	}
	b.WriteString(`</svg><div class="legend">`)
	for i, l := range lines {
		fmt.Fprintf(b, `<span><i style="background:%s"></i>%s</span> `, colourOf(l.name, i), html.EscapeString(l.name))
	}
	b.WriteString("</div>")
}

func colourOf(name string, i int) string {
	if c, ok := bandColour[name]; ok {
		return c
	}
	return palette[i%len(palette)]
}

// stack adds each line's values to those of the lines before it.
func stack(lines []line) {
	below := map[float64]float64{}
	for _, l := range lines {
		for j, at := range l.at {
			below[at] += l.value[j]
			l.value[j] = below[at]
		}
	}
}

// span is the range of a panel's y axis.
func span(p *dashboardPanel, lines []line) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		low, high = min(low, slices.Min(l.value)), max(high, slices.Max(l.value))
	}
	d := &p.FieldConfig.Defaults
	low = min(low, 0)
	if d.Min != nil {
		low = *d.Min
	}
	if d.Max != nil {
		high = *d.Max
	}
	if high <= low {
		high = low + 1
	}
	return low, high
}

// drawHeatmap writes a column for each point in time, a cell for each bucket.
func drawHeatmap(b *strings.Builder, lines []line, w, h int) {
	slices.SortFunc(lines, func(a, c line) int { return int(math.Copysign(1, bound(a)-bound(c))) })
	var most float64
	cells := make([]map[float64]float64, len(lines))
	columns := map[float64]bool{}
	for i, l := range lines {
		cells[i] = map[float64]float64{}
		for j, at := range l.at {
			columns[at] = true
			cells[i][at] = l.value[j]
			if i > 0 {
				cells[i][at] -= lines[i-1].value[min(j, len(lines[i-1].value)-1)] // buckets are cumulative
			}
			most = max(most, cells[i][at])
		}
	}
	var times []float64
	for at := range columns {
		times = append(times, at)
	}
	slices.Sort(times)
	cw, ch := float64(w-52)/float64(len(times)), float64(h-40)/float64(len(lines))
	fmt.Fprintf(b, `<svg width="%d" height="%d">`, w, h-30)
	for i, l := range lines {
		top := 5 + float64(len(lines)-1-i)*ch
		fmt.Fprintf(b, `<text x="40" y="%.1f" text-anchor="end">%s</text>`, top+ch/2+3, html.EscapeString(l.labels["le"]))
		for x, at := range times {
			if n := cells[i][at]; n > 0 && most > 0 {
				hue := 120 * float64(i) / float64(len(lines)-1) // red is bad
				fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="hsl(%.0f,60%%,%.0f%%)"/>`, 44+float64(x)*cw, top, cw, ch-1, hue, 15+45*math.Sqrt(n/most))
			}
		}
	}
	b.WriteString("</svg>")
}

func bound(l line) float64 {
	v, err := strconv.ParseFloat(l.labels["le"], 64)
	if err != nil {
		return math.Inf(1)
	}
	return v
}

// unitText writes a value as Grafana would with one of its units.
func unitText(unit string, v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	short := func(v float64) string {
		if v >= 1000 {
			return strconv.FormatFloat(v/1000, 'f', 1, 64) + " k"
		}
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	switch unit {
	case "percentunit":
		return short(v*100) + " %"
	case "s":
		if v < 1 {
			return short(v*1000) + " ms"
		}
		return short(v) + " s"
	case "bytes":
		return strconv.FormatFloat(v/(1<<20), 'f', 0, 64) + " MiB"
	case "pps", "cps", "reqps":
		return short(v) + " /s"
	}
	return short(v)
}

// indexed makes a picture of at most 256 colours: flat drawings have few, and
// the rest are the soft edges of letters. It is a fraction of the size.
func indexed(img image.Image) image.Image {
	count := map[color.RGBA]int{}
	r := img.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(img.At(x, y)).(color.RGBA) }
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	var colours []color.RGBA
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int { return count[b] - count[a] })
	var plane color.Palette
	for _, c := range colours[:min(64, len(colours))] {
		plane = append(plane, c)
	}
	out, nearest := image.NewPaletted(r, plane), map[color.RGBA]uint8{}
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			c := at(x, y)
			i, known := nearest[c]
			if !known {
				i = uint8(plane.Index(c))
				nearest[c] = i
			}
			out.SetColorIndex(x, y, i)
		}
	}
	return out
}
