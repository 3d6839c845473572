package outbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"earshot/alerting"
)

// realMember is one Alertmanager of a cluster of two.
type realMember struct {
	t        *testing.T
	url      string
	args     []string
	run      *exec.Cmd
	complain bytes.Buffer
}

// unusedPort is one that nobody listens on.
func unusedPort(t *testing.T, network string) string {
	t.Helper()
	if network == "udp" {
		c, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		return c.LocalAddr().String()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// realCluster starts two members that tell this address of their alerts.
func realCluster(t *testing.T, hook string) []*realMember {
	t.Helper()
	binary, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		t.Skip("prometheus-alertmanager is not installed")
	}
	config := filepath.Join(t.TempDir(), "alertmanager.yml")
	text := fmt.Sprintf("route: {receiver: hook, group_by: [key], group_wait: 1s, group_interval: 2s, repeat_interval: 1h}\nreceivers: [{name: hook, webhook_configs: [{url: %q}]}]\n", hook)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	gossip := []string{unusedPort(t, "udp"), unusedPort(t, "udp")}
	var members []*realMember
	for i := range 2 {
		at := unusedPort(t, "tcp")
		m := &realMember{t: t, url: "http://" + at, args: []string{binary, "--config.file=" + config, "--storage.path=" + t.TempDir(), "--web.listen-address=" + at,
			"--cluster.listen-address=" + gossip[i], "--cluster.peer=" + gossip[1-i], "--cluster.peer-timeout=2s", "--cluster.gossip-interval=50ms",
			"--cluster.pushpull-interval=1s", "--cluster.settle-timeout=1s", "--cluster.reconnect-interval=500ms"}}
		m.start()
		t.Cleanup(m.stop)
		members = append(members, m)
	}
	for _, m := range members {
		m.ready()
	}
	return members
}

func (m *realMember) start() {
	m.run = exec.Command(m.args[0], m.args[1:]...)
	m.run.Stderr = &m.complain
	if err := m.run.Start(); err != nil {
		m.t.Fatal(err)
	}
}

func (m *realMember) stop() {
	if m.run != nil {
		m.run.Process.Kill()
		m.run.Wait()
		m.run = nil
	}
}

// ready waits until the member is in the cluster.
func (m *realMember) ready() {
	m.t.Helper()
	within(m.t, 30*time.Second, m.url+" is a member of a cluster of two", func() bool {
		var status struct {
			Cluster struct {
				Status string
				Peers  []any
			}
		}
		return fetch(m.url+"/api/v2/status", &status) && status.Cluster.Status == "ready" && len(status.Cluster.Peers) == 2
	})
}

// within waits for something.
func within(t *testing.T, limit time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// fetch reads JSON.
func fetch(address string, into any) bool {
	a, err := http.Get(address)
	if err != nil {
		return false
	}
	defer a.Body.Close()
	return a.StatusCode == 200 && json.NewDecoder(a.Body).Decode(into) == nil
}

// shows waits until the member shows exactly these severities of our case.
func (m *realMember) shows(severities ...string) {
	m.t.Helper()
	var got []string
	within(m.t, 10*time.Second, fmt.Sprintf("%s shows alerts with the severities %v", m.url, severities), func() bool {
		var alerts []struct {
			Labels map[string]string
			Status struct{ State string }
		}
		if !fetch(m.url+"/api/v2/alerts?filter="+url.QueryEscape(`monitor="earshot"`), &alerts) {
			return false
		}
		got = nil
		for _, a := range alerts {
			if a.Labels["case"] != "17" || a.Labels["alertname"] != "EarshotCase" {
				m.t.Errorf("an alert with %v", a.Labels)
			}
			got = append(got, a.Labels["severity"])
		}
		return slices.Equal(got, severities)
	})
}

// notified is what a cluster told of its alerts.
type notified struct {
	mu     sync.Mutex
	groups []string // "firing KEY", in order
}

func (n *notified) ServeHTTP(_ http.ResponseWriter, q *http.Request) {
	var body struct {
		GroupKey string
		Status   string
	}
	json.NewDecoder(q.Body).Decode(&body)
	n.mu.Lock()
	n.groups = append(n.groups, body.Status+" "+body.GroupKey)
	n.mu.Unlock()
}

// said returns what was told so far.
func (n *notified) said() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.groups)
}

// TestRealAlertmanager: one case is one alert at each of two real members,
// whatever happens to it and to them, and one group for people.
func TestRealAlertmanager(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits for two real Alertmanagers")
	}
	heard := &notified{}
	hook := httptest.NewServer(heard)
	defer hook.Close()
	members := realCluster(t, hook.URL)
	a, b := members[0], members[1]
	d := amCluster(t, []string{a.url, b.url})
	c, ticket := trackerContent(), trackerTicket("")
	c.Case.FirstSeen, ticket.Wanted.Open = time.Now().Add(-time.Hour), true
	tell := func(step func() (Remote, error)) {
		t.Helper()
		c.At = time.Now()
		remote, err := step()
		if err != nil {
			t.Fatal(err)
		}
		ticket.Remote = remote
	}
	create := func() (Remote, error) { return d.Create(t.Context(), ticket, c) }
	update := func() (Remote, error) { return d.Update(t.Context(), ticket, c) }

	tell(create)
	tell(create)
	a.shows("high")
	b.shows("high")
	within(t, 20*time.Second, "the cluster tells of it", func() bool { return len(heard.said()) > 0 })
	time.Sleep(4 * time.Second) // the other member would have told it by now: it waits for 2 s
	if got := heard.said(); len(got) != 1 || !strings.HasPrefix(got[0], "firing ") {
		t.Fatalf("two members told %v, want one group once", got)
	}

	c.Text = "another text"
	tell(update)
	a.shows("high")
	c.Case.Severity = alerting.Critical
	tell(update)
	a.shows("critical")
	b.shows("critical")

	a.stop()
	tell(update)
	b.shows("critical")
	if want := "1 of 2 members, not " + strings.TrimPrefix(a.url, "http://"); ticket.Remote.Name != want {
		t.Errorf("remote is %q, want %q", ticket.Remote.Name, want)
	}
	a.start()
	a.ready()
	tell(update) // the next refresh
	a.shows("critical")
	b.shows("critical")

	c.Case.Status, c.Case.Closed = alerting.StatusClosed, time.Now()
	tell(func() (Remote, error) { return d.Close(t.Context(), ticket, c) })
	a.shows()
	b.shows()
	within(t, 30*time.Second, "the cluster tells that it is over", func() bool {
		got := heard.said()
		return strings.HasPrefix(got[len(got)-1], "resolved ")
	})
	for _, one := range heard.said() {
		if !strings.HasSuffix(one, trackerKey+`"}`) {
			t.Errorf("another group was told: %s", one)
		}
	}
}
