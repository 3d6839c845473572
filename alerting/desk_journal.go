package alerting

import "slices"

// Append adds a later journal to one that could not be kept yet, so that both
// are kept as one.
func (j *Journal) Append(later Journal) {
	for _, c := range later.Cases {
		i := slices.IndexFunc(j.Cases, func(old *Case) bool { return old.Number == c.Number })
		if i < 0 {
			j.Cases = append(j.Cases, c)
			continue
		}
		j.Cases[i] = c
	}
	j.Changes = append(j.Changes, later.Changes...)
	j.Audit = append(j.Audit, later.Audit...)
	j.Foreign = append(j.Foreign, later.Foreign...)
}
