package outbox

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
)

// list reads a list of words, or one word.
func (d *draft) list(key string) []string {
	if !d.has(key) {
		return nil
	}
	return d.words(d.keys[key], key)
}

// words reads a list of words from a node of a key.
func (d *draft) words(n *yaml.Node, key string) []string {
	if n.Kind != yaml.SequenceNode {
		if v := d.line(n, key); v != "" {
			return []string{v}
		}
		return nil
	}
	if len(n.Content) > maxWords {
		d.faultAt(n, key, "it has %d entries, at most %d are possible", len(n.Content), maxWords)
		return nil
	}
	var list []string
	for _, entry := range n.Content {
		v := d.line(alerting.Unaliased(entry), key)
		if v != "" && slices.Contains(list, v) {
			d.faultAt(entry, key, "%q is there twice", v)
			continue
		}
		if v != "" {
			list = append(list, v)
		}
	}
	return list
}

// table reads a mapping of words to words, as custom fields.
func (d *draft) table(key string) map[string]string {
	if !d.has(key) {
		return nil
	}
	table := map[string]string{}
	d.entries(key, func(name string, n *yaml.Node) { table[name] = d.line(n, key+"."+name) })
	return table
}

// lists reads a mapping of words to lists of words, as mail addresses by owner.
func (d *draft) lists(key string) map[string][]string {
	if !d.has(key) {
		return nil
	}
	table := map[string][]string{}
	d.entries(key, func(name string, n *yaml.Node) { table[name] = d.words(n, key+"."+name) })
	return table
}

// entries calls read for each entry of a mapping.
func (d *draft) entries(key string, read func(name string, n *yaml.Node)) {
	n := d.keys[key]
	if n.Kind != yaml.MappingNode || len(n.Content) > 2*maxWords {
		d.fault(key, "it is %s, want a mapping of at most %d names to texts", alerting.KindOf(n), maxWords)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		if seen[name] {
			d.faultAt(n.Content[i], key, "%q is there twice", name)
			continue
		}
		seen[name] = true
		read(name, alerting.Unaliased(n.Content[i+1]))
	}
}
