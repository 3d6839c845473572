package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// member is one Alertmanager of a cluster.
type member struct {
	t       *testing.T
	cmd     *exec.Cmd
	web     string // address
	cluster string
	log     bytes.Buffer // read when it has ended
}

// startMember runs a real Alertmanager that posts every group to the probe, at
// once and again every two seconds.
func startMember(t *testing.T, probe string, peers ...*member) *member {
	t.Helper()
	m := &member{t: t, web: freePort(t), cluster: freePort(t)}
	dir := t.TempDir()
	config := filepath.Join(dir, "alertmanager.yml")
	write(t, config, fmt.Sprintf(`
route: {receiver: earshot, group_by: [alertname], group_wait: 0s, group_interval: 1s, repeat_interval: 2s}
receivers:
  - name: earshot
    webhook_configs: [{url: "http://%s/api/v1/hooks/alertmanager"}]
`, probe))
	args := []string{"--config.file=" + config, "--storage.path=" + dir, "--web.listen-address=" + m.web,
		"--cluster.listen-address=" + m.cluster, "--cluster.advertise-address=" + m.cluster, "--cluster.settle-timeout=1s", "--cluster.peer-timeout=1s", "--log.level=warn"}
	for _, p := range peers {
		args = append(args, "--cluster.peer="+p.cluster)
	}
	m.cmd = exec.Command("prometheus-alertmanager", args...)
	m.cmd.Stdout, m.cmd.Stderr = &m.log, &m.log
	if err := m.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.stop)
	deadline := time.Now().Add(patience)
	for {
		a, err := http.Get("http://" + m.web + "/-/ready")
		if err == nil {
			_ = a.Body.Close()
			if a.StatusCode == http.StatusOK {
				return m
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("the Alertmanager is not ready: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (m *member) stop() {
	_ = m.cmd.Process.Kill() // it may have ended
	_ = m.cmd.Wait()
}

// post is what a Prometheus sends: to every member, again and again.
func (m *member) post(ends time.Time, names ...string) {
	m.t.Helper()
	var alerts []map[string]any
	for _, name := range names {
		a := map[string]any{"labels": map[string]string{"alertname": "TrunkDown", "severity": "critical", "instance": name}, "startsAt": trunkDown}
		if !ends.IsZero() {
			a["endsAt"] = ends
		}
		alerts = append(alerts, a)
	}
	body, err := json.Marshal(alerts)
	if err != nil {
		m.t.Fatal(err)
	}
	a, err := http.Post("http://"+m.web+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		m.t.Fatalf("posting alerts: %s", a.Status)
	}
}

// trunkDown is when the alerts of the test began. Alertmanager waits for no
// group whose alerts are older than its group_wait.
var trunkDown = time.Date(2026, 1, 6, 9, 0, 0, 0, time.UTC)

// active lists the alerts of Earshot's that a member shows as firing.
func (m *member) active() []map[string]string {
	m.t.Helper()
	status, body := fetch(m.t, "http://"+m.web+"/api/v2/alerts?active=true&filter=monitor%3D%22earshot%22")
	var list []struct{ Labels map[string]string }
	if err := json.Unmarshal([]byte(body), &list); err != nil || status != http.StatusOK {
		m.t.Fatalf("%d %s %v", status, body, err)
	}
	var labels []map[string]string
	for _, a := range list {
		labels = append(labels, a.Labels)
	}
	return labels
}

// TestAlertmanagerBothWays: a cluster of two real Alertmanagers tells a running
// probe of alerts, and the probe tells the cluster of its case. However often
// both members tell, it is one case; what comes back of the probe's own alert
// makes no other one; a member that dies changes nothing.
func TestAlertmanagerBothWays(t *testing.T) {
	if _, err := exec.LookPath("prometheus-alertmanager"); err != nil {
		t.Skip("there is no prometheus-alertmanager: install the package of that name")
	}
	dir, page := t.TempDir(), freePort(t)
	a := startMember(t, page)
	b := startMember(t, page, a)
	config := filepath.Join(dir, "earshot.yaml")
	write(t, config, fmt.Sprintf(`
hep: {udp: "127.0.0.1:0"}
web: {listen: %q}
store: {dir: store}
destinations:
  - {name: noc, kind: alertmanager, urls: ["http://%s", "http://%s"], refresh: 15s}
`, page, a.web, b.web))
	probe := start(t, "run", "--config", config)
	probe.hears("READY=1")
	with := []string{"--url", "http://" + page}
	list := func() string { return says(t, "", append([]string{"case", "list", "--all", "--json"}, with...)...) }

	for _, m := range []*member{a, b} {
		m.post(time.Time{}, "gw-1", "gw-2")
	}
	probe.until("a case with both alerts", func() bool { return strings.Contains(list(), `"number":1`) && foreignFiring(t, page) == 2 })
	probe.until("both members show the case", func() bool { return len(a.active()) == 1 && len(b.active()) == 1 })
	if got := a.active()[0]; got["case"] != "1" || got["severity"] != "critical" || got["alertname"] != "EarshotCase" {
		t.Errorf("the alert of the case is %v", got)
	}
	probe.until("the probe's own alert comes back", func() bool {
		metrics := metricsOf(t, page)
		return strings.Contains(metrics, `outcome="ours"`) && !strings.Contains(metrics, `earshot_foreign_alerts_total{outcome="ours"} 0`)
	})
	// One member dies; the other one tells the rest.
	b.stop()
	a.post(time.Now(), "gw-1")
	probe.until("one alert has ended", func() bool { return foreignFiring(t, page) == 1 })
	a.post(time.Now(), "gw-2")
	probe.until("the case is closed", func() bool { return strings.Contains(list(), `"status":"closed"`) })
	probe.until("its alert has ended", func() bool { return len(a.active()) == 0 })
	if got := strings.Count(list(), "\n"); got != 1 {
		t.Errorf("%d cases, want 1:\n%s", got, list())
	}
	probe.signal(syscall.SIGTERM)
	if status := probe.end(); status != exitOK {
		t.Errorf("status %d:\n%s", status, probe.log())
	}
}

// foreignFiring is how many alerts of case 1 fire.
func foreignFiring(t *testing.T, page string) int {
	t.Helper()
	var c struct{ Foreign struct{ Firing int } }
	if status, body := fetch(t, "http://"+page+"/api/v1/cases/1"); status == http.StatusOK {
		if err := json.Unmarshal([]byte(body), &c); err != nil {
			t.Fatal(err)
		}
	}
	return c.Foreign.Firing
}

func metricsOf(t *testing.T, page string) string {
	t.Helper()
	_, body := fetch(t, "http://"+page+"/metrics")
	return body
}
