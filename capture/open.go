package capture

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// Options changes how Open reads files. The zero value is what users want.
type Options struct {
	Stdin io.Reader // what "-" reads; nil for the standard input
}

// Open returns the packets of capture files, merged by time. A path is a file,
// a directory (its captures, those of its subdirectories too), or "-".
//
// A path that is missing or may not be read is an error. A file that holds
// nothing usable is a warning, as long as another does.
func Open(paths []string, opt Options) (*Files, error) {
	if opt.Stdin == nil {
		opt.Stdin = os.Stdin
	}
	inputs, err := expand(paths, opt.Stdin)
	if err != nil {
		return nil, err
	}
	s := &Files{ledger: ledger{}}
	if err := s.scan(inputs); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.arrange()
	return s, nil
}

// scan looks at the first packet of each file.
func (s *Files) scan(inputs []input) error {
	var unusable []error
	passed := passedOver{}
	for i, in := range inputs {
		in.once = in.once || len(inputs) == 1
		p := &piece{input: in, rank: i, progress: progress{total: &s.offset, size: in.size}}
		err := s.look(p)
		switch {
		case err == nil:
			s.names = append(s.names, in.name)
			s.size += in.size
		case in.found:
			passed.add(err)
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
			return fmt.Errorf("cannot open a capture: %w", err)
		default:
			unusable = append(unusable, err)
		}
	}
	if len(s.names) == 0 {
		return errors.Join(append(unusable, passed.errors()...)...)
	}
	s.warnings = append(append(s.warnings, unusable...), passed.errors()...)
	return nil
}

// look opens a file and keeps the time of its first packet. It is closed again
// until the merge comes to it, so that a thousand rotated files need no more
// than one: only what can't be opened again stays open.
func (s *Files) look(p *piece) error {
	var l ledger
	if p.once {
		l = s.ledger
	}
	r, err := p.open(&p.progress, l)
	if err != nil {
		p.progress.restart()
		return err
	}
	switch err := r.next(&p.head); {
	case err == io.EOF:
		s.lost += r.lost()
		p.progress.finish()
		return r.close()
	case err != nil:
		s.warn(err)
		p.progress.finish()
		return r.close()
	}
	p.first = p.head.At
	s.pending = append(s.pending, p)
	if p.once {
		p.r = r
		return nil
	}
	p.head = Frame{}
	p.progress.restart()
	return r.close()
}

// arrange puts the files in the order of their first packets. That order also
// decides between packets of the same time.
func (s *Files) arrange() {
	slices.SortStableFunc(s.pending, func(a, b *piece) int {
		return cmp.Or(cmp.Compare(a.first, b.first), a.rank-b.rank)
	})
	s.pending = chain(s.pending)
	for i, p := range s.pending {
		for ; p != nil; p = p.then {
			p.rank = i
		}
	}
}

// passedOver collects what a directory holds beside captures, and tells of the
// first few by name.
type passedOver struct {
	named []error
	more  int
}

const passedOverNamed = 5

func (p *passedOver) add(err error) {
	if len(p.named) == passedOverNamed {
		p.more++
		return
	}
	p.named = append(p.named, fmt.Errorf("passed over a file: %w", err))
}

func (p *passedOver) errors() []error {
	if p.more == 0 {
		return p.named
	}
	return append(p.named, fmt.Errorf("passed over %d more files that are no captures", p.more))
}
