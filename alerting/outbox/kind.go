package outbox

import "slices"

// kind is one kind of destination: a line here, a file and its test are all
// that another one takes.
type kind struct {
	name  string // as the configuration says it
	about string // one line
	make  func(d *draft) Destination
}

// kinds lists them in the order of the documentation.
var kinds = []kind{}

// kindNamed finds a kind; nil where there is none.
func kindNamed(name string) *kind {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return nil
	}
	return &kinds[i]
}

// kindNames lists their names.
func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// Kinds lists the kinds of destinations with a line about each, in the order of
// the documentation.
func Kinds() (names, about []string) {
	for _, k := range kinds {
		names, about = append(names, k.name), append(about, k.about)
	}
	return names, about
}
