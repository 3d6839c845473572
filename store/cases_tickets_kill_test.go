package store

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// boxVariable holds the folder of a child that works until it is killed.
const boxVariable = "EARSHOT_TEST_BOX"

// jiraTerms are those of a destination that can do everything but find.
var jiraTerms = []outbox.Terms{{Name: "jira", Abilities: outbox.Abilities{Comment: true, Close: true, Reopen: true}, MaxNew: 1000, PerMinute: 100_000, CommentEvery: time.Second}}

// TestActAsOutbox is not a test: it is the child of TestTicketsKilled. A desk
// opens, notes and closes; what is due is told when it is kept, on a line for
// each request, which stands for the request itself.
func TestActAsOutbox(t *testing.T) {
	dir := os.Getenv(boxVariable)
	if dir == "" {
		return // called as a test
	}
	c, err := OpenCases(dir, noon)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Load(noon)
	if err != nil {
		t.Fatal(err)
	}
	tickets, next, err := c.LoadTickets(noon)
	if err != nil {
		t.Fatal(err)
	}
	desk := alerting.NewDesk(alerting.DeskConfig{Memory: m})
	now := noon.Add(time.Duration(m.NextAudit) * time.Minute)
	box := outbox.NewBox(outbox.Config{Destinations: jiraTerms, Tickets: tickets, NextTicket: next})
	box.Cases(now, desk.Cases())
	fmt.Println("began")
	for wish := int(m.NextAudit); ; wish++ {
		now = now.Add(time.Minute)
		command := alerting.Command{Kind: alerting.CommandOpen, Author: "ann", Subject: "case", Text: "note"}
		if open := openNumbers(desk); wish%4 != 0 && len(open) > 0 {
			command = alerting.Command{Kind: alerting.CommandUpdate, Author: "ann", Text: "note", Case: open[wish%len(open)]}
			if wish%9 == 0 {
				command.Kind = alerting.CommandClose
			}
		}
		if _, err := desk.Do(now, command); err != nil {
			t.Fatal(err)
		}
		j := desk.Take()
		box.Cases(now, j.Cases)
		jobs := box.Due(now)
		if err := c.Commit(&j, box.Take()); err != nil {
			t.Fatal(err)
		}
		for _, job := range jobs {
			fmt.Println("request", job.Ticket.ID, job.Ticket.Version, job.Ticket.Case, job.Ticket.Key, job.Step)
			box.Done(now, outbox.Outcome{Job: job, Remote: outbox.Remote{ID: fmt.Sprint(job.Ticket.ID)}})
		}
	}
}

func openNumbers(d *alerting.Desk) (numbers []int) {
	for _, c := range d.Cases() {
		if c.Status == alerting.StatusOpen {
			numbers = append(numbers, c.Number)
		}
	}
	return numbers
}

// Whenever the process is killed, every case that is told has its ticket, every
// ticket its case, and no request was made whose ticket was not kept as sent: so
// that whoever goes on knows which ones may have been done.
func TestTicketsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a hundred processes")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	const kills, seed = 100, 20261123
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, seed))
	dir, requests, doubts := t.TempDir(), 0, 0
	for range kills {
		made := requestsUntilKilled(t, self, dir, random)
		requests += len(made)
		doubts += checkTicketsOf(t, dir, made)
		if t.Failed() {
			return
		}
	}
	if requests < kills || doubts == 0 {
		t.Errorf("%d requests, %d of them in doubt: the children were killed too early, or too late, to prove anything", requests, doubts)
	}
	t.Logf("%d requests were made, %d found in doubt", requests, doubts)
}

// madeRequest is what a child said it asked for.
type madeRequest struct {
	id, version int64
	number      int
	key, step   string
}

func requestsUntilKilled(t *testing.T, self, dir string, random *rand.Rand) (made []madeRequest) {
	t.Helper()
	cmd := exec.Command(self, "-test.run=^TestActAsOutbox$")
	cmd.Env = append(os.Environ(), boxVariable+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	until, longer := 1+random.IntN(25), time.Duration(random.IntN(4000))*time.Microsecond
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		var r madeRequest
		if n, _ := fmt.Sscanf(lines.Text(), "request %d %d %d %s %s", &r.id, &r.version, &r.number, &r.key, &r.step); n != 5 {
			continue // that it began, and what go test says
		}
		if made = append(made, r); len(made) == until {
			time.AfterFunc(longer, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // it was killed
	if state := cmd.ProcessState.String(); !strings.Contains(state, "killed") {
		t.Fatalf("the child ended by itself: %s", state)
	}
	return made
}

// checkTicketsOf looks for what was asked for, and returns how many requests are
// in doubt.
func checkTicketsOf(t *testing.T, dir string, made []madeRequest) (doubts int) {
	t.Helper()
	r, err := OpenCasesReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	tickets, err := r.Tickets(t.Context(), &TicketQuery{})
	if err != nil {
		t.Fatal(err)
	}
	byID, byCase := map[int64]*outbox.Ticket{}, map[int]*outbox.Ticket{}
	for _, one := range tickets {
		if byCase[one.Case] != nil {
			t.Errorf("case %d has two tickets", one.Case)
		}
		byID[one.ID], byCase[one.Case] = one, one
		if one.State == outbox.Sent {
			doubts++
		}
	}
	for _, q := range made {
		one := byID[q.id]
		if one == nil || one.Version < q.version || one.Key != q.key || one.Case != q.number {
			t.Errorf("%s of ticket %d, version %d, was asked for; kept is %+v", q.step, q.id, q.version, one)
		}
	}
	cases, err := r.Find(t.Context(), &CaseQuery{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		one := byCase[c.Number]
		delete(byCase, c.Number)
		switch {
		case one == nil:
			t.Errorf("case %d has no ticket", c.Number)
		case one.Wanted.Update != c.Updates[len(c.Updates)-1].Seq || one.Wanted.Open != (c.Status == alerting.StatusOpen):
			t.Errorf("case %d is at entry %d, %s; its ticket wants %+v", c.Number, c.Updates[len(c.Updates)-1].Seq, c.Status, one.Wanted)
		}
	}
	for number := range byCase {
		t.Errorf("a ticket tells of case %d, which there is not", number)
	}
	return doubts
}
