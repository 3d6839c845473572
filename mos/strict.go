package mos

import (
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"earshot/spelling"
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
		if near := spelling.Nearest(key.Value, known); near != "" {
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
