package alerting

// maxNamed is how many examples of a kind are named.
const maxNamed = 5

// examplesOf answers the seventh question: call ids of affected calls and of
// good ones to compare them with.
func examplesOf(bad, good []Example) said {
	if len(bad) == 0 {
		return untold("No example was kept. The calls of the time can be searched: earshot calls find --help shows by what.")
	}
	lines := []string{"Affected, the worst first:"}
	lines = append(lines, exampleLines(bad)...)
	if len(good) == 0 {
		lines = append(lines, "Good ones to compare with: none were heard beside them.")
		return told(lines...)
	}
	lines = append(lines, "Good ones beside them:")
	return told(append(lines, exampleLines(good)...)...)
}

func exampleLines(list []Example) []string {
	var lines []string
	for _, x := range list[:min(len(list), maxNamed)] {
		lines = append(lines, "- "+exampleName(&x)+", at "+x.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return lines
}

// exampleName is by what an example is found: its Call-ID, which other parties
// know too, before our own ids.
func exampleName(x *Example) string {
	name := "stream " + x.Stream + " (of no call that was heard)"
	switch {
	case x.CallID != "":
		name = "Call-ID " + x.CallID
	case x.Call != "":
		name = "call " + x.Call
	}
	if x.Src.IsValid() && x.Dst.IsValid() {
		name += ", " + x.Src.String() + " → " + x.Dst.String()
	}
	return name
}
