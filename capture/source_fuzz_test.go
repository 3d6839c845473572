package capture

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// FuzzPcap reads damaged pcap files.
func FuzzPcap(f *testing.F) {
	f.Add(pcapOf(3))
	f.Add(timed(LinkRaw, 'x', 1, 2, 3))
	f.Add(cat(pcapLE, bytes.Repeat([]byte{0xFF}, 40)))
	f.Fuzz(func(t *testing.T, file []byte) {
		fuzzReader(t, file, func(w window) (reader, error) {
			if len(w.peek(4)) < 4 {
				return nil, ErrNoCapture
			}
			if _, ok := pcapMagic(w.peek(4)); !ok {
				return nil, ErrNoCapture
			}
			return newPcap(w)
		})
	})
}

// FuzzPcapNG reads damaged pcapng files.
func FuzzPcapNG(f *testing.F) {
	f.Add(cat(section, ngEthernet, ngPacket('a'), ngUnknown, ngPacket('b')))
	f.Add(cat(section, ngEthernet, []byte{3, 0, 0, 0, 20, 0, 0, 0, 2, 0, 0, 0, 'h', 'i', 0, 0, 20, 0, 0, 0}))
	f.Add(cat(section, ngEthernet, ngPacket('a'), section, ngPacket('b')))
	f.Fuzz(func(t *testing.T, file []byte) {
		fuzzReader(t, file, func(w window) (reader, error) {
			return newPcapng(w, ledger{})
		})
	})
}

// fuzzReader reads a file through one window over all of it and through a small
// one that has to grow. Both give the same frames, all of them octets of the
// file in its order, and the same end.
func fuzzReader(t *testing.T, file []byte, open func(window) (reader, error)) {
	whole, err := open(newStream("x", bytes.NewReader(file), len(file)+1, nil))
	small, errSmall := open(newStream("x", bytes.NewReader(file), 40, nil))
	if (err == nil) != (errSmall == nil) {
		t.Fatalf("the windows differ: %v, %v", err, errSmall)
	}
	if err != nil {
		return
	}
	rest := file
	for n := uint64(1); ; n++ {
		var a, b Frame
		errA, errB := whole.next(&a), small.next(&b)
		if errA != nil || errB != nil {
			checkEnd(t, errA, errB, n, len(file))
			if whole.lost() != small.lost() {
				t.Fatal("the windows tell different drops")
			}
			return
		}
		if len(a.Data) > basePacket+maxSnap {
			t.Fatalf("packet %d has %d octets", n, len(a.Data))
		}
		// Packets lie in the file one after the other.
		at := bytes.Index(rest, a.Data)
		if at < 0 {
			t.Fatalf("packet %d is not in the rest of the file", n)
		}
		rest = rest[at+len(a.Data):]
		sameFrames(t, []Frame{b}, []Frame{a})
	}
}

func checkEnd(t *testing.T, a, b error, n uint64, size int) {
	if a == nil || b == nil || a.Error() != b.Error() {
		t.Fatalf("the windows end with %v and %v", a, b)
	}
	if a == io.EOF {
		return
	}
	var damage *DamageError
	if !errors.As(a, &damage) || damage.Packet != n || damage.Offset < 0 || damage.Offset > int64(size) {
		t.Fatalf("packet %d: the end is %v", n, a)
	}
}

// FuzzDecompress reads damaged compressed files: an error at most, and never
// more memory than the window and the decoder's bound.
func FuzzDecompress(f *testing.F) {
	for i := range compressors {
		var b bytes.Buffer
		w, err := compressors[i].open(&b)
		if err != nil {
			f.Fatal(err)
		}
		if _, err := w.Write(pcapOf(5)); err != nil {
			f.Fatal(err)
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		in := input{name: "x", stdin: bytes.NewReader(file)}
		w, err := in.window(nil)
		if err != nil {
			return
		}
		w.skip(1 << 20)
		if len(w.data) > streamBlock {
			t.Errorf("the window has grown to %d octets", len(w.data))
		}
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
}
