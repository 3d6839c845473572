package capture

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// expand turns paths into files. Those of a directory come in natural order
// (x.pcap9 before x.pcap10), and each file is read once however often it is named.
func expand(paths []string, stdin io.Reader) ([]input, error) {
	seen := make(map[string]bool)
	var inputs []input
	add := func(in input) {
		key, err := filepath.Abs(in.name)
		if err != nil || in.stdin != nil {
			key = in.name
		}
		if !seen[key] {
			seen[key] = true
			inputs = append(inputs, in)
		}
	}
	for _, path := range paths {
		if path == stdinName {
			add(input{name: path, stdin: stdin, once: true})
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("cannot open a capture: %w", err)
		}
		if !info.IsDir() {
			add(fileInput(path, info))
			continue
		}
		found, err := filesUnder(path)
		if err != nil {
			return nil, err
		}
		for _, in := range found {
			add(in)
		}
	}
	if len(inputs) == 0 {
		return nil, fmt.Errorf("cannot read %q: %w: no file in it", paths, ErrNoCapture)
	}
	return inputs, nil
}

func fileInput(path string, info fs.FileInfo) input {
	if !info.Mode().IsRegular() {
		return input{name: path, once: true} // a pipe
	}
	return input{name: path, size: info.Size()}
}

// filesUnder lists the regular files under a directory. Hidden ones are left alone,
// and links to directories are not followed.
func filesUnder(root string) ([]input, error) {
	var found []input
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("cannot list %q: %w", path, err)
		case path != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			in := fileInput(path, info)
			in.found = true
			found = append(found, in)
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b input) int { return compareNatural(a.name, b.name) })
	return found, err
}

// compareNatural compares names so that runs of digits count as numbers.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da == 0 || db == 0 {
			if a[0] != b[0] {
				return cmp.Compare(a[0], b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		na, nb := strings.TrimLeft(a[:da], "0"), strings.TrimLeft(b[:db], "0")
		if c := cmp.Or(cmp.Compare(len(na), len(nb)), cmp.Compare(na, nb)); c != 0 {
			return c
		}
		a, b = a[da:], b[db:]
	}
	return cmp.Compare(len(a), len(b))
}

// digits returns how many digits s begins with.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}
