package outbox

import (
	"os"
	"strings"
	"testing"
)

// TestVerifierDocumented: the documentation shows exactly what is run here.
func TestVerifierDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/integrations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"verify.py", "verify.go"} {
		text, err := os.ReadFile("testdata/webhook/" + name)
		if err != nil {
			t.Fatal(err)
		}
		code := string(text)
		if _, after, found := strings.Cut(code, ")\n\nfunc "); found {
			code = "func " + after // without package and imports
		}
		if !strings.Contains(string(page), code) {
			t.Errorf("docs/integrations.md does not show testdata/webhook/%s", name)
		}
	}
}
