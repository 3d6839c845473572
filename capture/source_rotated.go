package capture

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// rotation is what the name of a file says about its place in a rotated set.
type rotation struct {
	set     string // what the names of the set have in common
	counter int
	strict  bool // the name alone proves the order
}

// rotationOf reads the names that capture programs give to the files of a set:
//
//	dumpcap, Wireshark, editcap  name_00001_20240131120000.pcapng, or the two numbers swapped
//	tcpdump -C                   name.pcap, name.pcap1, name.pcap2
//	Rotating                     earshot-20240131T120000.000000000Z-1.pcapng
//
// A compression suffix may follow.
func rotationOf(name string) (r rotation, ok bool) {
	for _, style := range rotationStyles {
		m := style.pattern.FindStringSubmatch(filepath.Base(name))
		if m == nil {
			continue
		}
		counter, err := strconv.Atoi("0" + m[2])
		return rotation{filepath.Dir(name) + "/" + m[1] + m[3], counter, style.strict}, err == nil
	}
	return rotation{}, false
}

// rotationStyles have the parts of a name: stem, counter, suffix.
var rotationStyles = []struct {
	pattern *regexp.Regexp
	strict  bool
}{
	{regexp.MustCompile(`^(.*)_(\d{5,10})_\d{14}(|\..*)$`), true},
	{regexp.MustCompile(`^(.*)_\d{14}_(\d{5,10})(|\..*)$`), true},
	{regexp.MustCompile(`^(earshot)-\d{8}T\d{6}\.\d{9}Z-(\d{1,9})(\.pcapng.*)$`), true},
	{regexp.MustCompile(`^(.*\.p?cap(?:ng)?)(\d{0,6})(|\.\D.*)$`), false},
}

// chain links the files of each rotated set, so that one begins where the one
// before it ends: the packets around a cut may be out of order by time, and
// then only that gives what the whole file would. It returns the files that
// come after no other.
//
// tcpdump's names may be two probes as well, or a ring that was written over.
// Such files are linked only if their first packets come in the same order.
func chain(files []*piece) []*piece {
	sets := make(map[string][]*piece)
	for _, p := range files {
		if r, ok := rotationOf(p.name); ok && !p.once {
			p.rotation = r
			sets[r.set] = append(sets[r.set], p)
		}
	}
	after := make(map[*piece]bool)
	for _, set := range sets {
		slices.SortStableFunc(set, func(a, b *piece) int { return cmp.Compare(a.counter, b.counter) })
		if !inOrder(set) {
			continue
		}
		for i, p := range set[1:] {
			set[i].then = p
			after[p] = true
		}
	}
	return slices.DeleteFunc(files, func(p *piece) bool { return after[p] })
}

// inOrder tells whether the counters of a set give the order of its files.
func inOrder(set []*piece) bool {
	for i, p := range set[1:] {
		before := set[i]
		if p.counter == before.counter || !p.strict && p.first < before.first {
			return false
		}
	}
	return true
}
