package capture

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// reader reads the packets of one capture file.
type reader interface {
	// next fills f; Point is the number of the interface within the file. At
	// the end it returns io.EOF or a *DamageError.
	next(f *Frame) error
	// lost returns the drops that the file told since the last call.
	lost() uint64
	// damage says that the packet after the last one could not be read.
	damage(err error) error
	iface(local uint16) interfaceKey
	close() error
}

// stdinName stands for the standard input among the paths.
const stdinName = "-"

// input is one file to be read.
type input struct {
	name  string
	found bool      // in a directory, not named by the user
	stdin io.Reader // for "-"
	once  bool      // can't be opened a second time
	size  int64     // 0 for a pipe
}

// open returns a reader of the file's packets.
func (in *input) open(count *progress, l ledger) (reader, error) {
	w, err := in.window(count)
	if err != nil {
		return nil, err
	}
	r, err := identify(w, l)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return r, nil
}

// window opens the file, decompressed by what it begins with and not by its name.
func (in *input) window(count *progress) (window, error) {
	if in.stdin != nil {
		return in.stream(in.stdin, nil, count)
	}
	f, err := os.Open(in.name)
	if err != nil {
		return window{}, err
	}
	w, err := in.stream(f, f.Close, count)
	if err != nil {
		return window{}, errors.Join(err, f.Close())
	}
	return w, nil
}

// stream returns a window over what r gives, decompressed.
func (in *input) stream(r io.Reader, done func() error, count *progress) (window, error) {
	head := make([]byte, magicLength)
	n, err := io.ReadFull(r, head)
	if n == 0 {
		return window{}, noOctets(in.name, err)
	}
	head = head[:n]
	count.add(int64(n))
	r = io.MultiReader(bytes.NewReader(head), counted{r, count})
	kind := compression(head)
	if kind == "" {
		return newStream(in.name, r, streamBlock, done), nil
	}
	plain, err := decompress(kind, r)
	if err != nil {
		return window{}, fmt.Errorf("cannot decompress %q: %w", in.name, err)
	}
	return newStream(in.name, plain, streamBlock, func() error {
		err := plain.Close()
		if done != nil {
			err = errors.Join(err, done())
		}
		return err
	}), nil
}

func noOctets(name string, err error) error {
	if err == io.EOF {
		err = ErrEmpty
	}
	return fmt.Errorf("cannot read %q: %w", name, err)
}

// counted tells the progress of a stream as its blocks are read.
type counted struct {
	io.Reader
	count *progress
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.count.add(int64(n))
	return n, err
}
