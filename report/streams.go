package report

import (
	"cmp"
	"io"
	"math"
	"slices"
	"strconv"
	"unique"

	"earshot/dialog"
)

// Streams is the table of RTP streams. It keeps rows, never records. The zero
// value is ready.
type Streams struct {
	rows []streamRow
}

// streamRow is what a table keeps of one stream.
type streamRow struct {
	start, end                 dialog.Time
	src, dst, ssrc             string
	codec                      unique.Handle[string]
	arrow                      string
	packets, lost, late, extra uint64
	voice                      voiceRow
	jitterMaxMS, deltaMaxMS    float32
	clockInferred              bool
}

// Add takes one stream.
func (t *Streams) Add(s *dialog.StreamRecord) {
	t.rows = append(t.rows, streamRow{
		start: s.Start, end: s.End, src: s.Src.String(), dst: s.Dst.String(), ssrc: s.SSRC,
		codec: unique.Make(codecOf(s)), arrow: cmp.Or(arrowOf(s), none),
		packets: s.Packets, lost: s.Lost, late: s.Late.Adaptive, extra: s.Duplicates + s.Reordered,
		voice: voiceRowOf(s), jitterMaxMS: float32(s.JitterMS.Max), deltaMaxMS: float32(s.DeltaMaxMS),
		clockInferred: s.ClockInferred,
	})
}

// Write writes the table, in order of start.
func (t *Streams) Write(w io.Writer, s Style) {
	if len(t.rows) == 0 {
		io.WriteString(w, s.paint(strong, "No RTP streams to show.")+"\n"+
			"If there should be some: leave out the filters, and check what was skipped below.\n")
		return
	}
	slices.SortStableFunc(t.rows, func(a, b streamRow) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.src, b.src), cmp.Compare(a.dst, b.dst), cmp.Compare(a.ssrc, b.ssrc))
	})
	t.table(w, s)
}

func (t *Streams) table(w io.Writer, s Style) {
	g := grid{
		rows: len(t.rows),
		row:  t.cells,
		above: func(i int) string {
			if today := date(t.rows[i].start); i == 0 || today != date(t.rows[i-1].start) {
				return today + " UTC"
			}
			return ""
		},
		columns: []column{
			{title: "START"},
			{title: "LENGTH", right: true, leave: 5},
			{title: "SOURCE", least: 18, first: true},
			{title: "DESTINATION", least: 18, first: true},
			{title: "SSRC", leave: 2},
			{title: "CALL", leave: 4},
			{title: "CODEC", least: 4, leave: 6},
			{title: "PACKETS", right: true, leave: 3},
			{title: "LOST", right: true, leave: 3},
			{title: "LOSS%", right: true},
			{title: "LATE", right: true, leave: 1},
			{title: "DUP+REORD", right: true, leave: 1},
			{title: "JITTER", right: true},
			{title: "MAX", right: true, leave: 1},
			{title: "DELTA", right: true, leave: 1},
			{title: "MOS ", right: true},
		},
	}
	g.write(w, s)
}

func (t *Streams) cells(i int, cells []cell) {
	r := &t.rows[i]
	length := float64(r.end-r.start) / 1e6
	cells[0] = cell{text: clockTime(r.start, false)}
	cells[1] = cell{text: talkTime(&length)}
	cells[2] = cell{text: r.src}
	cells[3] = cell{text: r.dst}
	cells[4] = cell{text: r.ssrc, color: faint}
	cells[5] = cell{text: r.arrow}
	cells[6] = cell{text: r.codec.Value()}
	if r.clockInferred {
		cells[6].text += " (clock inferred)"
	}
	cells[7] = cell{text: strconv.FormatUint(r.packets, 10)}
	cells[8] = cell{text: strconv.FormatUint(r.lost, 10)}
	var voice [3]cell
	r.voice.cells(voice[:])
	cells[9] = voice[0]
	cells[10] = cell{text: strconv.FormatUint(r.late, 10)}
	cells[11] = cell{text: strconv.FormatUint(r.extra, 10)}
	cells[12] = voice[1]
	cells[13] = cell{text: milliseconds(float64(r.jitterMaxMS))}
	cells[14] = cell{text: strconv.FormatFloat(math.Round(float64(r.deltaMaxMS)), 'f', 0, 64)}
	cells[15] = voice[2]
}
