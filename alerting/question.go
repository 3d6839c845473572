package alerting

import (
	"fmt"
	"time"
)

// Questions are the eight that support asks about every case, by number from 1.
var Questions = [...]string{
	"What happens, in detail?",
	"When does it occur, and when does it not?",
	"When did it start, and did it ever work?",
	"Are all users affected? If not, what do the affected have in common?",
	"Are all lines or calls affected? If not, what do the affected have in common?",
	"What has changed recently, and when?",
	"Call IDs of examples.",
	"Can it be reproduced, and how?",
}

// answers answers the eight questions about a case from what was measured. The
// fault is nil for a case that was opened by hand.
func answers(c *Case, f *Fault, changes []*NetworkChange, now time.Time) []Answer {
	list := make([]Answer, len(Questions))
	for i, q := range Questions {
		list[i] = Answer{Number: i + 1, Question: q, Text: "Not known yet."}
	}
	if f == nil {
		list[0].Text, list[0].Known = c.Description, c.Description != ""
		return list
	}
	list[0].Text, list[0].Known = describe(f), true
	list[2].Text, list[2].Known = fmt.Sprintf("It began at %s.", f.Began.UTC().Format("2006-01-02 15:04 UTC")), true
	return list
}
