package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"earshot/dialog"
	"earshot/pipeline"
)

// Overview is what a whole run saw.
type Overview struct {
	Files       []string
	Summary     pipeline.Summary
	Elapsed     time.Duration // wall time; shown to people, never in the JSON
	Interrupted bool          // stopped before the end of the files
	Quiet       bool          // Write writes nothing
}

// fact is one line of an overview.
type fact struct{ Name, Text string }

// Write writes the overview's lines for a terminal.
func (o Overview) Write(w io.Writer, s Style) {
	if o.Quiet {
		return
	}
	io.WriteString(w, "\n")
	writeFacts(w, s, o.facts())
	if o.Interrupted {
		io.WriteString(w, s.paint(fair, "~ Interrupted: this is what was seen until then.")+"\n")
	}
}

// facts are the overview's lines; those that have nothing to say are left out.
func (o Overview) facts() []fact {
	sum := &o.Summary
	list := []fact{{"files", fileNames(o.Files)}, {"packets", o.packets()}}
	if n := sum.SIPMessages + sum.RTPPackets + sum.RTCPPackets; n > 0 {
		list = append(list, fact{"of those", fmt.Sprintf("%s RTP, %s RTCP, %s",
			count(sum.RTPPackets), count(sum.RTCPPackets), plural(sum.SIPMessages, "SIP message"))})
	}
	t := &sum.Totals
	list = append(list, fact{"found", fmt.Sprintf("%s, %s, %s",
		plural(t.Calls, "call"), plural(t.Streams, "stream"), plural(t.Transactions, "other transaction"))})
	if text := ratios(&t.KPI); text != "" {
		list = append(list, fact{"calls", text})
	}
	if k := &t.KPI; k.Registers > 0 {
		list = append(list, fact{"registers", fmt.Sprintf("%s, %s failed, IRA %s %%", plural(k.Registers, "attempt"),
			count(k.RegisterFailures), percentage(float64(k.RegisterFailures)/float64(k.Registers)))})
	}
	if text := times(&t.KPI); text != "" {
		list = append(list, fact{"times", text})
	}
	if text := byCount(sum.Skipped); text != "" {
		list = append(list, fact{"skipped", text})
	}
	if text := o.trouble(); text != "" {
		list = append(list, fact{"~ trouble", text})
	}
	if text := byCount(sum.Refused); text != "" {
		list = append(list, fact{"~ refused", "tables were full: " + text})
	}
	if o.Elapsed > 0 {
		list = append(list, fact{"took", fmt.Sprintf("%s, %s packets/s", span(o.Elapsed), count(uint64(float64(sum.Packets)/o.Elapsed.Seconds())))})
	}
	return list
}

// maxFiles is how many files are named.
const maxFiles = 3

func fileNames(files []string) string {
	names := baseNames(files)
	for i := range names {
		names[i] = clean(names[i], 60)
	}
	if more := len(names) - maxFiles; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxFiles], ", "), more)
	}
	if len(names) == 0 {
		return none
	}
	return strings.Join(names, ", ")
}

func (o Overview) packets() string {
	sum := &o.Summary
	text := fmt.Sprintf("%s (%s)", count(sum.Packets), octets(sum.Bytes))
	if period := o.period(); period != "" {
		return text + ", " + period
	}
	return text
}

// period is when the packets were captured, "" where there were none.
func (o Overview) period() string {
	sum := &o.Summary
	if sum.Packets == 0 || sum.First == 0 {
		return ""
	}
	first, last := dialog.Time(sum.First), dialog.Time(sum.Last)
	until := clockTime(last, false)
	if date(first) != date(last) {
		until = date(last) + " " + until
	}
	return fmt.Sprintf("%s %s to %s UTC (%s)", date(first), clockTime(first, false), until, span(time.Duration(sum.Last-sum.First)))
}

// ratios are RFC 6076's, and the ASR and NER of E.425, as far as there was
// anything to divide by.
func ratios(k *dialog.KPI) string {
	var list []string
	add := func(name string, part, whole uint64) {
		if whole > 0 {
			list = append(list, fmt.Sprintf("%s %s %%", name, percentage(float64(part)/float64(whole))))
		}
	}
	if k.Attempts > 0 {
		list = append(list, fmt.Sprintf("%s, %s answered", plural(k.Attempts, "attempt"), count(k.Answered)))
	}
	add("ASR", k.Answered, k.Attempts)
	add("NER", k.Answered+k.UserFault, k.Attempts)
	add("SER", k.Answered, k.Attempts-min(k.Attempts, k.Redirected))
	add("SEER", k.Effective, k.Attempts-min(k.Attempts, k.Redirected))
	add("ISA", k.Ineffective, k.Attempts)
	add("SCR", k.Completed, k.Attempts)
	return strings.Join(list, ", ")
}

// times are means and maxima; ACD is per answered call.
func times(k *dialog.KPI) string {
	var list []string
	if k.Answered > 0 && k.TalkMS > 0 {
		list = append(list, fmt.Sprintf("ACD %s", span(time.Duration(k.TalkMS/float64(k.Answered)*1e6))))
	}
	for _, d := range [...]struct {
		name string
		dist *dialog.Distribution
	}{{"PDD", &k.PDDMS}, {"SRD", &k.SetupMS}, {"SDD", &k.DisconnectMS}, {"RRD", &k.RegisterMS}} {
		if d.dist.Count > 0 {
			list = append(list, fmt.Sprintf("%s %s ms (at most %s)", d.name,
				count(uint64(d.dist.Sum/float64(d.dist.Count)+0.5)), count(uint64(d.dist.Max+0.5))))
		}
	}
	return strings.Join(list, ", ")
}

// trouble is what the capture itself did to the figures.
func (o Overview) trouble() string {
	sum := &o.Summary
	var list []string
	add := func(n uint64, noun, what string) {
		if n > 0 {
			list = append(list, plural(n, noun)+" "+what)
		}
	}
	add(sum.CaptureDrops, "packet", "lost by the capture itself")
	add(sum.TruncatedPackets, "packet", "cut by the snap length")
	add(sum.CaptureCopies, "packet", "captured twice (counted once)")
	add(sum.TCPGaps, "hole", "in TCP")
	add(sum.Resyncs, "SIP stream", "found again after a hole")
	add(sum.UnparsedSIP+sum.Totals.UnparsedSIP, "SIP-like message", "without a Call-ID")
	add(sum.Totals.DamagedSIP, "damaged SIP message", "read as far as it went")
	add(sum.Totals.UnparsedRTCP, "RTCP packet", "unreadable")
	return strings.Join(list, ", ")
}

// byCount lists counters, the largest first, equals by name.
func byCount(m map[string]uint64) string {
	names := slices.Sorted(maps.Keys(m))
	slices.SortStableFunc(names, func(a, b string) int {
		switch {
		case m[a] > m[b]:
			return -1
		case m[a] < m[b]:
			return 1
		}
		return 0
	})
	for i, name := range names {
		names[i] = count(m[name]) + " " + strings.ReplaceAll(clean(name, 40), "_", " ")
	}
	return strings.Join(names, ", ")
}
