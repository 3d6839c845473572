package alerting

import (
	"slices"
	"strings"
)

// Factors of users say who is affected, factors of calls which of their calls.
var (
	userFactors = []FactorName{FactorSite, FactorSource, FactorSink, FactorAgent}
	callFactors = []FactorName{FactorSegment, FactorTrunk, FactorPeer, FactorDirection, FactorCodec, FactorPoint}
)

// users answers the fourth question: whether all users are affected, and what
// the affected have in common.
func (q *inquiry) users() said {
	i := &q.f.Impact
	var who []string
	if i.Users > 0 {
		who = append(who, sayMany(i.Users, "user")+" (different addresses)")
	}
	if len(i.Sites) > 0 {
		who = append(who, sayMany(len(i.Sites), "site")+" ("+saySome(i.Sites, 8)+")")
	}
	affected := ""
	if len(who) > 0 {
		affected = "Affected: " + sayList(who) + "."
	}
	tables, differ := q.contrasts(userFactors)
	common := q.common(userFactors)
	switch {
	case common != "":
		return told("No. "+common, affected, tables)
	case tables == "" && affected == "":
		return untold("Not known: the users of the affected " + q.noun + "s were not compared. The addresses of the examples (question 7) would tell.")
	case tables == "" && len(i.Sites) == 1:
		return told("All affected users are at one site, "+i.Sites[0]+". Whether others there are spared was not compared.", affected)
	case tables == "" && len(i.Sites) > 1:
		return told("Users of several sites are affected, so no single site is to blame. Their networks and devices were not compared.", affected)
	case tables == "":
		return untold(affected, "What they have in common beside the traffic of question 5 is not known: their networks and devices were not compared. The addresses of the examples (question 7) would tell.")
	case !differ:
		return told("All users of this traffic, as far as heard: networks and devices make no difference.", affected, tables)
	}
	return told("Not all. What the affected have in common is the traffic of question 5; by users it looks like this:", affected, tables)
}

// calls answers the fifth question: whether all lines or calls are affected,
// and what the affected have in common.
func (q *inquiry) calls() said {
	tables, _ := q.contrasts(callFactors)
	if surge := surgeText(q.f); surge != "" {
		return told("No. "+capital(affectedKind(q.f).say(q.noun+"s"))+": "+surge+".", tables)
	}
	if text := extent(q.f); text != "" {
		lead := ""
		switch {
		case q.f.Outside.Units == 0:
		case q.f.Outside.share() < q.f.Inside.share()/2:
			lead = "No. "
		default:
			lead = "Yes, other traffic as well. "
		}
		return told(lead+capital(affectedKind(q.f).say(q.noun+"s"))+": "+text+".", tables)
	}
	i := &q.f.Impact
	if common := q.common(callFactors); common != "" && i.CallsTotal > 0 {
		return told(common+" "+capital(sayPart(i.Calls, i.CallsTotal, "comparable call"))+" are affected.", tables)
	}
	if tables != "" {
		return told(tables)
	}
	return untold("Not known: no unaffected " + q.noun + "s were heard beside the affected ones, so nothing can be compared. Traffic over another path, with another codec, would tell.")
}

// common says which of some factors the affected have in common, "" none.
func (q *inquiry) common(names []FactorName) string {
	var k kind
	for _, f := range q.f.Factors {
		if slices.Contains(names, f.Name) {
			k = append(k, f)
		}
	}
	if len(k) == 0 {
		return ""
	}
	return "The affected have in common: " + k.list() + "."
}

// list names the factors: "codec G729, trunk sip.example.com".
func (k kind) list() string {
	var list []string
	for _, name := range factorOrder {
		if v := k.value(name); v != "" {
			list = append(list, factorNouns[name]+" "+directionWord(name, v))
		}
	}
	return strings.Join(list, ", ")
}

// directionWord is a factor's value for people.
func directionWord(name FactorName, value string) string {
	if name != FactorDirection {
		return value
	}
	switch value {
	case "from_peer":
		return "from the peer"
	case "to_peer":
		return "to the peer"
	}
	return value
}

// maxValues is how many values of one factor are told.
const maxValues = 4

// contrasts says for each of some factors how much of the traffic with each of
// its values was affected, a factor a line; differ tells whether any makes a
// difference.
func (q *inquiry) contrasts(names []FactorName) (text string, differ bool) {
	var lines []string
	for _, name := range names {
		var list []Contrast
		for _, c := range q.f.Contrast {
			if c.Name == name && c.Total > 0 {
				list = append(list, c)
			}
		}
		if len(list) < 2 && kind(q.f.Factors).value(name) == "" || len(list) == 0 {
			continue
		}
		if name == FactorDirection && !differs(list) {
			continue // of calls both of its directions count
		}
		lines = append(lines, "By "+factorNouns[name]+": "+contrastLine(list)+".")
		differ = differ || differs(list)
	}
	return paragraphs(lines...), differ
}

// contrastLine tells the most affected values and then the least affected.
func contrastLine(list []Contrast) string {
	slices.SortStableFunc(list, func(a, b Contrast) int {
		if x, y := a.Affected*b.Total, b.Affected*a.Total; x != y {
			return y - x
		}
		return b.Total - a.Total
	})
	var texts []string
	for i, c := range list {
		if len(list) > maxValues && i >= maxValues/2 && i < len(list)-maxValues/2 {
			continue
		}
		texts = append(texts, directionWord(c.Name, c.Value)+" "+sayPart(c.Affected, c.Total, ""))
	}
	line := strings.Join(texts, ", ")
	if more := len(list) - maxValues; more > 0 {
		line += ", " + sayMany(more, "other") + " in between"
	}
	return line
}

// differs reports whether the values of a factor are affected by different
// shares: one at least four times as much as another, of enough traffic to tell.
func differs(list []Contrast) bool {
	least, most := 2.0, -1.0
	for _, c := range list {
		if c.Total < 5 {
			continue
		}
		share := float64(c.Affected) / float64(c.Total)
		least, most = min(least, share), max(most, share)
	}
	return most > 4*least
}
