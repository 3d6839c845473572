package report

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"earshot/alerting"
)

// Measures of the chart of a case, px.
const (
	caseWidth   = 960
	caseLeft    = 62
	caseRight   = 936
	caseTop     = 118 // of the plot: above it stand the title and the marks
	casePlot    = 220
	caseVolume  = 44 // how much was heard, below
	caseGap     = 44 // between them: the axis of time
	caseBottom  = 92 // the legend
	caseHeight  = caseTop + casePlot + caseGap + caseVolume + caseBottom
	caseRow     = 17 // of the texts of marks
	caseSmooth  = 60 // pieces up to which each has its dot
	textTitle   = 19
	textBody    = 13
	textCaption = 12
)

// draw puts the chart on a canvas.
func (v *CaseChart) draw(faces *fontFaces) *canvas {
	d := caseDrawing{CaseChart: v, canvas: &canvas{width: caseWidth, height: caseHeight, title: v.title, desc: v.desc()}, faces: faces}
	d.high = ceiling(max(highest(v.course.Inside), highest(v.course.Outside)))
	title := label{ink: inkText, size: textTitle, bold: true}
	d.text(title, 20, 32, title.clip(faces, v.title, caseWidth-40))
	about := label{ink: inkMuted, size: textBody}
	for i, line := range v.about {
		d.text(about, 20, 53+float64(i)*18, about.clip(faces, line, caseWidth-40))
	}
	d.bands()
	d.shares()
	d.times()
	inside, outside := d.runs(v.course.Inside), d.runs(v.course.Outside)
	for _, run := range inside {
		d.ground(run)
	}
	for _, run := range outside {
		d.line(inkBlue, 2, 6, run...)
		d.dots(inkBlue, run, false)
	}
	for _, run := range inside {
		d.line(inkVermilion, 2.6, 0, run...)
		d.dots(inkVermilion, run, len(v.course.Inside) <= caseSmooth)
	}
	d.happenings()
	d.volume()
	d.legend()
	return d.canvas
}

// caseDrawing is a chart while it is drawn.
type caseDrawing struct {
	*CaseChart
	*canvas
	faces *fontFaces
	high  float64 // share at the top of the plot
}

// x is where a time stands.
func (d *caseDrawing) x(at time.Time) float64 {
	part := float64(at.Sub(d.from)) / float64(d.to.Sub(d.from))
	return caseLeft + min(max(part, 0), 1)*(caseRight-caseLeft)
}

// y is where a share stands.
func (d *caseDrawing) y(share float64) float64 {
	return caseTop + casePlot*(1-min(share/d.high, 1))
}

// ceiling is the top of the axis: a share that is easily divided.
func ceiling(share float64) float64 {
	for _, top := range []float64{.02, .05, .1, .2, .3, .4, .5, .6, .8} {
		if share <= top {
			return top
		}
	}
	return 1
}

// bands shade the times of impairment.
func (d *caseDrawing) bands() {
	for _, s := range d.spells {
		from, to := d.x(s.From), d.x(s.To)
		d.box(inkBand, from, caseTop, max(to-from, 2), casePlot)
	}
}

// shares draws the axis of shares.
func (d *caseDrawing) shares() {
	const parts = 4
	side := label{ink: inkMuted, size: textCaption, anchor: anchorEnd}
	for i := range parts + 1 {
		share := d.high * float64(i) / parts
		y := d.y(share)
		d.line(inkGrid, 1, 0, point{caseLeft, y}, point{caseRight, y})
		d.text(side, caseLeft-8, y+4, strconv.FormatFloat(tenth(share*100), 'f', -1, 64)+" %")
	}
}

// times draws the axis of time.
func (d *caseDrawing) times() {
	y := float64(caseTop + casePlot)
	d.line(inkAxis, 1.2, 0, point{caseLeft, y}, point{caseRight, y})
	step := tickStep(d.to.Sub(d.from))
	below := label{ink: inkMuted, size: textCaption, anchor: anchorMiddle}
	day := ""
	for at := d.from.Truncate(step); !at.After(d.to); at = at.Add(step) {
		if at.Before(d.from) {
			continue
		}
		x := d.x(at)
		d.line(inkAxis, 1.2, 0, point{x, y}, point{x, y + 5})
		text := at.Format("15:04")
		if step >= 24*time.Hour {
			text = at.Format("01-02")
		}
		d.text(below, x, y+19, text)
		if today := at.Format("2006-01-02"); today != day && step < 24*time.Hour {
			day = today
			d.text(below, min(max(x, caseLeft+46), caseRight-46), y+34, today+" UTC")
		}
	}
	if step >= 24*time.Hour {
		d.text(below, caseLeft+46, y+34, d.from.Format("2006")+", UTC")
	}
}

// tickStep is how far apart the times of an axis stand.
func tickStep(whole time.Duration) time.Duration {
	const most = 12
	steps := []time.Duration{
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 2 * 24 * time.Hour, 7 * 24 * time.Hour,
	}
	for _, step := range steps {
		if whole/step <= most {
			return step
		}
	}
	return 28 * 24 * time.Hour
}

// runs are the places of a line of shares, cut where nothing was heard.
func (d *caseDrawing) runs(list []alerting.Tally) (runs [][]point) {
	step := d.course.Step()
	whole := false
	for i := range list {
		s, ok := share(list[i])
		if !ok {
			whole = false
			continue
		}
		at := point{d.x(d.from.Add(time.Duration(i)*step + step/2)), d.y(s)}
		if !whole {
			runs = append(runs, nil)
		}
		whole = true
		runs[len(runs)-1] = append(runs[len(runs)-1], at)
	}
	return runs
}

// ground fills what is below a line: with it the affected are told from the
// others without colours too.
func (d *caseDrawing) ground(run []point) {
	const base = float64(caseTop + casePlot)
	d.area(inkPale, append(slices.Clone(run), point{run[len(run)-1].x, base}, point{run[0].x, base})...)
}

// dots marks the places of a line; one that stands alone always.
func (d *caseDrawing) dots(ink ink, run []point, all bool) {
	if !all && len(run) > 1 {
		return
	}
	for _, p := range run {
		d.disc(ink, p, 3.4)
	}
}

// happenings draws a line for each mark, their texts in rows where they would
// overlap.
func (d *caseDrawing) happenings() {
	var ends [3]float64 // of the rows' texts
	l := label{ink: inkText, size: textCaption, bold: true}
	for _, m := range d.marks {
		x, width := d.x(m.at), d.faces.measure(l, m.text)
		from := min(max(x-width/2, caseLeft), caseRight-width)
		row := 0
		for row < len(ends)-1 && from < ends[row] {
			row++
		}
		ends[row] = from + width + 10
		y := float64(caseTop - 10 - row*caseRow)
		d.line(inkText, 1.4, 3, point{x, y + 4}, point{x, caseTop + casePlot})
		d.text(l, from, y, m.text)
	}
}

// volume draws how much was heard.
func (d *caseDrawing) volume() {
	most := 0
	for _, t := range d.course.Inside {
		most = max(most, t.Units())
	}
	top := float64(caseTop + casePlot + caseGap)
	bottom := top + caseVolume
	step := d.course.Step()
	for i, t := range d.course.Inside {
		if t.Units() <= 0 {
			continue
		}
		from := d.x(d.from.Add(time.Duration(i) * step))
		width := d.x(d.from.Add(time.Duration(i+1)*step)) - from
		high := caseVolume * float64(t.Units()) / float64(most)
		d.box(inkVolume, from, bottom-high, max(width-0.8, 0.8), high)
	}
	d.line(inkAxis, 1, 0, point{caseLeft, bottom}, point{caseRight, bottom})
	side := label{ink: inkMuted, size: textCaption, anchor: anchorEnd}
	d.text(side, caseLeft-8, top+9, strconv.Itoa(most))
	d.text(side, caseLeft-8, bottom+4, "0")
}

// legend says what is what.
func (d *caseDrawing) legend() {
	y := float64(caseTop+casePlot+caseGap+caseVolume) + 24
	l := label{ink: inkText, size: textBody}
	row := func(text string, sample func(x, y float64)) {
		sample(22, y-4)
		d.text(l, 62, y, l.clip(d.faces, text, caseWidth-82))
		y += 22
	}
	row(fmt.Sprintf("Affected share of the %s with: %s", d.noun, d.factor), func(x, y float64) {
		d.box(inkPale, x, y, 30, 6)
		d.line(inkVermilion, 2.6, 0, point{x, y}, point{x + 30, y})
		d.disc(inkVermilion, point{x + 15, y}, 3.4)
	})
	without := "Comparable " + d.noun + " without it"
	if !heard(d.course.Outside) {
		without = "Comparable " + d.noun + " without it: none were heard"
	}
	row(without, func(x, y float64) { d.line(inkBlue, 2, 6, point{x, y}, point{x + 30, y}) })
	row(fmt.Sprintf("How many %s were heard with it (bars), and when it was impaired (grey ground)", d.noun), func(x, y float64) {
		d.box(inkVolume, x, y-5, 8, 10)
		d.box(inkVolume, x+10, y-8, 8, 13)
		d.box(inkBand, x+20, y-8, 12, 13)
	})
}
