package report

import (
	"cmp"
	"fmt"
	"strings"

	"earshot/dialog"
)

// callFacts is what is known of a call, line by line; lines that have nothing
// to say are left out. The terminal and the page show the same.
func callFacts(c *dialog.CallRecord) []fact {
	list := []fact{{"result", result(c)}, {"times", timesOf(c)}}
	add := func(name, text string) {
		if text != "" {
			list = append(list, fact{name, text})
		}
	}
	add("from", party(c.From, c.FromURI))
	add("to", party(c.To, c.ToURI))
	add("call-id", joined(c.CallIDs, 4))
	if len(c.Legs) > 1 {
		evidence := ""
		if len(c.LegEvidence) > 0 {
			evidence = ", joined by " + joined(c.LegEvidence, 4)
		}
		add("legs", fmt.Sprintf("%d hops%s", len(c.Legs), evidence))
	}
	add("transport", strings.ToUpper(clean(c.Transport, 16)))
	add("agents", joined(c.UserAgents, 4))
	if len(c.Offered)+len(c.AnsweredCodecs) > 0 {
		add("codecs", fmt.Sprintf("offered %s; answered %s", cmp.Or(joined(c.Offered, 12), none), cmp.Or(joined(c.AnsweredCodecs, 12), none)))
	}
	if c.Holds > 0 {
		add("holds", fmt.Sprintf("%d, %s in all", c.Holds, seconds(&c.HoldMS)))
	}
	for _, t := range c.Transfers[:min(len(c.Transfers), 8)] {
		status := "no outcome seen"
		if t.Status != nil {
			status = fmt.Sprintf("status %d", *t.Status)
		}
		add("transfer", fmt.Sprintf("%s %s to %s, %s", clockTime(t.At, true), clean(t.Kind, 16), clean(t.Target, maxText), status))
	}
	if c.Retransmissions > 0 {
		add("resent", plural(uint64(c.Retransmissions), "retransmission"))
	}
	if c.Truncated {
		add("seen", "only in part: the capture began or ended inside the call")
	}
	return list
}

// result is how the call came out, and who ended it.
func result(c *dialog.CallRecord) string {
	text := strings.ReplaceAll(string(c.Disposition), "_", " ")
	if c.FinalStatus != nil && c.Disposition != dialog.Answered {
		text += fmt.Sprintf(" (%d)", *c.FinalStatus)
	}
	if c.DurationMS != nil {
		text += ", talked " + talkTime(c.DurationMS)
	}
	switch c.EndedBy {
	case dialog.EndedByCaller, dialog.EndedByCallee:
		text += ", ended by the " + string(c.EndedBy)
	case dialog.EndedByTimeout:
		text += ", ended by timeout"
	case dialog.EndedByCapture:
		text += ", still up when the capture ended"
	}
	if reason := clean(c.Reason, maxText); reason != "" {
		text += ": " + reason
	}
	return text
}

// timesOf is when things happened, from the first INVITE.
func timesOf(c *dialog.CallRecord) string {
	text := none
	if c.Start != 0 {
		text = date(c.Start) + " " + clockTime(c.Start, true) + " UTC"
	}
	for _, at := range [...]struct {
		name string
		t    dialog.Time
	}{{"ringing", c.Ringing}, {"answered", c.Answer}, {"ended", c.End}} {
		if at.t != 0 {
			text += fmt.Sprintf(", %s %+.3f s", at.name, float64(at.t-c.Start)/1e9)
		}
	}
	for _, v := range [...]struct {
		name string
		ms   *float64
	}{{"PDD", c.PDDMS}, {"SRD", c.SetupMS}, {"SDD", c.DisconnectMS}} {
		if v.ms != nil {
			text += fmt.Sprintf("; %s %s", v.name, seconds(v.ms))
		}
	}
	return text
}

func party(name, uri string) string {
	name, uri = clean(name, maxText), clean(uri, maxText)
	if uri == "" || uri == name {
		return name
	}
	return name + " <" + uri + ">"
}

// joined lists texts out of packets, at most limit of them.
func joined(list []string, limit int) string {
	texts := make([]string, 0, limit)
	for _, v := range list[:min(len(list), limit)] {
		texts = append(texts, clean(v, maxText))
	}
	text := strings.Join(texts, ", ")
	if more := len(list) - limit; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
