package pipeline

import (
	"errors"
	"io/fs"
	"math"
	"sync/atomic"

	"earshot/capture"
)

// saveRetry is after how much packet time a file is tried again that could not
// be written.
const saveRetry = 10 * second

// saver writes what the lanes keep to capture files, in order of time over all
// lanes. One goroutine runs it; it never makes a lane wait: what finds its feed
// full is counted and not saved.
type saver struct {
	feeds  []saveCursor
	out    *capture.Rotating
	notice func(error)
	wakeup *parker

	failing error // the last attempt's
	retryAt int64
	flushed int64 // packet time of the last flush
	counts  saveCounts
}

// saveCounts is written by the saver and read by others.
type saveCounts struct {
	packets, octets, shed, errors atomic.Uint64
	files                         atomic.Int64
	fileOctets                    atomic.Int64
}

func newSaver(cfg SaveConfig, lanes int) *saver {
	s := &saver{
		out: capture.NewRotating(capture.RotatingConfig{
			Dir: cfg.Dir, FileBytes: cfg.FileBytes, TotalBytes: cfg.TotalBytes, MinFree: cfg.MinFree,
		}),
		notice: cfg.Notice,
		wakeup: newParker(),
		feeds:  make([]saveCursor, lanes),
	}
	for i := range s.feeds {
		s.feeds[i].saveFeed = newSaveFeed(s.wakeup)
	}
	return s
}

// run writes until every lane has ended.
func (s *saver) run() {
	for !s.done() {
		if s.step() {
			continue
		}
		s.wakeup.prepare()
		if s.step() || s.done() {
			s.wakeup.cancel()
			continue
		}
		s.wakeup.park()
	}
	s.settle(s.out.Close())
	s.usage()
}

// saveBurst is how many packets are written between looks at the flush.
const saveBurst = 4096

// step writes what there is, and says whether that was anything.
func (s *saver) step() bool {
	n := 0
	for ; n < saveBurst; n++ {
		c := s.earliest()
		if c == nil {
			break
		}
		s.write(&c.head)
		c.ready = false
	}
	return s.flush() || n > 0
}

// earliest returns the feed with the earliest packet; nil where there is none,
// or a lane that has not shown its next may still show an earlier one. It does
// not wait for a lane's silence until another's feed overflows.
func (s *saver) earliest() *saveCursor {
	var first *saveCursor
	silent := int64(math.MaxInt64)
	for i := range s.feeds {
		c := &s.feeds[i]
		reached := c.reached.Load() // before peek: what is shown after it is later
		if !c.peek() {
			silent = min(silent, reached)
			continue
		}
		if first == nil || c.head.At < first.head.At {
			first = c
		}
	}
	if first != nil && first.head.At >= silent && !first.pressed() {
		return nil
	}
	return first
}

// write writes one packet, or counts it as shed.
func (s *saver) write(f *capture.Frame) {
	if f.At < 0 || s.failing != nil && s.resting(f.At) {
		s.counts.shed.Add(1)
		return
	}
	err := s.out.WriteFrame(f)
	s.settle(err)
	if err != nil {
		s.retryAt = f.At + saveRetry
		s.counts.shed.Add(1)
		return
	}
	s.counts.packets.Add(1)
	s.counts.octets.Add(uint64(len(f.Data)))
}

// resting reports that it is too early to try again. Packet time that jumps
// back does not prolong the wait.
func (s *saver) resting(at int64) bool { return at < s.retryAt && at >= s.retryAt-saveRetry }

// flush brings what was written to the disk once a second of packet time, and
// says whether it did.
func (s *saver) flush() bool {
	at := int64(math.MaxInt64)
	for i := range s.feeds {
		at = min(at, s.feeds[i].reached.Load())
	}
	if at == s.flushed || at == math.MaxInt64 {
		return false
	}
	s.flushed = at
	if s.failing == nil {
		if err := s.out.Flush(); err != nil {
			s.settle(err)
			s.retryAt = at + saveRetry
		}
	}
	s.usage()
	return true
}

// settle takes the outcome of an attempt, and tells of a change.
func (s *saver) settle(err error) {
	if err != nil {
		s.counts.errors.Add(1)
	}
	changed := cause(err) != cause(s.failing)
	s.failing = err
	if changed {
		s.usage()
		if s.notice != nil {
			s.notice(err)
		}
	}
}

// cause returns what an error comes down to, without the name of the file.
func cause(err error) string {
	if err == nil {
		return ""
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Op + path.Err.Error()
	}
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err.Error()
}

func (s *saver) usage() {
	files, octets := s.out.Usage()
	s.counts.files.Store(int64(files))
	s.counts.fileOctets.Store(octets)
}

func (s *saver) done() bool {
	for i := range s.feeds {
		if !s.feeds[i].done() {
			return false
		}
	}
	return true
}

// stage adds what was counted. Any goroutine may call it.
func (s *saver) stage(k *KeepStage) {
	k.SavedPackets = s.counts.packets.Load()
	k.SavedBytes = s.counts.octets.Load()
	k.ShedPackets += s.counts.shed.Load()
	k.SaveErrors = s.counts.errors.Load()
	k.Files = int(s.counts.files.Load())
	k.FilesBytes = uint64(s.counts.fileOctets.Load())
	for i := range s.feeds {
		k.ShedPackets += s.feeds[i].shed.Load()
	}
}
