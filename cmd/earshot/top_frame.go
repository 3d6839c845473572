package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"earshot/web"
)

// frame draws one picture, line by line.
func (t *topScreen) frame(s *web.Summary, streams []web.Stream) []string {
	lines := t.header(s)
	lines = append(lines, "")
	segments := segmentTable(s.Segments)
	lines = append(lines, segments.lines(t.style.Width, t.style.Color)...)
	lines = append(lines, "")
	room := len(streams)
	if t.height > 0 {
		room = max(0, min(room, t.height-len(lines)-1))
	}
	worst := streamTable(streams[:room])
	lines = append(lines, worst.lines(t.style.Width, t.style.Color)...)
	if t.height > 0 && len(lines) > t.height {
		lines = lines[:t.height]
	}
	return lines
}

func (t *topScreen) line(cells ...cell) string {
	return paintLine(cells, t.style.Width, t.style.Color)
}

// header is the probe at a glance.
func (t *topScreen) header(s *web.Summary) []string {
	state := cell{"ready", sgrGood}
	switch {
	case t.failed != nil:
		state = cell{"NO ANSWER: " + t.failed.Error(), sgrBad}
	case !s.Ready:
		state = cell{"NOT READY: " + printable(s.Reason), sgrBad}
	case t.paused:
		state = cell{"paused", sgrFair}
	}
	title := []cell{
		{"earshot " + printable(s.Version), sgrStrong}, {"  " + t.url + "  ", sgrFaint},
		{clock(int64(s.At)) + "  ", ""}, state,
	}
	lag := cell{fmt.Sprintf("%.1f s", s.LagSeconds), ""}
	if s.LagSeconds >= lagTooLong {
		lag.color = sgrBad
	}
	figures := []cell{
		{"calls ", sgrFaint}, {strconv.Itoa(s.ActiveCalls), sgrStrong}, {"  streams ", sgrFaint}, {strconv.Itoa(s.ActiveStreams), sgrStrong},
		{"  packets/s ", sgrFaint}, {short(s.Rates.Packets), ""}, {"  SIP/s ", sgrFaint}, {short(s.Rates.SIPMessages), ""},
		{"  calls ended/s ", sgrFaint}, {short(s.Rates.Calls), ""}, {"  lag ", sgrFaint}, lag,
	}
	return []string{t.line(title...), t.line(figures...), t.line(drops(s)...), t.line(responses(s)...)}
}

// lagTooLong is when packet time is too far behind the clock, s.
const lagTooLong = 5

// drops is what the probe itself lost.
func drops(s *web.Summary) []cell {
	line := []cell{{"dropped/s ", sgrFaint}}
	now := 0.0
	for _, d := range []struct {
		name string
		rate float64
	}{{"kernel", s.DropRates.Kernel}, {"ring", s.DropRates.Ring}, {"queue", s.DropRates.Queue}, {"table full", s.DropRates.TableFull}} {
		figure := cell{short(d.rate), ""}
		if d.rate > 0 {
			figure.color = sgrBad
		}
		now += d.rate
		line = append(line, cell{" " + d.name + " ", sgrFaint}, figure, cell{" ", ""})
	}
	total := s.Drops.Kernel + s.Drops.Ring + s.Drops.Queue + s.Drops.TableFull
	line = append(line, cell{" since the start ", sgrFaint}, cell{short(total), ""})
	if now > 0 {
		line = append(line, cell{"  figures of now are marked suspect", sgrBad})
	}
	return line
}

// responses are SIP responses by class.
func responses(s *web.Summary) []cell {
	line := []cell{{"responses/s ", sgrFaint}}
	for _, class := range []string{"1xx", "2xx", "3xx", "4xx", "5xx", "6xx"} {
		figure := cell{short(s.Responses[class]), ""}
		if class >= "5xx" && s.Responses[class] > 0 {
			figure.color = sgrBad
		}
		line = append(line, cell{" " + class + " ", sgrFaint}, figure)
	}
	return line
}

// segmentTable is how each segment sounds.
func segmentTable(segments []web.SegmentFigures) *topTable {
	t := &topTable{columns: []column{
		{"SEGMENT", false, 9}, {"DIRECTION", false, 8}, {"MOS", true, 9}, {"1 TO 4.5", false, 2}, {"WORST", true, 3},
		{"1 MIN", true, 4}, {"LOSS", true, 7}, {"JITTER ms", true, 6}, {"INTERVALS", true, 1}, {"SUSPECT", true, 0},
	}}
	for i := range segments {
		s := &segments[i]
		if s.Last.Intervals+s.Last.Suspect+s.Minute.Intervals+s.Minute.Suspect == 0 {
			continue // nothing was heard there for a minute
		}
		t.rows = append(t.rows, []cell{
			{printable(s.Segment), ""}, {s.Direction, sgrFaint}, score(s.Last.MOS), bar(s.Last.MOS), score(s.Last.MOSMin),
			score(s.Minute.MOS), share(s.Last.LossRatio), figure(s.Last.JitterMS), {strconv.FormatUint(s.Last.Intervals, 10), ""}, suspects(s.Last.Suspect),
		})
	}
	if len(t.rows) == 0 {
		t.rows = [][]cell{append([]cell{{"no media heard yet", sgrFaint}}, make([]cell, len(t.columns)-1)...)}
	}
	return t
}

// streamTable is the worst streams.
func streamTable(streams []web.Stream) *topTable {
	t := &topTable{columns: []column{
		{"MOS", true, 9}, {"MIN", true, 3}, {"LOSS", true, 8}, {"JITTER ms", true, 7}, {"CODEC", false, 5}, {"SEGMENT", false, 6},
		{"FROM", false, 4}, {"TO", false, 4}, {"CALL", false, 7}, {"", false, 1},
	}}
	for i := range streams {
		s := &streams[i]
		mark := cell{}
		if s.Suspect {
			mark = cell{"suspect", sgrFair}
		}
		t.rows = append(t.rows, []cell{
			score(known(s.MOS)), score(known(s.MOSMin)), share(&s.LossRatio), figure(&s.JitterMS), {printable(s.Codec), ""},
			{printable(s.Segment), ""}, {s.Src.String(), ""}, {s.Dst.String(), ""}, {printable(s.Call), sgrFaint}, mark,
		})
	}
	return t
}

// clock is packet time as people of this place read it.
func clock(ns int64) string {
	if ns == 0 {
		return "no packet yet"
	}
	return time.Unix(0, ns).Format("2006-01-02 15:04:05")
}

// known is nil for a score of 0, which stands for none.
func known(mos float64) *float64 {
	if mos == 0 {
		return nil
	}
	return &mos
}

// noFigure stands where nothing was measured.
const noFigure = "–"

// score paints a MOS by the bands that report has: G.109's 4.0 and 3.6.
func score(mos *float64) cell {
	switch {
	case mos == nil:
		return cell{noFigure, sgrFaint}
	case *mos >= 4.0:
		return cell{fmt.Sprintf("%.2f", *mos), sgrGood}
	case *mos >= 3.6:
		return cell{fmt.Sprintf("~%.2f", *mos), sgrFair}
	}
	return cell{fmt.Sprintf("!%.2f", *mos), sgrBad}
}

// barCells is how long a bar is.
const barCells = 20

// bar draws a MOS from 1 to 4.5.
func bar(mos *float64) cell {
	if mos == nil {
		return cell{strings.Repeat("·", barCells), sgrFaint}
	}
	full := int((*mos-1)/3.5*barCells + 0.5)
	full = max(0, min(full, barCells))
	return cell{strings.Repeat("█", full) + strings.Repeat("·", barCells-full), score(mos).color}
}

func share(ratio *float64) cell {
	if ratio == nil {
		return cell{noFigure, sgrFaint}
	}
	c := cell{fmt.Sprintf("%.2f%%", *ratio*100), ""}
	if *ratio >= 0.01 {
		c.color = sgrBad
	}
	return c
}

func figure(v *float64) cell {
	if v == nil {
		return cell{noFigure, sgrFaint}
	}
	return cell{fmt.Sprintf("%.1f", *v), ""}
}

func suspects(n uint64) cell {
	if n == 0 {
		return cell{"0", sgrFaint}
	}
	return cell{strconv.FormatUint(n, 10), sgrFair}
}

// short writes a figure in at most five characters.
func short(v float64) string {
	switch {
	case v >= 999_500:
		return fmt.Sprintf("%.1fM", v/1e6)
	case v >= 9_995:
		return fmt.Sprintf("%.1fk", v/1e3)
	case v >= 99.5 || v == 0:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}
