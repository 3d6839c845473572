package alerting

import (
	"slices"
	"time"
)

// Course is how much was heard, and how much of it was affected, piece of time
// by piece of time. All pieces are equally long.
type Course struct {
	From    time.Time `json:"from,omitzero"` // of the first piece; zero: nothing was counted
	StepS   int       `json:"step_s"`        // length of a piece, seconds
	Inside  []Tally   `json:"inside"`        // with all of the factors
	Outside []Tally   `json:"outside"`       // comparable, and without one of the factors
}

// Tally is how many streams or calls there were, and how many of them were
// affected. A stream counts in every piece from its first packet to the last
// verdict on it, as affected from its first impaired interval to the last one.
type Tally [2]int

// Units is how many streams or calls there were.
func (t Tally) Units() int { return t[0] }

// Affected is how many of them were affected.
func (t Tally) Affected() int { return t[1] }

// Step is the length of a piece.
func (c *Course) Step() time.Duration { return time.Duration(c.StepS) * time.Second }

// maxPieces is how many pieces a course may have, before they become longer.
const maxPieces = 144

// courseSteps are the lengths of pieces, seconds; each divides the next one, so
// that longer pieces are counted from shorter ones without a fault.
var courseSteps = [...]uint32{300, 900, 3600, 4 * 3600, 24 * 3600}

// courseBefore is how long before a fault its course begins, seconds.
const courseBefore = 3600

// The rows of a course.
const (
	insideUnits = iota
	insideAffected
	outsideUnits
	outsideAffected
	courseRows
)

// course counts who was heard from one piece of time to another.
type course struct {
	size   int    // place in courseSteps
	first  uint32 // the number of the first piece since 1970
	pieces []coursePiece
}

// coursePiece is how many began to count in a piece, and how many counted in it
// last, by row.
type coursePiece struct{ began, ended [courseRows]int32 }

func (c *course) clone() course {
	c2 := *c
	c2.pieces = slices.Clone(c.pieces)
	return c2
}

// add counts n units from one second to another.
func (c *course) add(row int, from, to uint32, n int) {
	if to < from {
		return
	}
	c.reach(from, to)
	step := courseSteps[c.size]
	if to/step < c.first {
		return // longer ago than the longest pieces reach
	}
	c.pieces[max(from/step, c.first)-c.first].began[row] += int32(n)
	c.pieces[to/step-c.first].ended[row] += int32(n)
}

// reach makes pieces for a time, and all of them longer where they would be too
// many. Where none is longer, the oldest are forgotten.
func (c *course) reach(from, to uint32) {
	for ; ; c.lengthen() {
		step := courseSteps[c.size]
		low, high := from/step, to/step
		if n := uint32(len(c.pieces)); n > 0 {
			low, high = min(low, c.first), max(high, c.first+n-1)
		}
		longest := c.size == len(courseSteps)-1
		if high-low < maxPieces || longest {
			c.span(low, high)
			return
		}
	}
}

// span makes pieces from one number to another, the latest of them.
func (c *course) span(low, high uint32) {
	if high-low >= maxPieces {
		low = high - maxPieces + 1
	}
	if len(c.pieces) == 0 {
		c.first = low
	}
	if low < c.first {
		c.pieces = append(make([]coursePiece, c.first-low, high-low+1), c.pieces...)
		c.first = low
	}
	for ; c.first < low && len(c.pieces) > 0; c.first++ {
		c.drop()
	}
	c.first = max(c.first, low)
	for c.first+uint32(len(c.pieces)) <= high {
		c.pieces = append(c.pieces, coursePiece{})
	}
}

// drop forgets the first piece; what goes on behind it begins there.
func (c *course) drop() {
	gone := c.pieces[0]
	c.pieces = c.pieces[1:]
	if len(c.pieces) == 0 {
		return
	}
	for row := range courseRows {
		c.pieces[0].began[row] += gone.began[row] - gone.ended[row]
	}
}

// lengthen makes longer pieces of those that there are.
func (c *course) lengthen() {
	times := courseSteps[c.size+1] / courseSteps[c.size]
	c.size++
	var list []coursePiece
	first := c.first / times
	for i := range c.pieces {
		at := (c.first+uint32(i))/times - first
		if int(at) == len(list) {
			list = append(list, coursePiece{})
		}
		for row := range courseRows {
			list[at].began[row] += c.pieces[i].began[row]
			list[at].ended[row] += c.pieces[i].ended[row]
		}
	}
	c.first, c.pieces = first, list
}

// shown is the course as others see it.
func (c *course) shown() Course {
	s := Course{Inside: []Tally{}, Outside: []Tally{}}
	if len(c.pieces) == 0 {
		return s
	}
	step := courseSteps[c.size]
	s.From, s.StepS = unixTime(c.first*step), int(step)
	var going [courseRows]int32
	for i := range c.pieces {
		p := &c.pieces[i]
		for row := range courseRows {
			going[row] += p.began[row]
		}
		s.Inside = append(s.Inside, Tally{int(going[insideUnits]), int(going[insideAffected])})
		s.Outside = append(s.Outside, Tally{int(going[outsideUnits]), int(going[outsideAffected])})
		for row := range courseRows {
			going[row] -= p.ended[row]
		}
	}
	return s
}

// courseOf takes up a course that was shown: what was heard in each of its
// pieces counts there.
func courseOf(s *Course) course {
	size := slices.Index(courseSteps[:], uint32(max(0, s.StepS)))
	if size < 0 || s.From.IsZero() || len(s.Inside) != len(s.Outside) || len(s.Inside) > maxPieces {
		return course{}
	}
	c := course{size: size, first: seconds(unixNano(s.From)) / courseSteps[size]}
	for i := range s.Inside {
		var p coursePiece
		for row, n := range [courseRows]int{s.Inside[i].Units(), s.Inside[i].Affected(), s.Outside[i].Units(), s.Outside[i].Affected()} {
			p.began[row], p.ended[row] = int32(n), int32(n)
		}
		c.pieces = append(c.pieces, p)
	}
	return c
}

// goes counts units in the course of a fault that began then.
func (t *toll) goes(f *fault, inside bool, start uint32, state *marked, n int) {
	var floor uint32
	if f.began > courseBefore {
		floor = f.began - courseBefore
	}
	units, affected := outsideUnits, outsideAffected
	if inside {
		units, affected = insideUnits, insideAffected
	}
	t.course.add(units, max(start, floor), state.seen, n)
	if !state.impaired {
		return
	}
	from, to := min(max(state.first, start, floor), state.seen), state.last
	if to == 0 {
		to = state.seen // all that it did counts
	}
	t.course.add(affected, from, min(max(to, from), state.seen), n)
}
