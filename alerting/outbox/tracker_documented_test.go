package outbox

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// trackerRow is a row of a table of keys: one or more keys in the first column.
var trackerRow = regexp.MustCompile("(?m)^\\| (`[a-z_]+`(?:, `[a-z_]+`)*) \\|")

// TestTrackersDocumented: the page lists every key of a ticket system, and its
// examples can be read.
func TestTrackersDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/integrations.md")
	if err != nil {
		t.Fatal(err)
	}
	common := []string{"user", "password", "password_file", "password_env", "token", "token_file", "token_env", "client_id", "client_secret", "client_secret_file",
		"client_secret_env", "token_url", "url", "tls_ca", "tls_cert_file", "tls_key_file", "proxy", "timeout"}
	for heading, names := range map[string][]string{
		"ServiceNow: incidents": {"servicenow"}, "Jira": {"jira", "jira-cloud"}, "Salesforce": {"salesforce"}, "Zendesk": {"zendesk"}, "Request Tracker": {"rt"},
		"ServiceNow: events": {"servicenow-events"},
	} {
		_, section, ok := strings.Cut(string(page), "\n## "+heading+"\n")
		if !ok {
			t.Errorf("there is no section %q", heading)
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		var listed []string
		for _, m := range trackerRow.FindAllStringSubmatch(section, -1) {
			for key := range strings.SplitSeq(m[1], ", ") {
				listed = append(listed, strings.Trim(key, "`"))
			}
		}
		for _, name := range names {
			d := newDraft(&yaml.Node{Kind: yaml.MappingNode}, &House{})
			kindNamed(name).make(d)
			known := slices.Sorted(maps.Keys(d.asked))
			known = slices.DeleteFunc(known, func(key string) bool { return slices.Contains(common, key) })
			for _, key := range known {
				if !slices.Contains(listed, key) && !strings.Contains(section, "`"+key+"`") {
					t.Errorf("section %q has no key %q of %s", heading, key, name)
				}
			}
			for _, key := range listed {
				if !slices.Contains(known, key) {
					t.Errorf("section %q lists key %q, which %s has not", heading, key, name)
				}
			}
		}
		trackerExamples(t, section)
	}
}

// trackerExamples reads the examples of a section.
func trackerExamples(t *testing.T, section string) {
	for i, block := range strings.Split(section, "```") {
		text, ok := strings.CutPrefix(block, "yaml\n")
		if i%2 == 0 || !ok {
			continue
		}
		text = strings.TrimPrefix(text, "destinations:\n")
		if _, err := decodeTracker(func(_, _ string) (string, error) { return trackerSecret, nil }, text); err != nil {
			t.Errorf("example\n%s%v", text, err)
		}
	}
}
