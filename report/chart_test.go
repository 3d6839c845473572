package report

import (
	"math"
	"slices"
	"strings"
	"testing"

	"earshot/dialog"
)

// steps is a timeline of 5-second intervals; the first is cut short by the
// stream's beginning at 14:03:12, and one is missing where nothing was sent.
func steps() *dialog.StreamRecord {
	s := voice("s1", "from_caller", "198.18.0.1:4000", "203.0.113.9:6000", 12, 4.0)
	s.Timeline = []dialog.IntervalRecord{
		{Start: at(2), Packets: 150, JitterMS: 1},
		{Start: at(5), Packets: 250, Lost: 8, JitterMS: 2, MOS: new(3.0)},
		{Start: at(10), Packets: 250, Late: 4, JitterMS: 8, MOS: new(3.7)},
		{Start: at(20), Packets: 250, Lost: 4, JitterMS: 4, MOS: new(4.4)},
		{Start: at(25), Packets: 250, Lost: 2, JitterMS: 4, MOS: new(4.4), Suspect: true},
	}
	return s
}

func TestChart(t *testing.T) {
	c := chartOf(steps(), 60)
	if c.start != at(0) || c.slotNS != 5e9 || c.end() != at(30) {
		t.Fatalf("from %v, %d ns a slot, to %v", c.start, c.slotNS, c.end())
	}
	if want := []float64{0, 8, 0, 0, 4, 2}; !slices.Equal(c.lost, want) {
		t.Errorf("lost %v, want %v", c.lost, want)
	}
	if want := []float64{0, 0, 4, 0, 0, 0}; !slices.Equal(c.late, want) {
		t.Errorf("late %v, want %v", c.late, want)
	}
	if !math.IsNaN(c.jitter[3]) || !math.IsNaN(c.mos[0]) || c.mos[1] != 3.0 {
		t.Errorf("jitter %v, MOS %v", c.jitter, c.mos)
	}
}

// More steps than slots: counts add up, the worst of the rest is kept.
func TestChartMerges(t *testing.T) {
	c := chartOf(steps(), 3)
	if want := []float64{8, 0, 6}; !slices.Equal(c.lost, want) {
		t.Errorf("lost %v, want %v", c.lost, want)
	}
	if c.jitter[1] != 8 || c.mos[0] != 3.0 || c.mos[2] != 4.4 || !c.suspect[2] {
		t.Errorf("jitter %v, MOS %v, suspect %v", c.jitter, c.mos, c.suspect)
	}
}

func TestChartOnATerminal(t *testing.T) {
	got := written(func(b *strings.Builder) { chartOf(steps(), 60).write(b, Style{Width: 100}) })
	// Eight columns a slot. Lost: 0, 8 of 8, 0, 0, 4 of 8 (height 4 of 0..7),
	// suspect. MOS 3.0 of 1..4.5: (3-1)/3.5*8 = 4.57; 3.7: 6.17; 4.4: 7.77.
	x := func(bars string) string {
		var b strings.Builder
		for _, r := range bars {
			b.WriteString(strings.Repeat(string(r), 8))
		}
		return b.String()
	}
	want := strings.Join([]string{
		"  lost    " + x("▁█▁▁▅░") + "  at most 8 in 5 s",
		"  late    " + x("▁▁█▁▁░") + "  at most 4 in 5 s",
		"  jitter  " + x("▂▃█ ▅░") + "  1.0 to 8.0 ms",
		"  MOS-LQ  " + x(" ▅▇ █░") + "  3.00 to 4.40",
		"          14:03:10" + strings.Repeat(" ", 32) + "14:03:40 UTC   ░ the capture lost packets",
		"",
	}, "\n")
	compare(t, got, want)
}

func TestChartOfNothing(t *testing.T) {
	s := steps()
	s.Timeline = s.Timeline[:1]
	if c := chartOf(s, 60); len(c.lost) != 1 {
		t.Errorf("one interval gives %d slots", len(c.lost))
	}
	s.Timeline = nil
	if chartOf(s, 60) != nil {
		t.Error("a chart of nothing")
	}
}

// Times that make no sense give a chart of some kind, and no panic.
func FuzzChart(f *testing.F) {
	f.Add(int64(0), int64(5e9), int64(10e9), 60)
	f.Add(int64(1<<62), int64(-1<<62), int64(7), 3)
	f.Fuzz(func(t *testing.T, a, b, c int64, slots int) {
		s := steps()
		s.Timeline = []dialog.IntervalRecord{{Start: dialog.Time(a)}, {Start: dialog.Time(b)}, {Start: dialog.Time(c)}}
		slots = slots & 0x3ff
		if chart := chartOf(s, slots); chart != nil && len(chart.lost) > slots {
			t.Fatalf("%d slots, at most %d wanted", len(chart.lost), slots)
		}
		if chart := chartOf(s, chartMaxSlots); chart != nil && len(chart.view("id", "title").Ticks) > 101 {
			t.Fatal("an axis that is all ticks")
		}
	})
}

func TestNice(t *testing.T) {
	for v, want := range map[float64]float64{0: 1, 0.3: 0.5, 1: 1, 30: 50, 51: 100, 7: 10, 2: 2} {
		if got := nice(v); math.Abs(got-want) > 1e-12 {
			t.Errorf("nice(%g) = %g, want %g", v, got, want)
		}
	}
}
