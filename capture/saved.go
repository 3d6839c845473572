package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Saved is a stretch of time of what a Rotating writer has written. It has its
// files open, so that the writer may delete them meanwhile.
type Saved struct {
	files       []*os.File
	from, until int64
}

// savedDisorder is how far a packet may stand behind later ones, ns: the lane
// of a feed that overflows is not waited for.
const savedDisorder = 1e9

// OpenSaved opens what a folder's files hold between two times, in ns since the
// Unix epoch. Where that is nothing, there is nothing to read, and no error.
func OpenSaved(dir string, from, until int64) (*Saved, error) {
	names, err := savedNames(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot read saved packets: %w", err)
	}
	s := &Saved{from: from, until: until}
	for i, name := range names {
		if name.stamp > until || i+1 < len(names) && names[i+1].stamp+savedDisorder < from {
			continue
		}
		file, err := os.Open(filepath.Join(dir, name.String()))
		if errors.Is(err, os.ErrNotExist) { // deleted just now
			continue
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("cannot read saved packets: %w", err), s.Close())
		}
		s.files = append(s.files, file)
	}
	return s, nil
}

// savedNames lists the files of a Rotating writer, in the order in which it wrote them.
func savedNames(dir string) ([]savedName, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []savedName
	for _, e := range entries {
		if name, ours := parseSavedName(e.Name()); ours && e.Type().IsRegular() {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b savedName) int {
		return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.stamp, b.stamp))
	})
	return names, nil
}

// Files returns how many files there are to read.
func (s *Saved) Files() int { return len(s.files) }

// Open returns a Source of the packets of the stretch. It may be called any
// number of times before Close.
func (s *Saved) Open() (Source, error) {
	paths := make([]string, len(s.files))
	for i, f := range s.files {
		paths[i] = pathOf(f)
	}
	all, err := Open(paths, Options{})
	if err != nil {
		return nil, err
	}
	return &savedSource{Source: all, from: s.from, until: s.until}, nil
}

// Close closes the files.
func (s *Saved) Close() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	s.files = nil
	return errors.Join(errs...)
}

// savedSource leaves out what is before and behind a stretch.
type savedSource struct {
	Source
	from, until int64
}

// Next is Source's.
func (s *savedSource) Next(f *Frame) error {
	for {
		if err := s.Source.Next(f); err != nil {
			return err
		}
		switch {
		case f.At > s.until+savedDisorder:
			return io.EOF
		case f.At >= s.from && f.At <= s.until:
			return nil
		}
	}
}
