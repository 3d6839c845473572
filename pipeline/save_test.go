package pipeline

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"earshot/capture"
)

// saved reads the packets of a folder.
func saved(t *testing.T, dir string) []capture.Frame {
	t.Helper()
	return readFrames(t, dir)
}

// TestSaverMergesLanes: files hold the packets of all lanes by time, however
// far one lane's goroutine is behind another's.
func TestSaverMergesLanes(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	dir := t.TempDir()
	k := newKeeping(KeepConfig{}, SaveConfig{Dir: dir, FileBytes: 1 << 20, MinFree: 1}, 3)
	const packets = 30_000
	var all sync.WaitGroup
	all.Go(k.run)
	for lane := range k.lanes {
		f := f
		all.Go(func() {
			l := k.lane(lane)
			for i := range int64(packets) {
				if i%1000 == 0 {
					l.tick(i * 1e6)
				}
				if int(i/10)%3 == lane {
					f.At = i * 1e6
					l.take(&f, &dg, keepRTP, kept)
				}
			}
			l.end()
		})
	}
	all.Wait()
	got := saved(t, dir)
	if len(got) != packets {
		t.Fatalf("saved %d packets, want %d", len(got), packets)
	}
	for i := range got {
		if got[i].At != int64(i)*1e6 {
			t.Fatalf("packet %d is from %d, want %d", i, got[i].At, i*1e6)
		}
	}
	s := k.stage()
	if s.SavedPackets != packets || s.SavedBytes != packets*58 || s.Files != 3 || s.ShedPackets != 0 {
		t.Errorf("got %+v, want %d packets of 58 octets in 3 files", s, packets)
	}
}

// TestSaverSheds: a lane never waits for the disk. What finds the feed full is
// counted, and the files go on after it.
func TestSaverSheds(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	dir := t.TempDir()
	k := newKeeping(KeepConfig{Bytes: 1 << 20}, SaveConfig{Dir: dir, MinFree: 1}, 1)
	each := uint64(chunkBytes / RecentOctets(58))
	packets := each * (saveQueue + 5)
	for i := range packets { // nobody reads yet
		f.At = int64(i)
		k.lane(0).take(&f, &dg, keepRTP, kept)
	}
	k.lane(0).end()
	k.run()
	s := k.stage()
	if s.SavedPackets != each*saveQueue || s.ShedPackets != each*5 {
		t.Errorf("saved %d and shed %d, want %d and %d", s.SavedPackets, s.ShedPackets, each*saveQueue, each*5)
	}
	if got := saved(t, dir); uint64(len(got)) != s.SavedPackets {
		t.Errorf("files hold %d packets, want %d", len(got), s.SavedPackets)
	}
}

// TestSaverTries: where files cannot be written it is said once, packets are
// counted, and saving goes on by itself after ten seconds of packet time.
func TestSaverTries(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	root := t.TempDir()
	dir := filepath.Join(root, "packets")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	var notices []error
	s := newSaver(SaveConfig{Dir: dir, MinFree: 1, Notice: func(err error) { notices = append(notices, err) }}, 1)
	k := newKeeper(saveBuffer, KeepHeaders, s.feeds[0].saveFeed)
	for sec := range int64(25) {
		f.At = sec * second
		k.tick(f.At)
		k.take(&f, &dg, keepRTP, kept)
		for s.step() {
		}
		if sec == 15 {
			if err := os.Remove(dir); err != nil {
				t.Fatal(err)
			}
		}
	}
	k.end()
	s.run()
	// Tried at 0, 10 and 20 s: the third works.
	if len(notices) != 2 || notices[0] == nil || notices[1] != nil {
		t.Fatalf("told %v, want an error and that it works again", notices)
	}
	if !strings.Contains(notices[0].Error(), "cannot save packets") {
		t.Errorf("told %q, want what could not be done", notices[0])
	}
	var got KeepStage
	s.stage(&got)
	if got.SaveErrors != 2 || got.ShedPackets != 20 || got.SavedPackets != 5 || got.Files != 1 {
		t.Errorf("got %+v, want 2 errors, 20 packets shed, 5 saved in 1 file", got)
	}
}

// TestTwoKeepers: files may keep more of RTP than memory does.
func TestTwoKeepers(t *testing.T) {
	f, dg, kept := rtpFrame(t)
	dir := t.TempDir()
	k := newKeeping(KeepConfig{Bytes: 1 << 20}, SaveConfig{Dir: dir, RTP: KeepAll, MinFree: 1}, 1)
	k.lane(0).take(&f, &dg, keepRTP, kept)
	k.lane(0).end()
	k.run()
	if got := saved(t, dir); len(got) != 1 || len(got[0].Data) != 214 {
		t.Errorf("got %v, want one packet of 214 octets", got)
	}
	recent := k.recent()
	defer recent.release()
	src, err := recent.open()
	if err != nil {
		t.Fatal(err)
	}
	var got capture.Frame
	if err := src.Next(&got); err != nil || len(got.Data) != 58 {
		t.Errorf("got %d octets from memory, want 58; error %v", len(got.Data), err)
	}
	if err := src.Next(&got); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want EOF", err)
	}
}
