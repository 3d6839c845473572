package alerting

import (
	"fmt"
	"strings"
)

// byForeign answers about a case of another system's alerts: what they say, and
// where the calls of the time tell more.
func byForeign(c *Case, change said) [len(Questions)]said {
	f := c.Foreign
	find := findCommand(c.Segment, c.FirstSeen)
	list := [len(Questions)]said{5: change}
	list[0] = told(c.Description, fmt.Sprintf("So says %s; Earshot itself has not measured it. Its alerts so far: %d.", f.Source, f.Alerts))
	var spells []string
	for _, o := range c.Occurrences {
		to := "still going on"
		if !o.To.IsZero() {
			to = "to " + sayTime(o.To)
		}
		spells = append(spells, "- from "+sayTime(o.From)+" "+to)
	}
	list[1] = told("As "+f.Source+" tells it:", strings.Join(spells, "\n"))
	list[2] = told("It began at "+sayTime(c.FirstSeen)+", as "+f.Source+" tells it.", "Whether it worked before, the calls of the hour before tell: "+find)
	list[3] = untold("Not measured by Earshot: the alerts' labels say what they are about. The calls of the time tell whether anybody heard it: " + find)
	list[4] = untold("Not measured by Earshot. The calls of the time, good ones and bad ones: " + find)
	list[6] = untold("The alerts name none. Those of the time: " + find)
	list[7] = told(fmt.Sprintf("It came %s so far.", sayTimes(len(c.Occurrences))))
	return list
}
