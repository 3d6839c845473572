package outbox

import (
	"errors"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// settingsOf decodes a list of destinations.
func settingsOf(t testing.TB, h *House, text string) ([]*Setting, error) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Content) == 0 {
		return DecodeDestinations(&doc, h)
	}
	return DecodeDestinations(doc.Content[0], h)
}

// testHouse has the secret "s3cret" in every file and variable.
func testHouse() *House {
	return &House{
		Secret: func(file, env string) (string, error) {
			if strings.Contains(file+env, "missing") {
				return "", errors.New("cannot read keys: there is no such thing")
			}
			return "s3cret", nil
		},
		Public: "https://probe.example/",
	}
}
