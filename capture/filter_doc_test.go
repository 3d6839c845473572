package capture

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestFilterPage holds docs/filters.md against the code: every example
// compiles, and the default is shown as it is.
func TestFilterPage(t *testing.T) {
	page, err := os.ReadFile("../docs/filters.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := 0
	for _, block := range regexp.MustCompile("(?s)```filter\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		for line := range strings.Lines(block[1]) {
			examples++
			if _, err := CompileFilter(strings.TrimSpace(line)); err != nil {
				t.Error(err)
			}
		}
	}
	if examples < 5 || !strings.Contains(string(page), "\n"+DefaultFilterExpression+"\n") {
		t.Errorf("the page has %d examples, and the default as it is not among them", examples)
	}
}
