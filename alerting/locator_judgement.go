package alerting

import (
	"fmt"
	"math"
)

// maxJudgements bounds how many different judgements of streams, and of calls,
// are kept with each of them: one bit of a mask each.
const maxJudgements = 64

// judgement is one way in which rules find streams or calls impaired. Rules with
// the same signal and limit share it.
type judgement struct {
	name string // what makes it the same
	rule *Rule  // the first with it
	info *signalInfo
}

// mark is what one judgement found of one unit, times in whole seconds of Unix
// time; 0 is never.
type mark struct {
	judged   uint32 // last
	impaired uint32 // last
	since    uint32 // impaired first
	worst    float32
}

// note takes one verdict on what went from one time to another, ns.
func (m *mark) note(from, to int64, impaired bool, v float64, below bool) {
	m.judged = max(m.judged, seconds(to))
	if !impaired {
		return
	}
	if m.impaired == 0 || v > float64(m.worst) != below {
		m.worst = float32(v)
	}
	if m.since == 0 || seconds(from) < m.since {
		m.since = seconds(from)
	}
	m.impaired = max(m.impaired, seconds(to))
}

// seconds is a time in ns as marks keep it.
func seconds(at int64) uint32 { return uint32(max(1, min(at/1e9, math.MaxUint32))) }

// judgements are those of one sort of unit.
type judgements []judgement

func (r *Rule) judgementName() string {
	return fmt.Sprint(r.Signal, " ", r.Limit, " ", r.Codes, " ", r.Statuses)
}

// of returns a rule's judgement, a new one where there is room, else none.
func (j *judgements) of(r *Rule) int32 {
	name := r.judgementName()
	for i := range *j {
		if (*j)[i].name == name {
			return int32(i)
		}
	}
	if len(*j) == maxJudgements {
		return none
	}
	*j = append(*j, judgement{name, r, r.info()})
	return int32(len(*j) - 1)
}

// with is the mask of the judgements by any of the signals.
func (j judgements) with(signals ...Signal) (mask uint64) {
	for i := range j {
		for _, s := range signals {
			if j[i].rule.Signal == s {
				mask |= 1 << i
			}
		}
	}
	return mask
}

// marked sums up marks: what those of a mask say of the time since a second.
type marked struct {
	judged, impaired bool
	first, last      uint32 // impaired, within the time
	seen             uint32 // judged last
}

func sum(marks []mark, mask uint64, since uint32) (s marked) {
	for i := range marks {
		m := &marks[i]
		if mask&(1<<i) == 0 || m.judged == 0 {
			continue
		}
		s.seen = max(s.seen, m.judged)
		if m.judged >= since {
			s.judged = true
		}
		if m.impaired >= since && m.impaired != 0 {
			s.impaired = true
			s.last = max(s.last, m.impaired)
			if first := max(m.since, since); s.first == 0 || first < s.first {
				s.first = first
			}
		}
	}
	return s
}
