package alerting

// maxMembers bounds the traffic that one explanation is sought in; of more a
// sample of calls is taken.
const maxMembers = 20_000

// selection says which units are compared.
type selection struct {
	calls bool   // calls and registrations, else streams
	mask  uint64 // of judgements: who was judged by one is a member, who was impaired is affected
	since uint32 // within the time from here
	until uint32 // of those that began until then; 0: now

	origins origins                            // streams whose impairment comes from another one are none
	without func(unit int32, last uint32) bool // affected units to leave out, by when they were impaired last; nil: none
	always  bool                               // whoever was judged before is unaffected: numbers tell, not shares
}

// unitCount is how many units of a sort there may be.
func (l *locator) unitCount(calls bool) int {
	if calls {
		return len(l.calls)
	}
	return len(l.streams)
}

// unitOf returns the ends of a unit, its marks, when it began and its call;
// false where it is none.
func (l *locator) unitOf(calls bool, i int32) (ends []end, marks []mark, start uint32, call int32, ok bool) {
	if calls {
		c := &l.calls[i]
		return c.ends[:], l.marksOfCall(i), seconds(c.start), i, c.used && c.ended
	}
	u := &l.streams[i]
	return u.ends[:], l.marksOf(i), seconds(u.key.start()), u.call, u.number != 0
}

// look tells of one unit whether it is a member, and whether it is affected.
func (l *locator) look(s *selection, i int32) (state marked, ok bool) {
	_, marks, start, _, used := l.unitOf(s.calls, i)
	if !used || s.until != 0 && start > s.until {
		return state, false
	}
	state = sum(marks, s.mask, s.since)
	if s.always {
		return state, state.seen != 0
	}
	if !state.judged || state.impaired && !s.calls && (l.excused(i, state.last) || s.origins.inherits(i)) {
		return state, false
	}
	return state, true
}

// members collects the traffic that a selection compares.
func (l *locator) members(s *selection) []member {
	sample := uint64(1)
	for l.unitCount(s.calls) > maxMembers*int(sample) {
		sample *= 2
	}
	list := l.buffer[:0]
	for i := range int32(l.unitCount(s.calls)) {
		state, ok := l.look(s, i)
		if !ok {
			continue
		}
		ends, _, _, call, _ := l.unitOf(s.calls, i)
		c := &l.calls[call]
		if c.key>>40&(sample-1) != 0 || state.impaired && s.without != nil && s.without(i, state.last) {
			continue
		}
		list = append(list, member{ends: ends, affected: state.impaired, weight: float64(int(1) << c.level)})
	}
	l.buffer = list
	return list
}
