package report

import "fmt"

// Measures of a ladder on a page, px.
const (
	ladderLeft    = 150 // times
	ladderColumn  = 230 // a host's share, at least
	ladderWidth   = 860 // of the hosts together, at least
	ladderHead    = 34
	ladderRow     = 30
	ladderDetail  = 15
	ladderPerChar = 6 // width of a character of the detail's size, at most
)

// ladderView is a ladder as SVG.
type ladderView struct {
	ID, Title, Desc       string
	Width, Height, Bottom int
	Hosts                 []hostView
	Rungs                 []rungView
	column                int // a host's share of the width
}

type hostView struct {
	X    int
	Name string
}

// rungView is one message or stream of a ladder.
type rungView struct {
	Y, TextY, DetailY int
	Time, Step        string
	X1, X2, Middle    int
	TextX             int
	Arrow             bool
	Head              string // points of the arrow's head
	Label, Detail     string
	Kind              rungKind
	Media             bool
	Y2                int // second line of a stream's double arrow
}

// view lays the ladder out; nil where there is nothing to draw.
func (l *ladder) view(id string) *ladderView {
	if len(l.rungs) == 0 {
		return nil
	}
	v := &ladderView{
		ID: id, Title: "SIP ladder",
		Desc:   fmt.Sprintf("%d messages and streams between %d hosts, in order of time", len(l.rungs), len(l.hosts)),
		column: max(ladderColumn, ladderWidth/max(1, len(l.hosts))),
	}
	v.Width = ladderLeft + len(l.hosts)*v.column
	for i, h := range l.hosts {
		v.Hosts = append(v.Hosts, hostView{X: v.hostX(i), Name: cut(h, 40)})
	}
	y := ladderHead
	for i := range l.rungs {
		r := &l.rungs[i]
		y += ladderRow
		v.Rungs = append(v.Rungs, v.rung(r, y))
		if r.detail != "" {
			y += ladderDetail
		}
	}
	v.Bottom = y + 10
	v.Height = v.Bottom + 6
	return v
}

// hostX is where a host's line stands; details begin there and run to the
// right, so the lines stand in the left of their columns.
func (v *ladderView) hostX(host int) int { return ladderLeft + host*v.column + min(v.column/2, 120) }

func (l *ladderView) rung(r *rung, y int) rungView {
	x1, x2 := l.hostX(r.from), l.hostX(r.to)
	left := min(x1, x2)
	v := rungView{
		Y: y, TextY: y - 5, DetailY: y + 13,
		Time: fmt.Sprintf("%.3f", r.offset/1000), Step: fmt.Sprintf("%+.3f", r.delta/1000),
		X1: x1, X2: x2, Middle: (x1 + x2) / 2, TextX: left + 8,
		Arrow: x1 != x2, Label: r.text(), Detail: cut(r.detail, (l.Width-left-8)/ladderPerChar),
		Kind: r.kind, Media: r.kind == rungMedia, Y2: y - 3,
	}
	if v.Media {
		v.TextY -= 3
	}
	if !v.Arrow {
		return v
	}
	back := -9
	if x2 < x1 {
		back = 9
	}
	mid := y
	if v.Media {
		mid = y - 1
	}
	v.Head = fmt.Sprintf("%d,%d %d,%d %d,%d", x2, mid, x2+back, mid-5, x2+back, mid+5)
	return v
}
