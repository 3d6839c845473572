package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	docLink    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	docPath    = regexp.MustCompile("`((?:[a-z0-9_-]+/)+[A-Za-z0-9_.-]+)`")
	docHeading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notAnchor  = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors lists the headings of a page as links name them.
func anchors(text string) []string {
	var list []string
	for _, m := range docHeading.FindAllStringSubmatch(text, -1) {
		list = append(list, strings.ReplaceAll(notAnchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	return list
}

// Prose rots: what the pages link to and the files they name must be there.
func TestDocsPointAtWhatExists(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	top, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, top...) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range docLink.FindAllStringSubmatch(string(text), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			file := page
			if target != "" {
				file = filepath.Join(filepath.Dir(page), target)
			}
			there, err := os.ReadFile(file)
			if info, statErr := os.Stat(file); statErr != nil {
				t.Errorf("%s links to %s: %v", page, m[1], statErr)
			} else if anchor != "" && !info.IsDir() && (err != nil || !slices.Contains(anchors(string(there)), anchor)) {
				t.Errorf("%s links to %s, which has no such heading", page, m[1])
			}
		}
		for _, m := range docPath.FindAllStringSubmatch(string(text), -1) {
			folder, _, _ := strings.Cut(m[1], "/")
			if info, err := os.Stat(filepath.Join("../..", folder)); err != nil || !info.IsDir() {
				continue // a media type, a URI
			}
			if _, err := os.Stat(filepath.Join("../..", m[1])); err != nil {
				t.Errorf("%s names %s: %v", page, m[1], err)
			}
		}
	}
}

var (
	docMetric  = regexp.MustCompile(`\bearshot_[a-z_]*[a-z]\b`)
	docCommand = regexp.MustCompile(`\bearshot ([a-z]+)((?: +[^|\x60\n#]*)?)`)
	docFlag    = regexp.MustCompile(`(?:^|\s)--([a-z][a-z-]*)`)
	docKey     = regexp.MustCompile("`([a-z_]+(?:\\.[a-z_]+)+)")
)

// pages reads the pages for those who run the probe.
func pages(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, name := range append(names, "../../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(name)] = string(text)
	}
	return texts
}

// A metric, a command, a flag or a key that a page names exists. That the page
// of metrics is right is tested in web.
func TestDocsNameWhatExists(t *testing.T) {
	texts := pages(t)
	keys := map[string]bool{}
	for _, s := range sections() {
		for _, key := range ownKeys(s.typ) {
			keys[strings.TrimPrefix(s.path+"."+key, ".")] = true
		}
	}
	for page, text := range texts {
		for _, name := range docMetric.FindAllString(text, -1) {
			if !strings.Contains(texts["metrics.md"], name) {
				t.Errorf("%s: there is no metric %s", page, name)
			}
		}
		for _, m := range docCommand.FindAllStringSubmatch(text, -1) {
			wrongCommand(t, page, m[1], m[2])
		}
		if page != "configuration.md" && page != "operations.md" {
			continue
		}
		for _, m := range docKey.FindAllStringSubmatch(text, -1) {
			section, _, _ := strings.Cut(m[1], ".")
			if keys[section] && !keys[m[1]] {
				t.Errorf("%s: there is no key %s", page, m[1])
			}
		}
	}
}

// wrongCommand complains of flags that a command of a page doesn't have.
func wrongCommand(t *testing.T, page, name, rest string) {
	t.Helper()
	c := find(name)
	if c == nil || c.flags == nil {
		return // a word of a sentence
	}
	for _, m := range docFlag.FindAllStringSubmatch(rest, -1) {
		if c.flags().Lookup(m[1]) == nil {
			t.Errorf("%s: earshot %s has no flag --%s", page, name, m[1])
		}
	}
}

// The examples for those who run the probe can be used.
func TestOperationsExamples(t *testing.T) {
	blocks := strings.Split(pages(t)["operations.md"], "```yaml\n")[1:]
	if len(blocks) == 0 {
		t.Fatal("found no example")
	}
	for i, block := range blocks {
		text, _, _ := strings.Cut(block, "```")
		if _, err := loadConfig(configured(t, text)); err != nil {
			t.Errorf("example %d: %v", i+1, err)
		}
	}
}
