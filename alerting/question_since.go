package alerting

// The share of affected traffic before a fault up to which it worked, and from
// which on it did not work then either.
const (
	workedShare = 0.05
	brokenShare = 0.50
)

// since answers the third question: when it started, and whether it ever worked.
func (q *inquiry) since() said {
	f := q.f
	start := "It began at " + f.Began.UTC().Format("2006-01-02 15:04:05 UTC") + ", with the first affected " + q.noun + "."
	if q.c.FirstSeen.Before(f.Began) && !q.c.FirstSeen.IsZero() {
		start = "It was seen first at " + sayTime(q.c.FirstSeen) + "; this time it began at " + sayTime(f.Began) + "."
	}
	if !f.Fired.IsZero() && f.Fired.After(f.Began) {
		start += " The first alert fired " + saySpan(f.Fired.Sub(f.Began)) + " later."
	}
	if surge := surgeText(f); surge != "" {
		return told(start, q.earlier(), "Before it things were as usual: "+surge+".")
	}
	b := &f.Before
	if b.From.IsZero() || b.Units == 0 {
		return untold(start, q.earlier(), "Whether it ever worked is not known: no "+q.noun+"s of the same kind were heard before it. "+
			"What would tell: records of earlier days (earshot calls find --before "+f.Began.UTC().Format("2006-01-02T15:04:05Z")+"), or those who use it.")
	}
	return told(start, q.earlier(), q.before())
}

// before says whether the same traffic was good before.
func (q *inquiry) before() string {
	b := &q.f.Before
	heard := "from " + sayPeriod(b.From, b.To) + " " + sayPart(b.Affected, b.Units, q.noun) + " of the same kind affected"
	switch share := b.share(); {
	case share <= workedShare:
		return "It did work before: " + heard + "."
	case share >= brokenShare:
		return "It has never been seen good: " + heard + ". It is older than its first alert."
	}
	return "It worked in part before: " + heard + "."
}

// earlier says that the case had spells before this fault began.
func (q *inquiry) earlier() string {
	var times []string
	for _, s := range q.occurrences() {
		if s.From.Before(q.f.Began) {
			times = append(times, sayTime(s.From))
		}
	}
	switch n := len(times); {
	case n == 0:
		return ""
	case n > 3:
		return "It had occurred " + sayTimes(n) + " before in this case, first at " + times[0] + "."
	default:
		return "It had occurred " + sayTimes(n) + " before in this case: at " + sayList(times) + "."
	}
}
