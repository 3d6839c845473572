package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"earshot/dialog"
)

// maxLoose is how many streams of no call are shown beside calls.
const maxLoose = 5

// looseStreams counts the streams of no call and keeps the worst.
type looseStreams struct {
	count int
	worst []*dialog.StreamRecord // at most maxLoose, the worst first
}

func (l *looseStreams) add(s *dialog.StreamRecord) {
	l.count++
	at, _ := slices.BinarySearchFunc(l.worst, s, worseStream)
	for at < len(l.worst) && worseStream(l.worst[at], s) == 0 {
		at++ // of equals the first stays first
	}
	if at == maxLoose {
		return
	}
	l.worst = slices.Insert(l.worst, at, s)
	l.worst = l.worst[:min(len(l.worst), maxLoose)]
}

// worseStream orders by score, those without one last, then by loss.
func worseStream(a, b *dialog.StreamRecord) int {
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		-cmp.Compare(a.LossRatio, b.LossRatio),
		-cmp.Compare(a.Packets, b.Packets),
	)
}

// rank is the score that orders streams; none is better than any.
func rank(s *dialog.StreamRecord) float64 {
	if s == nil || s.MOS.LQ == nil {
		return 5
	}
	return *s.MOS.LQ
}

func (l *looseStreams) write(w io.Writer, s Style) {
	if l.count == 0 {
		return
	}
	title := plural(uint64(l.count), "stream") + " of no call"
	if l.count > len(l.worst) {
		title += fmt.Sprintf("; the worst %d (--streams shows all)", len(l.worst))
	}
	io.WriteString(w, "\n"+s.paint(heading, title)+"\n")
	var t Streams
	for _, r := range l.worst {
		t.Add(r)
	}
	t.table(w, s)
}
