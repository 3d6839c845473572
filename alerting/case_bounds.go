package alerting

import (
	"fmt"
	"slices"
	"strconv"
)

// The longest lists of one case.
const (
	maxEvents      = 1000
	maxOccurrences = 200
	maxFaults      = 100 // of which the latest are known
	maxFingers     = 200 // of alerts
)

// routine are the updates that may be counted rather than kept: what the
// monitor says again and again. What people said, and the steps of a case's
// life, stay.
var routine = []UpdateKind{
	UpdateMeasured, UpdateRestored, UpdateImpaired, UpdateChanged, UpdateReminded, UpdateMayEscalate, UpdateWarned,
}

func (u *Update) routine() bool { return u.Author == MonitorAuthor && slices.Contains(routine, u.Kind) }

// sumUp makes one entry of the older half of the monitor's routine, and returns
// how many it now stands for that were told before.
func (c *Case) sumUp() int {
	total := 0
	for i := range c.Updates {
		if c.Updates[i].routine() {
			total++
		}
	}
	if total < 2 {
		return 0
	}
	sum := Update{Author: MonitorAuthor, Kind: UpdateSummed}
	counts := map[string]int{}
	kept := make([]Update, 0, len(c.Updates))
	gone, place := 0, 0
	for i := range c.Updates {
		u := &c.Updates[i]
		switch {
		case u.Kind == UpdateSummed:
			for _, f := range u.Fields {
				n, _ := strconv.Atoi(f.To) // as it was written here
				counts[f.Field] += n
			}
		case u.routine() && gone < total/2:
			counts[string(u.Kind)]++
			sum.Seq, sum.At = u.Seq, u.At
			gone, place = gone+1, len(kept)
		default:
			kept = append(kept, *u)
		}
	}
	all := 0
	for _, kind := range routine {
		if n := counts[string(kind)]; n > 0 {
			all += n
			sum.Fields = append(sum.Fields, FieldChange{Field: string(kind), To: strconv.Itoa(n)})
		}
	}
	sum.Text = fmt.Sprintf("%d older entries of the monitor are only counted.", all)
	c.Updates = slices.Insert(kept, place, sum)
	return gone
}

// boundEvents keeps a history short: of what is long ago, the shortest stops of
// a clock (a restoration that was taken back, a maintenance that is over) are
// left out, as though it had run on.
func boundEvents(list []CaseEvent) []CaseEvent {
	if len(list) <= maxEvents {
		return list
	}
	best := -1
	for i := 0; i+1 < len(list)/2; i++ {
		a, b := &list[i], &list[i+1]
		pair := a.What == ServiceRestored && b.What == ServiceImpaired || a.What == MaintenanceBegan && b.What == MaintenanceEnded
		if pair && (best < 0 || b.At.Sub(a.At) < list[best+1].At.Sub(list[best].At)) {
			best = i
		}
	}
	if best < 0 {
		return list
	}
	return slices.Delete(slices.Clone(list), best, best+2)
}

// lastOf keeps the latest entries of a list.
func lastOf[T any](list []T, most int) []T {
	if over := len(list) - most; over > 0 {
		return slices.Clone(list[over:])
	}
	return list
}
