package store

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"earshot/dialog"
)

// killVariable holds the folder that a child writes into until it is killed.
const killVariable = "EARSHOT_TEST_STORE"

const killBatch = 50

// TestActAsWriter is not a test: it is the child of TestKilled. After each
// batch it says how many calls it has been told are kept.
func TestActAsWriter(t *testing.T) {
	dir := os.Getenv(killVariable)
	if dir == "" {
		return // called as a test
	}
	s := openTest(t, dir)
	var list []dialog.Record
	for i := 0; ; i++ {
		list = append(list, makeCall(i, noon, nil))
		if len(list) == killBatch {
			if err := s.Write(noon, list); err != nil {
				t.Fatal(err)
			}
			fmt.Println("kept", i+1)
			list = list[:0]
		}
	}
}

// Whenever the writer is killed: what it was told is kept is there, batches
// are whole, and the file opens for writing and reading without a repair.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a few dozen processes")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	const kills = 36
	total := 0
	for i := range kills {
		kept := writeUntilKilled(t, self, dir, 1+i%4, time.Duration(i*i%17)*time.Millisecond)
		r, err := OpenReader(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Check(t.Context(), func(c Checked) {
			if c.Err != nil {
				t.Errorf("kill %d: %v", i, c.Err)
			}
			// A batch may have been kept without the child living to say so.
			if got := int(c.Records) - total; got < kept || got > kept+killBatch || got%killBatch != 0 {
				t.Errorf("kill %d: got %d new records, want %d, or a whole batch more", i, got, kept)
			}
			total = int(c.Records)
		}); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	if total < kills*killBatch {
		t.Errorf("got %d records in all; the children were killed too early to prove anything", total)
	}
	if got := len(found(t, dir, &Query{Segment: "no-such"})); got != 0 {
		t.Errorf("got %d calls of a segment that is not", got)
	}
	if got := len(found(t, dir, &Query{Number: makeCall(0, noon, nil).From})); got < kills {
		t.Errorf("the index has the first call %d times, want it once a child: %d", got, kills)
	}
}

// writeUntilKilled lets a child write some batches and a moment longer, and
// returns how many records it was told are kept.
func writeUntilKilled(t *testing.T, self, dir string, batches int, longer time.Duration) (kept int) {
	t.Helper()
	cmd := exec.Command(self, "-test.run=^TestActAsWriter$")
	cmd.Env = append(os.Environ(), killVariable+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); {
		var word, number string
		if _, err := fmt.Sscan(lines.Text(), &word, &number); err != nil || word != "kept" {
			continue // what go test says
		}
		kept, err = strconv.Atoi(number)
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == batches {
			time.AfterFunc(longer, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // it was killed
	return kept
}
