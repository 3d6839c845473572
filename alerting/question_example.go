package alerting

// maxNamed is how many examples of a kind are named.
const maxNamed = 5

// examplesOf answers the seventh question: call ids of affected calls and of
// good ones to compare them with.
func examplesOf(bad, good []Example) said {
	if len(bad) == 0 {
		return untold("None is known: the affected traffic belongs to no call that was heard. earshot calls find --unbound shows streams without a call.")
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
		name := "call " + x.Call
		if x.Call == "" {
			name = "stream " + x.Stream + " (of no call that was heard)"
		}
		lines = append(lines, "- "+name+", at "+x.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return lines
}
