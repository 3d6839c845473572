package alerting

// maxRelated is how many related cases are named.
const maxRelated = 5

// relate returns the cases that have to do with one, the telling ones first.
func relate(c *Case, others []*Case) []Relation {
	var list []Relation
	for _, o := range others {
		if o.Number != c.Number && o.Segment != "" && o.Segment == c.Segment && len(list) < maxRelated {
			list = append(list, Relation{o.Number, "same segment"})
		}
	}
	return list
}
