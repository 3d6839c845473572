package outbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"earshot/alerting"
)

// Where Debian's packages request-tracker5 and rt5-db-sqlite put things.
const (
	rtServer   = "/usr/share/request-tracker5/libexec/rt-server"
	rtDatabase = "/var/lib/dbconfig-common/sqlite3/request-tracker5/rtdb"
)

// rtRights are the rights that the documentation asks for.
var rtRights = []string{"SeeQueue", "ShowTicket", "CreateTicket", "ModifyTicket", "CommentOnTicket", "ReplyToTicket", "ShowTicketComments", "SeeCustomField", "ModifyCustomField"}

// realRT is a Request Tracker on a copy of its empty database.
type realRT struct {
	url   string
	token string
}

// startRT copies the database, prepares it and starts a server.
func startRT(t *testing.T) realRT {
	for _, path := range []string{rtServer, rtDatabase} {
		if _, err := os.Stat(path); err != nil {
			t.Skipf("Request Tracker is not installed (packages request-tracker5, rt5-db-sqlite, rt5-standalone): %v", err)
		}
	}
	db, err := os.ReadFile(rtDatabase)
	if err != nil {
		t.Skipf("its database cannot be read, which root can: %v", err)
	}
	dir, port := t.TempDir(), freePort(t)
	configureRT(t, dir, port, db)
	env := append(os.Environ(), "RT_SITE_CONFIG="+filepath.Join(dir, "site.pm"), "RT_SITE_CONFIG_DIR="+filepath.Join(dir, "conf.d"), "TMPDIR="+dir)

	prepare := exec.Command("perl", append([]string{"-I/usr/share/request-tracker5/lib", "testdata/rt/prepare.pl"}, rtRights...)...)
	prepare.Env = env
	var complaint bytes.Buffer
	prepare.Stderr = &complaint
	token, err := prepare.Output()
	if err != nil {
		t.Fatalf("cannot prepare Request Tracker: %v\n%s", err, complaint.String())
	}
	server := exec.Command(rtServer, "--host", "127.0.0.1", "--port", strconv.Itoa(port), "--server", "Starlet", "--max-workers", "2")
	server.Env = env
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var log bytes.Buffer
	server.Stdout, server.Stderr = &log, &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Wait() }()
	t.Cleanup(func() {
		syscall.Kill(-server.Process.Pid, syscall.SIGKILL)
		<-ended
		if t.Failed() {
			t.Logf("Request Tracker said:\n%s", log.String())
		}
	})
	r := realRT{fmt.Sprintf("http://127.0.0.1:%d", port), strings.TrimSpace(string(token))}
	r.awaits(t, ended)
	return r
}

// awaits returns once the server answers.
func (r realRT) awaits(t *testing.T, ended chan error) {
	for range 600 {
		if a, err := http.Get(r.url + "/REST/2.0/rt"); err == nil {
			a.Body.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("Request Tracker ended: %v", err)
		case <-time.After(100 * time.Millisecond):
		}
	}
	t.Fatal("Request Tracker does not answer within a minute")
}

// configureRT writes the settings of a server of its own and its database.
func configureRT(t *testing.T, dir string, port int, db []byte) {
	for _, name := range []string{"conf.d", "mason", "session"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	settings := fmt.Sprintf(`Set($rtname, 'example.com'); Set($Organization, 'example.com');
Set($WebDomain, '127.0.0.1'); Set($WebPort, %d); Set($WebPath, ''); Set($WebBaseURL, 'http://127.0.0.1:%d');
Set($DatabaseType, 'SQLite'); Set($DatabaseName, '%s/rtdb');
Set($LogToSyslog, undef); Set($LogToSTDERR, 'warning'); Set($MailCommand, 'testfile');
$RT::MasonDataDir = '%s/mason'; $RT::MasonSessionDir = '%s/session'; 1;
`, port, port, dir, dir, dir)
	for name, text := range map[string]string{"rtdb": string(db), "site.pm": "1;\n", "conf.d/50-test.pm": settings} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// freePort is a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// desk does something as the person at the desk, and returns what RT says.
func (r realRT) desk(t *testing.T, method, path string, body any) map[string]any {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	q, err := http.NewRequestWithContext(t.Context(), method, r.url+"/REST/2.0"+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	q.SetBasicAuth("desk", "hear-hear-2")
	q.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(q)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	got, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode > 299 {
		t.Fatalf("%s %s: %v, HTTP %d: %s", method, path, err, a.StatusCode, got)
	}
	said := map[string]any{}
	if bytes.HasPrefix(bytes.TrimSpace(got), []byte("{")) {
		if err := json.Unmarshal(got, &said); err != nil {
			t.Fatal(err)
		}
	}
	return said
}

// count is the number of tickets of a key, those of all states but deleted.
func (r realRT) count(t *testing.T, key string) int {
	t.Helper()
	said := r.desk(t, http.MethodGet, "/tickets?query="+url.QueryEscape("Subject LIKE '"+key+"' OR 'CF.{EarshotKey}' = '"+key+"'"), nil)
	return int(said["total"].(float64))
}

// lossy forwards to RT and breaks the connection of some requests: once RT has
// done them, or before.
func (r realRT) lossy(t *testing.T, breaks func(*http.Request) (before, after bool)) string {
	target, err := url.Parse(r.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		before, after := breaks(q)
		if !before {
			if !after {
				proxy.ServeHTTP(w, q)
				return
			}
			proxy.ServeHTTP(httptest.NewRecorder(), q)
		}
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			conn.Close()
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// keyed is a ticket with a key of its own.
func keyed(n int, id string) *Ticket {
	ticket := trackerTicket(id)
	ticket.Key = fmt.Sprintf("%032x", 0xea5000+n)
	return ticket
}

// TestRealRequestTracker takes tickets through their lives in Request Tracker 5.
func TestRealRequestTracker(t *testing.T) {
	if os.Getenv("EARSHOT_RT") == "" {
		t.Skip("it takes 20 s, and minutes on a busy machine: EARSHOT_RT=1 runs it")
	}
	rt := startRT(t)
	kinds := map[string]Destination{
		"custom field": rt.destination(t, rt.url, "token_env: T", "key_field: EarshotKey"),
		"subject":      rt.destination(t, rt.url, "user: earshot", "password_env: P"),
	}
	n := 0
	for name, d := range kinds {
		n++
		key := n
		parallel(t, "life with a "+name, func(t *testing.T) { rt.life(t, d, key) })
	}
	parallel(t, "answer lost", rt.answerLost)
	parallel(t, "people", func(t *testing.T) { rt.people(t, kinds["custom field"]) })
	parallel(t, "doubles", func(t *testing.T) { rt.doubles(t, kinds["custom field"]) })
	parallel(t, "refusals", rt.refusals)
	parallel(t, "schedule", rt.schedule)
}

// parallel runs a part beside the others.
func parallel(t *testing.T, name string, part func(*testing.T)) {
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		part(t)
	})
}

// destination is one that goes to a Request Tracker, with the secrets of this one.
func (r realRT) destination(t *testing.T, at string, lines ...string) Destination {
	t.Helper()
	return decodeWith(t, func(_, env string) (string, error) {
		return map[string]string{"T": r.token, "P": "hear-hear-1", "WRONG": "1-1-00000000000000000000000000000000"}[env], nil
	}, "rt", at, append([]string{"timeout: 60s"}, lines...)...)
}

// life opens a ticket, changes it, closes it and opens it again.
func (r realRT) life(t *testing.T, d Destination, n int) {
	ctx, c, ticket := t.Context(), trackerContent(), keyed(n, "")
	if _, ok := found(t, d, ticket); ok {
		t.Fatal("found a ticket before one was made")
	}
	made, err := d.Create(ctx, ticket, c)
	if err != nil {
		t.Fatal(err)
	}
	ticket.Remote = made
	if again, ok := found(t, d, ticket); !ok || again != made {
		t.Fatalf("found %+v, %v; want %+v", again, ok, made)
	}
	now := r.desk(t, http.MethodGet, "/ticket/"+made.ID, nil)
	if subject := now["Subject"].(string); !strings.HasPrefix(subject, `[Earshot] #17 High: Packet loss, it's "G729" in trunk-b`) {
		t.Errorf("subject is %q", subject)
	}
	if now["Priority"] != "100" || now["Status"] != "new" {
		t.Errorf("priority and status are %v, %v; want 100, new", now["Priority"], now["Status"])
	}

	c.Case.Severity, c.Subject = alerting.Medium, "[Earshot] #17 Medium: Packet loss"
	ticket.Shown.Severity = alerting.High
	if _, err := d.Update(ctx, ticket, c); err != nil {
		t.Fatal(err)
	}
	now = r.desk(t, http.MethodGet, "/ticket/"+made.ID, nil)
	if now["Priority"] != "50" || !strings.HasPrefix(now["Subject"].(string), "[Earshot] #17 Medium") {
		t.Errorf("after the update priority and subject are %v, %q", now["Priority"], now["Subject"])
	}

	if err := d.Comment(ctx, ticket, c); err != nil {
		t.Fatal(err)
	}
	data := "\x00\xff binary \r\n"
	if err := d.Attach(ctx, ticket, trackerFile("chart.png", "image/png", data)); err != nil {
		t.Fatal(err)
	}
	ticket.Doubt = true // the second time neither happens
	if err := d.Comment(ctx, ticket, c); err != nil {
		t.Fatal(err)
	}
	if err := d.Attach(ctx, ticket, trackerFile("chart.png", "image/png", data)); err != nil {
		t.Fatal(err)
	}
	ticket.Doubt = false
	r.messages(t, made.ID, map[string]int{"chart.png": 1, "Severity rose from medium to high.\nIt's worse.": 1, data: 1})

	for range 2 { // the second time nothing is to be done
		if _, err := d.Close(ctx, ticket, c); err != nil {
			t.Fatal(err)
		}
		if h := read(t, d, ticket); h != Resolved {
			t.Errorf("after closing a person is read as %q, want resolved", h)
		}
	}
	for range 2 {
		if _, err := d.Reopen(ctx, ticket, c); err != nil {
			t.Fatal(err)
		}
		if h := read(t, d, ticket); h != Untouched {
			t.Errorf("after opening again a person is read as %q, want untouched", h)
		}
	}
	if got := r.count(t, ticket.Key); got != 1 {
		t.Errorf("there are %d tickets with the key, want 1", got)
	}
}

// messages counts the messages and files of a ticket by what they hold.
func (r realRT) messages(t *testing.T, id string, want map[string]int) {
	t.Helper()
	list := r.desk(t, http.MethodGet, "/ticket/"+id+"/attachments?per_page=100", nil)
	got := map[string]int{}
	for _, item := range list["items"].([]any) {
		a := r.desk(t, http.MethodGet, "/attachment/"+item.(map[string]any)["id"].(string), nil)
		if name, ok := a["Filename"].(string); ok && name != "" {
			got[name]++
		}
		if text, ok := a["Content"].(string); ok {
			data, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "\n", ""))
			if err != nil {
				t.Fatal(err)
			}
			got[string(data)]++
		}
	}
	for what, n := range want {
		if got[what] != n {
			t.Errorf("there are %d of %q, want %d; all: %v", got[what], what, n, got)
		}
	}
}

// answerLost loses the answer to each creation: what was made is found.
func (r realRT) answerLost(t *testing.T) {
	for i, keys := range [][]string{{"token_env: T", "key_field: EarshotKey"}, {"token_env: T"}} {
		for _, done := range []bool{true, false} {
			first := true
			at := r.lossy(t, func(q *http.Request) (before, after bool) {
				if q.Method != http.MethodPost || !first {
					return false, false
				}
				first = false
				return !done, done
			})
			d, ticket := r.destination(t, at, keys...), keyed(100+i, "")
			if done {
				ticket.Key = strings.Replace(ticket.Key, "ea5", "ea6", 1)
			}
			_, err := d.Create(t.Context(), ticket, trackerContent())
			mustFail(t, err, Doubtful)
			_, there := found(t, d, ticket)
			if there != done {
				t.Errorf("%v: after the answer was lost, with the ticket made: %v, one is found: %v", keys, done, there)
			}
			if !there {
				if _, err := d.Create(t.Context(), ticket, trackerContent()); err != nil {
					t.Fatal(err)
				}
			}
			if got := r.count(t, ticket.Key); got != 1 {
				t.Errorf("there are %d tickets, want 1", got)
			}
		}
	}
}

// people do with tickets what they like, and it is read back.
func (r realRT) people(t *testing.T, d Destination) {
	for i, c := range []struct {
		status string
		want   Human
	}{{"open", Untouched}, {"stalled", Untouched}, {"resolved", Resolved}, {"rejected", WontFix}, {"deleted", Deleted}} {
		ticket := keyed(200+i, "")
		made, err := d.Create(t.Context(), ticket, trackerContent())
		if err != nil {
			t.Fatal(err)
		}
		ticket.Remote = made
		r.desk(t, http.MethodPut, "/ticket/"+made.ID, map[string]string{"Status": c.status})
		if got := read(t, d, ticket); got != c.want {
			t.Errorf("status %q is read as %q, want %q", c.status, got, c.want)
		}
	}
	ticket := keyed(220, "99999")
	if got := read(t, d, ticket); got != Deleted {
		t.Errorf("a ticket that is not there is read as %q, want deleted", got)
	}
	_, err := d.Update(t.Context(), ticket, trackerContent())
	mustFail(t, err, Gone)
}

// doubles are merged into the oldest.
func (r realRT) doubles(t *testing.T, d Destination) {
	ticket := keyed(300, "")
	first, err := d.Create(t.Context(), ticket, trackerContent())
	if err != nil {
		t.Fatal(err)
	}
	second, err := d.Create(t.Context(), ticket, trackerContent())
	if err != nil {
		t.Fatal(err)
	}
	if got := r.count(t, ticket.Key); got != 2 {
		t.Fatalf("there are %d tickets, want 2 to begin with", got)
	}
	if one, ok := found(t, d, ticket); !ok || one != first {
		t.Errorf("found %+v, %v; want the oldest, %+v", one, ok, first)
	}
	if got := r.count(t, ticket.Key); got != 1 {
		t.Errorf("there are %d tickets after the search, want 1", got)
	}
	// What was merged away leads to where it went.
	ticket.Remote = second
	if got := read(t, d, ticket); got != Untouched {
		t.Errorf("the double is read as %q, want untouched", got)
	}
}

// schedule takes a case through a box while requests and answers are lost and
// the program is killed.
func (r realRT) schedule(t *testing.T) {
	var mu sync.Mutex
	var next [2]bool // the next request is broken: before, after it was done
	broken := 0
	at := r.lossy(t, func(*http.Request) (before, after bool) {
		mu.Lock()
		defer mu.Unlock()
		before, after, next = next[0], next[1], [2]bool{}
		if before || after {
			broken++
		}
		return before, after
	})
	const seed = 1
	s := newSchedule(t, r.destination(t, at, "token_env: T", "key_field: EarshotKey"), seed)
	s.readEvery = 3 * time.Hour
	s.disturb = func() {
		mu.Lock()
		next[s.lot.IntN(2)] = s.lot.IntN(3) > 0
		mu.Unlock()
	}
	s.run()
	if broken < 3 {
		t.Errorf("seed %d broke %d requests: it shows little", seed, broken)
	}
	for _, ticket := range s.kept {
		if n := r.count(t, ticket.Key); n != 1 {
			t.Errorf("seed %d: there are %d tickets, want 1", seed, n)
		}
		want := map[string]int{"chart.png": 1}
		for _, u := range s.c.Updates[1:] {
			want[u.Text+"\n"] = 1
		}
		r.messages(t, ticket.Remote.ID, want)
		human := Untouched
		if s.c.Status == alerting.StatusClosed {
			human = Resolved
		}
		if h := read(t, s.d, ticket); h != human {
			t.Errorf("seed %d: the ticket is read as %q, want %q", seed, h, human)
		}
	}
}

// refusals say what to mend.
func (r realRT) refusals(t *testing.T) {
	ctx, c := t.Context(), trackerContent()
	_, _, err := r.destination(t, r.url, "token_env: WRONG").Find(ctx, keyed(400, ""))
	mustFail(t, err, Denied, "check the token", "ShowTicket")
	_, err = r.destination(t, r.url, "token_env: T", "queue: Nowhere").Create(ctx, keyed(401, ""), c)
	mustFail(t, err, Denied, "No permission to create tickets in the queue 'Nowhere'")
	_, err = r.destination(t, r.url, "token_env: T", "key_field: NoSuchField").Create(ctx, keyed(402, ""), c)
	mustFail(t, err, Denied, `no custom field "NoSuchField"`, "apply it there")
	if got := r.count(t, keyed(402, "").Key); got != 0 {
		t.Errorf("%d tickets were made that nobody finds again", got)
	}
	_, _, err = r.destination(t, r.url+"/rt", "token_env: T").Find(ctx, keyed(403, ""))
	mustFail(t, err, Busy, "is the address that of the server") // RT shows its sign-in page there

	d, ticket := r.destination(t, r.url, "token_env: T", "close_status: answered"), keyed(404, "")
	made, err := d.Create(ctx, ticket, c)
	if err != nil {
		t.Fatal(err)
	}
	ticket.Remote = made
	_, err = d.Close(ctx, ticket, c)
	mustFail(t, err, Refused, "Status 'answered' isn't a valid status")

	// Somebody changes the ticket between our look at it and our change.
	at := r.lossy(t, func(q *http.Request) (bool, bool) {
		if q.Method == http.MethodPut {
			r.desk(t, http.MethodPut, "/ticket/"+made.ID, map[string]string{"Priority": "7"})
		}
		return false, false
	})
	_, err = r.destination(t, at, "token_env: T").Close(ctx, ticket, c)
	mustFail(t, err, Conflict)
}
