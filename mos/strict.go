package mos

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decodeStrictly decodes a mapping into a struct and refuses keys that it
// doesn't have, with the line and the nearest key. (KnownFields of the yaml
// package would name our Go type instead.)
func decodeStrictly(n *yaml.Node, into any) error {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: want a mapping", n.Line)
	}
	known := keysOf(into)
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if slices.Contains(known, key.Value) {
			continue
		}
		if near := nearest(key.Value, known); near != "" {
			return fmt.Errorf("line %d: unknown key %q, did you mean %q?", key.Line, key.Value, near)
		}
		return fmt.Errorf("line %d: unknown key %q, want one of %q", key.Line, key.Value, known)
	}
	return n.Decode(into)
}

// keysOf returns the yaml keys of a struct in order.
func keysOf(pointer any) []string {
	t := reflect.TypeOf(pointer).Elem()
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = t.Field(i).Tag.Get("yaml")
	}
	return keys
}

// nearest returns the known key that the fewest edits lead to, or "" where
// that takes more than a third of it.
func nearest(key string, known []string) string {
	best, fewest := "", len(key)
	for _, k := range known {
		if d := edits(strings.ToLower(key), k); d < fewest && d <= (len(k)+2)/3 {
			best, fewest = k, d
		}
	}
	return best
}

// edits returns the Levenshtein distance of two keys.
func edits(a, b string) int {
	line := make([]int, len(b)+1)
	for j := range line {
		line[j] = j
	}
	for i := range len(a) {
		diagonal := line[0]
		line[0] = i + 1
		for j := range len(b) {
			above := line[j+1]
			line[j+1] = min(above+1, line[j]+1)
			if a[i] == b[j] {
				line[j+1] = min(line[j+1], diagonal)
			} else {
				line[j+1] = min(line[j+1], diagonal+1)
			}
			diagonal = above
		}
	}
	return line[len(b)]
}
