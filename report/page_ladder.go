package report

import "fmt"

// Measures of a ladder on a page, px.
const (
	ladderLeft    = 150 // times
	ladderColumn  = 250
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
		Desc:  fmt.Sprintf("%d messages and streams between %d hosts, in order of time", len(l.rungs), len(l.hosts)),
		Width: ladderLeft + max(2, len(l.hosts))*ladderColumn,
	}
	for i, h := range l.hosts {
		v.Hosts = append(v.Hosts, hostView{X: hostX(i), Name: cut(h, 40)})
	}
	y := ladderHead
	for i := range l.rungs {
		r := &l.rungs[i]
		y += ladderRow
		v.Rungs = append(v.Rungs, r.view(y, v.Width))
		if r.detail != "" {
			y += ladderDetail
		}
	}
	v.Bottom = y + 10
	v.Height = v.Bottom + 6
	return v
}

func hostX(column int) int { return ladderLeft + column*ladderColumn + ladderColumn/2 }

func (r *rung) view(y, wide int) rungView {
	x1, x2 := hostX(r.from), hostX(r.to)
	left := min(x1, x2)
	v := rungView{
		Y: y, TextY: y - 5, DetailY: y + 13,
		Time: fmt.Sprintf("%.3f", r.offset/1000), Step: fmt.Sprintf("%+.3f", r.delta/1000),
		X1: x1, X2: x2, Middle: (x1 + x2) / 2, TextX: left + 8,
		Arrow: x1 != x2, Label: r.text(), Detail: cut(r.detail, (wide-left-8)/ladderPerChar),
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
