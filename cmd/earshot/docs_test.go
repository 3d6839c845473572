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
