package alerting

import "reflect"

// SetRules takes other rules. What did not change keeps its windows and
// alerts; an alert of a rule that is another one now, or none, ends as
// inactive: it was not seen to be over.
func (e *Engine) SetRules(set *RuleSet) {
	old := e.rules
	e.cfg.Rules, e.rules = set, nil
	for i := range set.Rules {
		rs := takeUnchanged(old, &set.Rules[i])
		if rs == nil {
			rs = e.newRuleState(&set.Rules[i])
		}
		e.rules = append(e.rules, rs)
	}
	for _, rs := range old {
		if rs != nil {
			rs.withdraw(e)
		}
	}
	e.rewire()
}

// takeUnchanged takes the state of a rule out of the list, nil where it has none.
func takeUnchanged(old []*ruleState, r *Rule) *ruleState {
	for i, rs := range old {
		if rs != nil && reflect.DeepEqual(rs.Rule, r) {
			old[i] = nil
			return rs
		}
	}
	return nil
}

// withdraw ends a rule.
func (rs *ruleState) withdraw(e *Engine) {
	for i, set := range rs.list {
		if set == nil {
			continue
		}
		if set.state != Inactive {
			rs.change(e, set, Inactive, CauseRuleEnded)
		}
		rs.drop(e, int32(i))
	}
}

// rewire is wire for streams that are alive: they keep what rules know of them.
func (e *Engine) rewire() {
	before := e.streams
	slotOf := map[*ruleState]int{}
	for _, rs := range e.feeds[fromIntervals] {
		slotOf[rs] = rs.slot
	}
	e.wire()
	after := &e.streams
	after.life, after.hand = before.life, before.hand
	after.index, after.list, after.free = before.index, before.list, before.free
	after.slots = make([]streamSlot, len(after.list)*after.rules)
	for i := range after.list {
		from, to := before.of(int32(i)), after.of(int32(i))
		for _, rs := range e.feeds[fromIntervals] {
			if s, kept := slotOf[rs]; kept {
				to[rs.slot] = from[s]
			}
		}
	}
}
