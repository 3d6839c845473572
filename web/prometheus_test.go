package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// freePort returns a loopback address that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// start runs a program until the test ends.
func start(t *testing.T, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// eventually reads JSON from url until look is content with it, for 20 s.
func eventually[T any](t *testing.T, url string, look func(*T) error) {
	t.Helper()
	var last error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		answer, err := http.Get(url)
		if err != nil {
			last = err
			continue
		}
		body := new(T)
		err = json.NewDecoder(answer.Body).Decode(body)
		answer.Body.Close()
		if err == nil {
			err = look(body)
		}
		if last = err; err == nil {
			return
		}
	}
	t.Fatalf("%s: %v", url, last)
}

// queried is what a query for one value answers.
type queried struct {
	Data struct {
		Result []struct {
			Metric map[string]string
			Value  [2]any
		}
	}
}

func one(want string) func(*queried) error {
	return func(q *queried) error {
		if len(q.Data.Result) != 1 || q.Data.Result[0].Value[1] != want {
			return fmt.Errorf("got %+v, want one value %s", q.Data.Result, want)
		}
		return nil
	}
}

// scrape starts a Prometheus that scrapes a probe every second and keeps
// exemplars, and returns its address.
func scrape(t *testing.T, prometheus string, probe net.Addr) string {
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	text := fmt.Sprintf("scrape_configs:\n- job_name: earshot\n  scrape_interval: 1s\n  authorization: {credentials: %q}\n  static_configs: [{targets: [%q]}]\n",
		token, probe)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address := freePort(t)
	start(t, prometheus, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address,
		"--enable-feature=exemplar-storage", "--log.level=error")
	return address
}

// TestPrometheus has a real Prometheus scrape OpenMetrics, and asks it for a
// value and for an exemplar.
func TestPrometheus(t *testing.T) {
	prometheus, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("prometheus is not installed (apt-get install prometheus)")
	}
	m := populated(t)
	recent := heard() // Prometheus takes no exemplar from long ago
	recent.StreamStart, recent.End = time.Now().UnixNano()-60*second, time.Now().UnixNano()
	recent.Start = recent.End - 5*second
	recent.MOS = 2.7
	m.Observe(recent)
	s, err := NewServer(ServerConfig{Log: quiet(), Token: token}, sceneProbe(), m)
	if err != nil {
		t.Fatal(err)
	}
	probe := httptest.NewServer(s.Handler())
	defer probe.Close()

	address := scrape(t, prometheus, probe.Listener.Addr())
	type targets struct {
		Data struct {
			ActiveTargets []struct{ Health, LastError string }
		}
	}
	eventually(t, "http://"+address+"/api/v1/targets", func(got *targets) error {
		if len(got.Data.ActiveTargets) != 1 || got.Data.ActiveTargets[0].Health != "up" {
			return fmt.Errorf("got %+v", got.Data)
		}
		return nil
	})
	query := url.QueryEscape(`earshot_rtp_packets_total{point="core",segment="trunk",direction="to_peer"}`)
	eventually(t, "http://"+address+"/api/v1/query?query="+query, one("490"))

	type exemplars struct {
		Data []struct {
			Exemplars []struct{ Labels map[string]string }
		}
	}
	ask := fmt.Sprintf("http://%s/api/v1/query_exemplars?query=%s&start=%d&end=%d", address,
		url.QueryEscape("earshot_rtp_interval_mos_bucket"), time.Now().Add(-time.Hour).Unix(), time.Now().Add(time.Hour).Unix())
	eventually(t, ask, func(got *exemplars) error {
		for _, series := range got.Data {
			for _, e := range series.Exemplars {
				if e.Labels["stream_id"] == recent.StreamID() {
					return nil
				}
			}
		}
		return fmt.Errorf("no exemplar of stream %s in %+v", recent.StreamID(), got.Data)
	})
}

// TestVictoriaMetrics pushes to a real VictoriaMetrics and asks it.
func TestVictoriaMetrics(t *testing.T) {
	program, err := exec.LookPath("victoria-metrics")
	if err != nil {
		t.Skip("victoria-metrics is not installed (apt-get install victoria-metrics)")
	}
	address := freePort(t)
	start(t, program, "-storageDataPath="+t.TempDir(), "-httpListenAddr="+address, "-loggerLevel=ERROR", "-search.latencyOffset=1s")
	cfg := PushConfig{URL: "http://" + address + "/api/v1/import/prometheus", Interval: time.Second, ExtraLabels: map[string]string{"site": "north"}, Log: quiet()}
	m := populated(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Push(ctx, cfg) }()
	query := url.QueryEscape(`earshot_rtp_lost_packets_total{segment="trunk",direction="to_peer",point="core",site="north"}`)
	eventually(t, "http://"+address+"/api/v1/query?query="+query, one("5"))
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the last push: %v", err)
	}
}
