package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/alerting/outbox"
)

// killSeedVariable holds the seed of TestOutboxKilled, to play one again. What is
// drawn is the same then; when the processes get to run is not.
const killSeedVariable = "EARSHOT_KILL_SEED"

// TestOutboxKilled: a probe that is killed again and again, whose destinations
// lose requests and answers and refuse what they like, has in the end told each
// of them of every case once, and of everything that clients were told it knows.
func TestOutboxKilled(t *testing.T) {
	seed := rand.Uint64()
	if v, err := strconv.ParseUint(os.Getenv(killSeedVariable), 10, 64); err == nil {
		seed = v
	}
	defer func() {
		if t.Failed() {
			t.Logf("to play it again: %s=%d", killSeedVariable, seed)
		}
	}()
	random := func(stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
	long := 18 * time.Second
	if testing.Short() {
		long = 3 * time.Second // and nothing is closed: a close whose answer was lost waits for a minute
	}
	table := &incidents{t: t}
	hook := &hookKeeper{t: t, delivered: map[string]bool{}, events: map[string][]outbox.Event{}}
	servers := []*moodyServer{newMoodyServer(t, random(1), table.answer), newMoodyServer(t, random(2), hook.answer)}
	config, page := killConfiguration(t, servers), freePort(t)
	run := func() *child { return start(t, "run", "--config", config, "--listen", page) }

	stop, clerks := make(chan struct{}), []*clerk{}
	var working sync.WaitGroup
	for i, name := range []string{"ann", "ben", "cleo"} {
		c := &clerk{t: t, name: name, url: "http://" + page, random: random(uint64(10 + i)), closes: !testing.Short()}
		clerks = append(clerks, c)
		working.Go(func() { c.work(stop) })
	}
	kills, chance := 0, random(3)
	for end := time.Now().Add(long); time.Now().Before(end); kills++ {
		killOnce(t, run(), chance)
		for _, s := range servers {
			s.settle(t)
		}
	}
	for _, s := range servers {
		s.calmDown()
	}
	probe := run()
	probe.hears("READY=1")
	close(stop)
	working.Wait()
	if t.Failed() {
		return
	}
	waitQuiet(t, page)
	checkTable(t, table, clerks)
	checkHook(t, hook, clerks)
	checkDesk(t, page, clerks)
	if kills < 2 || len(table.list) < 5 {
		t.Errorf("%d kills and %d incidents prove nothing", kills, len(table.list))
	}
	t.Logf("%d kills, %d incidents; the table was asked %v, the webhook %v", kills, len(table.list), servers[0].seen, servers[1].seen)
	if t.Failed() {
		t.Logf("log of the last probe:\n%s", probe.log())
	}
}

// killConfiguration is that of a probe with a ticket system and a webhook that
// are told at once.
func killConfiguration(t *testing.T, servers []*moodyServer) string {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "secret"), "sesame-open-the-door-please")
	const soon = "timeout: 1s, first_wait: 1s, longest_wait: 2s, comment_every: 1s, per_minute: 6000, max_new: 10000"
	file := filepath.Join(dir, "earshot.yaml")
	write(t, file, fmt.Sprintf(`
hep: {udp: "127.0.0.1:0"}
store: {dir: store}
destinations:
  - {name: table, kind: servicenow, url: %q, user: earshot, password_file: secret, %s}
  - {name: hook, kind: webhook, url: %q, secret_file: secret, %s}
`, servers[0].URL, soon, servers[1].URL, soon))
	return file
}

// killOnce kills a probe: mostly while it works, else while it begins.
func killOnce(t *testing.T, probe *child, random *rand.Rand) {
	t.Helper()
	wait := time.Duration(300+random.IntN(1200)) * time.Millisecond
	if random.IntN(5) > 0 {
		probe.hears("READY=1")
	} else {
		wait = time.Duration(random.IntN(600)) * time.Millisecond
	}
	time.Sleep(wait)
	probe.signal(syscall.SIGKILL)
	if probe.end(); !strings.Contains(probe.cmd.ProcessState.String(), "killed") {
		t.Fatalf("the probe ended by itself: %s\n%s", probe.cmd.ProcessState, probe.log())
	}
}

// waitQuiet waits until nothing is left to be told.
func waitQuiet(t *testing.T, page string) {
	t.Helper()
	const long = 2 * time.Minute // a close whose answer was lost waits for one
	for end := time.Now().Add(long); ; time.Sleep(200 * time.Millisecond) {
		var waiting []string
		d := json.NewDecoder(strings.NewReader(says(t, "", "outbox", "list", "--all", "--limit", "0", "--json", "--url", "http://"+page)))
		for d.More() {
			var one outbox.Ticket
			if err := d.Decode(&one); err != nil {
				t.Fatal(err)
			}
			if one.State != outbox.Confirmed && one.State != outbox.Closed {
				waiting = append(waiting, fmt.Sprintf("%+v", one))
			}
		}
		if len(waiting) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after %s these are still to be told:\n%s", long, strings.Join(waiting, "\n"))
		}
	}
}

// checkTable looks for one incident of each case, that stands as the case does
// and holds all that was said.
func checkTable(t *testing.T, table *incidents, clerks []*clerk) {
	t.Helper()
	byCase, keys := map[string]*incident{}, map[string]bool{}
	for _, one := range table.list {
		if key := one.fields["correlation_id"]; keys[key] || key == "" {
			t.Errorf("there is a second incident %s of key %q", one.fields["number"], key)
		} else {
			keys[key] = true
		}
		about, _, _ := strings.Cut(one.fields["description"], ":")
		if byCase[about] != nil {
			t.Errorf("there is a second incident %s of %s", one.fields["number"], about)
		}
		byCase[about] = one
	}
	for _, c := range clerks {
		for _, told := range c.cases {
			one := byCase[fmt.Sprint("Case ", told.number)]
			delete(byCase, fmt.Sprint("Case ", told.number))
			if one == nil {
				if told.open {
					t.Errorf("table: case %d has no incident", told.number)
				}
				continue // it was over before anybody was told
			}
			if open := one.fields["state"] != "6"; open != told.open {
				t.Errorf("table: %s has state %s; case %d is open: %v", one.fields["number"], one.fields["state"], told.number, told.open)
			}
			notes := strings.Join(one.notes, "\n")
			for text, again := range told.notes {
				if !told.open && !strings.Contains(notes, again) {
					continue // closed again before anybody was told that it had been opened
				}
				if !strings.Contains(notes, text) {
					t.Errorf("table: %s lacks %q of case %d; it has %q", one.fields["number"], text, told.number, one.notes)
				}
			}
		}
	}
	for about := range byCase {
		t.Errorf("table: there is an incident of %q, which nobody opened", about)
	}
}

// checkHook looks at what a receiver knows that keeps to the contract: a
// delivery counts once, and the highest sequence last.
func checkHook(t *testing.T, hook *hookKeeper, clerks []*clerk) {
	t.Helper()
	byCase := map[int]string{}
	for key, events := range hook.events {
		number := events[0].Case.Number
		if byCase[number] != "" {
			t.Errorf("hook: case %d has the keys %s and %s", number, byCase[number], key)
		}
		byCase[number] = key
	}
	for _, c := range clerks {
		for _, told := range c.cases {
			created, open, latest, said, story := 0, false, 0, "", ""
			for _, e := range hook.events[byCase[told.number]] {
				story += fmt.Sprintf(" %s(%d)", e.Event, e.Sequence)
				if e.Event == "created" {
					created++
				}
				if e.Sequence >= latest && e.Event != "commented" {
					open, latest = e.Event != "closed", e.Sequence
				}
				for _, u := range append(e.Case.Updates, e.Notes...) {
					said += u.Text + "\n"
				}
			}
			if created > 1 || created == 0 && told.open {
				t.Errorf("hook: case %d, open: %v, was created %d times:%s", told.number, told.open, created, story)
			}
			if open != told.open {
				t.Errorf("hook: case %d is shown open: %v, it is: %v:%s", told.number, open, told.open, story)
			}
			for text, again := range told.notes {
				if created > 0 && (told.open || strings.Contains(said, again)) && !strings.Contains(said, text) {
					t.Errorf("hook: %q of case %d never came", text, told.number)
				}
			}
		}
	}
}

// checkDesk holds the probe itself to what clients were told.
func checkDesk(t *testing.T, page string, clerks []*clerk) {
	t.Helper()
	cases := 0
	for _, c := range clerks {
		for _, told := range c.cases {
			cases++
			_, body := fetch(t, fmt.Sprintf("http://%s/api/v1/cases/%d", page, told.number))
			var one struct {
				Status string `json:"status"`
			}
			if err := json.Unmarshal([]byte(body), &one); err != nil || (one.Status == "open") != told.open {
				t.Errorf("case %d is %q (%v), and its client was told open: %v", told.number, one.Status, err, told.open)
			}
		}
	}
	if _, body := fetch(t, "http://"+page+"/api/v1/cases/"+strconv.Itoa(cases+1)); !strings.Contains(body, "error") {
		t.Errorf("there is a case that nobody opened: %s", body)
	}
}
