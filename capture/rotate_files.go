package capture

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

// savedFile is one file of a Rotating writer.
type savedFile struct {
	name savedName
	size int64
}

// savedName is the name of such a file: the time of its first packet, and the
// number of the file, which goes on from those that were found.
type savedName struct {
	stamp  int64 // ns
	number int
}

const savedTime = "20060102T150405.000000000Z"

var savedPattern = regexp.MustCompile(`^earshot-(\d{8}T\d{6}\.\d{9}Z)-(\d{1,9})\.pcapng$`)

// String returns the name without its folder.
func (n savedName) String() string {
	return fmt.Sprintf("earshot-%s-%d.pcapng", time.Unix(0, n.stamp).UTC().Format(savedTime), n.number)
}

// parseSavedName reads a name; false for one that Rotating does not give.
func parseSavedName(name string) (n savedName, ok bool) {
	m := savedPattern.FindStringSubmatch(name)
	if m == nil {
		return n, false
	}
	at, err := time.Parse(savedTime, m[1])
	if err != nil {
		return n, false
	}
	n.stamp = at.UnixNano()
	n.number, err = strconv.Atoi(m[2])
	return n, err == nil && n.String() == name
}

// survey finds the files that are there already, once.
func (r *Rotating) survey() error {
	if r.known {
		return nil
	}
	if err := os.MkdirAll(r.cfg.Dir, 0o750); err != nil {
		return fmt.Errorf("cannot save packets: %w", err)
	}
	names, err := savedNames(r.cfg.Dir)
	if err != nil {
		return fmt.Errorf("cannot save packets: %w", err)
	}
	for _, name := range names {
		if info, err := os.Lstat(filepath.Join(r.cfg.Dir, name.String())); err == nil { // else it is gone already
			r.files = append(r.files, savedFile{name, info.Size()})
			r.total += info.Size()
		}
	}
	r.known = true
	return nil
}

// makeRoom deletes the oldest files until so many octets more fit the budget,
// and MinFree octets of the disk are free beside them. What a deletion frees is
// reckoned, because some file systems tell it late.
func (r *Rotating) makeRoom(octets int64) error {
	free, err := freeOctets(r.cfg.Dir)
	if err != nil {
		return fmt.Errorf("cannot save packets: %w", err)
	}
	for r.total+octets > r.cfg.TotalBytes || free < r.cfg.MinFree {
		if len(r.files) == 0 || r.file != nil && len(r.files) == 1 {
			break
		}
		oldest := r.files[0]
		path := filepath.Join(r.cfg.Dir, oldest.name.String())
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("cannot delete the oldest saved packets: %w", err)
		}
		r.files = r.files[1:]
		r.total -= oldest.size
		free += oldest.size
	}
	if free < r.cfg.MinFree {
		return fmt.Errorf("cannot save packets in %q: %d MiB are free, want %d MiB: free some space or lower min_free: %w",
			r.cfg.Dir, free>>20, r.cfg.MinFree>>20, ErrDiskFull)
	}
	return nil
}
