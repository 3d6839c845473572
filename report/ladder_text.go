package report

import (
	"fmt"
	"io"
	"strings"
)

// Measures of a ladder on a terminal, columns.
const (
	ladderTimes  = 20 // "  12.345    +0.102  "
	ladderGapMin = 22 // below that a label has no room, and the ladder becomes a list
	ladderGapMax = 40
)

// write draws the ladder; too many hosts for the terminal's width make it a list.
func (l *ladder) write(w io.Writer, s Style) {
	if len(l.rungs) == 0 {
		io.WriteString(w, "  no messages kept\n")
		return
	}
	gap := min(ladderGapMax, (s.columns()-ladderTimes)/max(1, len(l.hosts)))
	if gap < ladderGapMin || len(l.hosts) < 2 {
		l.list(w, s)
		return
	}
	p := ladderPen{w: w, style: s, gap: gap, hosts: len(l.hosts)}
	p.heads(l.hosts)
	for i := range l.rungs {
		p.rung(&l.rungs[i])
	}
}

// list writes the ladder without columns: hosts have letters.
func (l *ladder) list(w io.Writer, s Style) {
	for i, h := range l.hosts {
		fmt.Fprintf(w, "  %c = %s\n", 'A'+i, h)
	}
	for i := range l.rungs {
		r := &l.rungs[i]
		way := "     "
		if r.from != r.to {
			way = fmt.Sprintf("%c %s %c", 'A'+r.from, r.line("→", "⇒"), 'A'+r.to)
		}
		io.WriteString(w, r.times()+way+"  "+s.paint(r.kind.color(), cut(r.text(), s.columns()-ladderTimes-8))+"\n")
		if r.detail != "" {
			io.WriteString(w, strings.Repeat(" ", ladderTimes+7)+s.paint(faint, cut(r.detail, s.columns()-ladderTimes-8))+"\n")
		}
	}
}

// times are the offset from the first rung and the step from the one before.
func (r *rung) times() string {
	return fmt.Sprintf("%9.3f %+9.3f ", r.offset/1000, r.delta/1000)
}

// line is single for signalling and double for media.
func (r *rung) line(single, double string) string {
	if r.kind == rungMedia {
		return double
	}
	return single
}

// text is the label, with a mark where the message was sent again.
func (r *rung) text() string {
	if r.resent {
		return "↻ " + r.label
	}
	return r.label
}

// ladderPen draws the columns of a ladder line by line.
type ladderPen struct {
	w          io.Writer
	style      Style
	gap, hosts int
}

// at is where a host's line stands.
func (p *ladderPen) at(host int) int { return ladderTimes + p.gap/2 + host*p.gap }

func (p *ladderPen) heads(hosts []string) {
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", ladderTimes))
	for _, h := range hosts {
		b.WriteString(centre(cut(h, p.gap-2), p.gap, " "))
	}
	io.WriteString(p.w, p.style.paint(strong, strings.TrimRight(b.String(), " "))+"\n")
}

// lines are the hosts' lines in the columns from..to of the terminal.
func (p *ladderPen) lines(from, to int) string {
	var b strings.Builder
	host := 0
	for x := from; x < to; x++ {
		for host < p.hosts && p.at(host) < x {
			host++
		}
		if host < p.hosts && p.at(host) == x {
			b.WriteRune('│')
			continue
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// rung draws one rung: its arrow, and its detail on the line below.
func (p *ladderPen) rung(r *rung) {
	left, right := p.at(min(r.from, r.to)), p.at(max(r.from, r.to))
	end := p.at(p.hosts-1) + 1
	if r.from == r.to {
		text := " " + cut(r.text(), end-left-2)
		p.print(r.times()+p.lines(ladderTimes, left+1), text, r.kind.color(), p.lines(left+1+width(text), end))
	} else {
		p.print(r.times()+p.lines(ladderTimes, left+1), p.arrow(r, right-left-1), r.kind.color(), p.lines(right, end))
	}
	if r.detail == "" {
		return
	}
	text := " " + cut(r.detail, p.style.columns()-left-2)
	p.print(strings.Repeat(" ", ladderTimes)+p.lines(ladderTimes, left+1), text, faint, p.lines(left+1+width(text), end))
}

func (p *ladderPen) print(before, text string, c color, after string) {
	io.WriteString(p.w, strings.TrimRight(before+p.style.paint(c, text)+after, " ")+"\n")
}

// arrow is the rung's line with its label in the middle, exactly wide columns.
func (p *ladderPen) arrow(r *rung, wide int) string {
	dash := r.line("─", "═")
	shaft := dash + centre(" "+cut(r.text(), wide-6)+" ", wide-2, dash)
	if r.from < r.to {
		return shaft + "▶"
	}
	return "◀" + strings.TrimPrefix(shaft, dash) + dash
}
