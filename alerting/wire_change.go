package alerting

import (
	"math"
	"strconv"
)

// arrived tells of a value that is new, or back, and holds. Where the value
// that most had has not been heard since, a few more tell whether it is replaced.
func (u *wireUnit) arrived(t *wireTrait, kind wireKind, i int) {
	v := &t.values[i]
	o := t.formerly(v)
	if o != nil && float64(o.others)*o.share < wireReplaced {
		return
	}
	back := v.gone
	v.usual, v.gone = true, false
	text := wireNames[kind] + " " + v.shown()
	if o != nil {
		o.end()
	}
	switch {
	case o != nil && back:
		text += " again, instead of " + o.shown()
	case o != nil:
		text += " instead of " + o.shown()
	case back:
		text += " is back"
	default:
		text = "new " + text + ", " + sayPart(v.fresh, v.whole, wireNoun(kind)) + " since"
	}
	u.tell(v, v.since, text)
}

// wireNoun is what a kind is counted in.
func wireNoun(kind wireKind) string {
	if kind == wireHost {
		return "call"
	}
	return "stream"
}

// formerly is the usual value that most had and that was not heard since a new
// one came, nil where there is none.
func (t *wireTrait) formerly(v *wireValue) *wireValue {
	for i := range t.values {
		if o := &t.values[i]; o.usual && o != v && o.share >= 0.5 && o.last < v.since {
			return o
		}
	}
	return nil
}

// missed tells of a usual value that has come to an end.
func (u *wireUnit) missed(t *wireTrait, kind wireKind, i int) {
	v := &t.values[i]
	if !v.usual || v.share < wireUsualShare || v.units < wireLeastUsual || float64(v.others)*v.share < wireMissed {
		return
	}
	if max(u.w.now, u.start)-v.last < wireGoneAfter || t.usual() > wireFewUsual {
		return
	}
	v.end()
	u.tell(v, v.last, wireNames[kind]+" "+v.shown()+" is gone, "+strconv.FormatFloat(100*v.share, 'f', 0, 64)+" % of the "+wireNoun(kind)+"s before")
}

// end makes a usual value one that is gone: what comes of it from now on is new.
func (v *wireValue) end() {
	v.usual, v.gone, v.since, v.fresh, v.whole = false, true, math.MaxInt64, 0, 0
}

// usual counts the usual values.
func (t *wireTrait) usual() int {
	n := 0
	for i := range t.values {
		if t.values[i].usual {
			n++
		}
	}
	return n
}

// tell tells a change of a value, unless it comes and goes.
func (u *wireUnit) tell(v *wireValue, at int64, text string) {
	if day := u.w.now / wireDay; day != v.day {
		v.day, v.told = day, 0
	}
	if v.told >= maxWireSame {
		u.w.stats.Muted++
		return
	}
	v.told++
	u.w.tell(u.p, at, text)
}
