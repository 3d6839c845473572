package store

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
)

// deskVariable holds the folder of a child that works until it is killed, and
// the number of its first wish.
const deskVariable = "EARSHOT_TEST_DESK"

// TestActAsDesk is not a test: it is the child of TestCasesKilled. A real desk
// takes wishes and faults; each is told once it is kept: its number, the case,
// the last update of the case and the last entry of the audit log.
func TestActAsDesk(t *testing.T) {
	dir, first, ok := strings.Cut(os.Getenv(deskVariable), "|")
	if !ok {
		return // called as a test
	}
	wish, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenCases(dir, noon)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Load(noon)
	if err != nil {
		t.Fatal(err)
	}
	desk := alerting.NewDesk(alerting.DeskConfig{Memory: m})
	fmt.Println("began")
	for ; ; wish++ {
		number := grant(t, desk, wish, noon.Add(time.Duration(wish)*time.Second))
		j := desk.Take()
		if err := c.Commit(&j, nil); err != nil {
			t.Fatal(err)
		}
		seq := 0
		if one := desk.Case(number); one != nil {
			seq = one.Updates[len(one.Updates)-1].Seq
		}
		var audited int64
		if n := len(j.Audit); n > 0 {
			audited = j.Audit[n-1].Seq
		}
		fmt.Println("kept", wish, number, seq, audited)
		if wish%5 == 0 {
			if err := c.SaveState(int64(wish), []alerting.Alert{{Fingerprint: alerting.Fingerprint(wish)}}, []alerting.Fault{faultOf(wish)}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// faultOf is a fault of its own place.
func faultOf(wish int) alerting.Fault {
	began := noon.Add(time.Duration(wish) * time.Second)
	return alerting.Fault{
		ID: alerting.FaultID(fmt.Sprintf("fault-%d", wish)), Signals: []alerting.Signal{alerting.SignalLoss}, Severity: alerting.Medium, Began: began, Fired: began, Seen: began,
		Verdict: alerting.Verdict{Segment: fmt.Sprintf("segment-%d", wish)},
	}
}

// grant does the wish of a number: every fourth opens a case, every tenth is a
// change, every seventh a fault; the others are notes. It returns the case.
func grant(t *testing.T, desk *alerting.Desk, wish int, now time.Time) int {
	text := fmt.Sprintf("wish %d.", wish)
	command := alerting.Command{Kind: alerting.CommandUpdate, Author: "ann", Text: text}
	cases := desk.Cases()
	switch {
	case wish%7 == 3:
		before := len(cases)
		desk.Faults(now, []alerting.Fault{faultOf(wish)})
		cases = desk.Cases()
		if len(cases) == before {
			return 0 // known from before the kill
		}
		return cases[len(cases)-1].Number
	case wish%10 == 0:
		command.Kind = alerting.CommandChange
	case wish%4 == 1 || len(cases) == 0:
		command.Kind, command.Subject, command.Key = alerting.CommandOpen, text, fmt.Sprintf("key-%d", wish)
	default:
		command.Case = cases[wish%len(cases)].Number
	}
	one, err := desk.Do(now, command)
	if err != nil {
		t.Fatal(err)
	}
	if one == nil {
		return 0
	}
	return one.Number
}

// keptWish is what a child said of a wish.
type keptWish struct {
	wish, number, seq int
	audited           int64
	tries             int // by children before, too, that may have kept it and did not live to say so
}

// Whenever the process is killed, while it opens the file, between transactions
// or in the middle of one: what it said is kept is there, nothing is there
// twice, and the file opens without a repair. The next process goes on with the
// wish after the last one that was told kept, so the one that may have been
// kept without a word is wished again: a person who saw no answer asks again.
func TestCasesKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a few hundred processes")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const kills, seed = 300, 20261122
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	dir := t.TempDir()
	var told []keptWish
	next, tries := 1, 0
	for i := range kills {
		tries++
		fresh := workUntilKilled(t, self, dir, next, random)
		if len(fresh) > 0 {
			fresh[0].tries = tries
			next, tries = fresh[len(fresh)-1].wish+1, 1 // which this one may have kept
		}
		told = append(told, fresh...)
		if names, _ := os.ReadDir(dir); len(names) < 2 {
			continue // killed before it made the file
		}
		checkKept(t, dir, told[max(0, len(told)-200):])
		if t.Failed() {
			t.Fatalf("kill %d, wish %d", i, next)
		}
	}
	checkKept(t, dir, told)
	if len(told) < kills {
		t.Errorf("the children were granted %d wishes; they were killed too early to prove anything", len(told))
	}
	t.Logf("%d wishes granted", len(told))
}

// workUntilKilled lets a child work: a third of them are killed while they
// begin, the others some wishes later.
func workUntilKilled(t *testing.T, self, dir string, wish int, random *rand.Rand) (told []keptWish) {
	t.Helper()
	cmd := exec.Command(self, "-test.run=^TestActAsDesk$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s|%d", deskVariable, dir, wish))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := func(after time.Duration) { time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) }
	wishes, longer := 1+random.IntN(12), time.Duration(random.IntN(4000))*time.Microsecond
	if random.IntN(3) == 0 {
		kill(time.Duration(random.IntN(60_000)) * time.Microsecond)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var word string
		var w keptWish
		if n, _ := fmt.Sscan(lines.Text(), &word, &w.wish, &w.number, &w.seq, &w.audited); n != 5 || word != "kept" {
			continue // that it began, and what go test says
		}
		w.tries = 1
		if told = append(told, w); len(told) == wishes {
			kill(longer)
		}
	}
	_ = cmd.Wait() // it was killed
	if state := cmd.ProcessState.String(); !strings.Contains(state, "killed") {
		t.Fatalf("the child ended by itself: %s", state)
	}
	return told
}

// checkKept looks for all that was told, and for anything twice.
func checkKept(t *testing.T, dir string, told []keptWish) {
	t.Helper()
	r, err := OpenCasesReader(dir)
	if err != nil {
		if strings.Contains(err.Error(), "of version 0") && len(told) == 0 {
			return // killed before the tables were made
		}
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	cases, err := r.Find(t.Context(), &CaseQuery{})
	if err != nil {
		t.Fatal(err)
	}
	byNumber, about := map[int]*alerting.Case{}, map[string]int{}
	for i, one := range cases {
		byNumber[one.Number] = one
		about[fmt.Sprint(one.Subject, one.Faults)]++
		if want := len(cases) - i; one.Number != want {
			t.Fatalf("the %d. case from the end has number %d, want %d: none is left out", i+1, one.Number, want)
		}
	}
	for what, n := range about {
		if n > 1 {
			t.Errorf("%q has %d cases", what, n)
		}
	}
	audit, err := r.Audit(t.Context(), &AuditQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range audit {
		if want := int64(len(audit) - i); audit[i].Seq != want {
			t.Fatalf("audit entry %d stands where %d should", audit[i].Seq, want)
		}
	}
	changes, err := r.Changes(t.Context(), &ChangeQuery{})
	if err != nil {
		t.Fatal(err)
	}
	times := map[string]int{} // that a note or change is there
	for _, c := range cases {
		for i := range c.Updates {
			times[c.Updates[i].Text]++
		}
	}
	for _, n := range changes {
		times[n.Text]++
	}
	for _, w := range told {
		w.check(t, byNumber[w.number], changes)
		if n := times[fmt.Sprintf("wish %d.", w.wish)]; n > w.tries {
			t.Errorf("wish %d is kept %d times, and was wished %d times", w.wish, n, w.tries)
		}
		if w.audited > int64(len(audit)) {
			t.Errorf("audit entry %d is lost", w.audited)
		}
	}
}

func (w *keptWish) check(t *testing.T, c *alerting.Case, changes []*alerting.NetworkChange) {
	t.Helper()
	text := fmt.Sprintf("wish %d.", w.wish)
	switch {
	case w.wish%7 != 3 && w.wish%10 == 0:
		if !slices.ContainsFunc(changes, func(n *alerting.NetworkChange) bool { return n.Text == text }) {
			t.Errorf("change %q is lost", text)
		}
	case w.number == 0: // a fault that had its case before
	case c == nil:
		t.Errorf("wish %d: case %d is lost", w.wish, w.number)
	case c.Updates[len(c.Updates)-1].Seq < w.seq:
		t.Errorf("wish %d: case %d has updates to %d, want %d", w.wish, w.number, c.Updates[len(c.Updates)-1].Seq, w.seq)
	case w.wish%7 != 3 && c.Subject != text && !slices.ContainsFunc(c.Updates, func(u alerting.Update) bool { return strings.Contains(u.Text, text) }):
		t.Errorf("wish %d is not in the timeline of case %d", w.wish, w.number)
	}
}
