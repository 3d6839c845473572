package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// silent lists what need not answer though the traffic of the test is there.
var silent = map[string]string{
	"panel Interfaces":                      "the test's probe has no interface, only a HEP listener",
	"panel Turned away and given up":        "no table is full",
	"panel Unreadable":                      "all of the traffic can be read",
	"panel What is wrong with calls' media": "nothing need be",
	"annotation Alerts":                     "no alert fires",
	"annotation Restarts":                   "nothing restarts",
}

// noDestination is what of the panel on HEP stays silent: nothing is sent on.
var noDestination = regexp.MustCompile(`earshot_hep_sender_`)

// site is a running probe and the servers that scrape it.
type site struct {
	hep, prometheus, victoria string
	callgen                   string
}

// startSite builds and starts a probe, Prometheus with the rules and, where it
// is installed, VictoriaMetrics.
func startSite(t *testing.T) *site {
	t.Helper()
	need(t, "prometheus")
	dir := t.TempDir()
	web := freeAddress(t)
	s := &site{hep: freeAddress(t), prometheus: freeAddress(t), callgen: build(t, "callgen")}

	config := read(t, "testdata/site.yaml")
	config = strings.NewReplacer("HEP", s.hep, "WEB", web).Replace(config)
	serve(t, "http://"+web+"/healthz", build(t, "earshot"), "run", "--config", write(t, dir, "earshot.yaml", config))

	scrape := write(t, dir, "prometheus.yml", scrapeConfig(t, dir, web))
	serve(t, "http://"+s.prometheus+"/-/ready", "prometheus", "--config.file="+scrape, "--storage.tsdb.path="+filepath.Join(dir, "tsdb"),
		"--web.listen-address="+s.prometheus, "--log.level=warn", "--enable-feature=exemplar-storage")
	if _, err := exec.LookPath("victoria-metrics"); err == nil {
		s.victoria = freeAddress(t)
		serve(t, "http://"+s.victoria+"/health", "victoria-metrics", "-httpListenAddr="+s.victoria, "-storageDataPath="+filepath.Join(dir, "victoria"),
			"-promscrape.config="+write(t, dir, "victoria.yml", "scrape_configs:\n"+scrapeJob("earshot", web, "")), "-search.latencyOffset=0s", "-loggerLevel=ERROR")
	}
	return s
}

// groupInterval and the like make rules evaluate as often as the test scrapes.
var groupInterval = regexp.MustCompile(`(?m)^    interval: .*\n`)

// scrapeConfig is a Prometheus that scrapes the probe every second, under its
// own names and under those of other tools.
func scrapeConfig(t *testing.T, dir, web string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files:\n")
	for _, name := range []string{"rules-recording.yml", "rules-alerting.yml"} {
		rules := groupInterval.ReplaceAllString(read(t, filepath.Join("prometheus", name)), "")
		fmt.Fprintf(&b, "  - %s\n", write(t, dir, name, rules))
	}
	b.WriteString("scrape_configs:\n" + scrapeJob("earshot", web, ""))
	for _, name := range []string{"heplify", "sip-exporter"} {
		b.WriteString(scrapeJob("as-"+name, web, read(t, "prometheus/relabel-"+name+".yml")))
	}
	return b.String()
}

// scrapeJob is one job, with further lines of its own.
func scrapeJob(name, target, more string) string {
	return "  - job_name: " + name + "\n    scrape_interval: 1s\n    static_configs: [{targets: [\"" + target + "\"]}]\n    " +
		strings.ReplaceAll(more, "\n", "\n    ") + "\n"
}

// generate makes the test's traffic and returns the capture and its truth.
func (s *site) generate(t *testing.T, scenario string) (pcap, truth string) {
	t.Helper()
	pcap, truth = filepath.Join(t.TempDir(), "traffic.pcap"), filepath.Join(t.TempDir(), "truth.json")
	run(t, s.callgen, "-o", pcap, "-truth", truth, "-scenario", scenario)
	return pcap, truth
}

// await asks until an expression has a value.
func await(t *testing.T, server, expr string, want float64) {
	t.Helper()
	var got []series
	var err error
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if got, err = instant(server, expr); err == nil && len(got) == 1 && got[0].number() == want {
			return
		}
	}
	t.Fatalf("%s is %v (%v), want %v", expr, got, err, want)
}

// number is the value of an instant vector's element.
func (s series) number() float64 {
	text, _ := s.Value[1].(string)
	v, _ := strconv.ParseFloat(text, 64)
	return v
}

// TestQueries has a real Prometheus, and a real VictoriaMetrics, scrape a probe
// that hears traffic, and asks both everything that dashboard and rules ask.
func TestQueries(t *testing.T) {
	t.Parallel()
	s := startSite(t)
	servers := map[string]string{"Prometheus": s.prometheus}
	if s.victoria != "" {
		servers["VictoriaMetrics"] = s.victoria
	}
	for server := range maps.Values(servers) {
		await(t, server, `count(earshot_build_info{job="earshot"})`, 1) // so that counters begin at 0
	}
	pcap, truth := s.generate(t, *trafficFile)
	since := time.Now()
	if sent := play(t, pcap, s.hep); sent == 0 {
		t.Fatal("no packets were sent")
	}
	until := since.Add(time.Since(since) * 4 / 5) // the last calls end one by one
	want := readTruth(t, truth)
	for name, server := range servers {
		t.Run(name, func(t *testing.T) {
			for expr, value := range want.totals() {
				await(t, server, expr, value)
			}
			ask(t, server, readDashboard(t).queries())
			if name != "Prometheus" {
				return // rules are Prometheus' business, or vmalert's
			}
			var recorded []promQuery
			for _, r := range readRules(t, "rules-recording.yml") {
				recorded = append(recorded, promQuery{"rule " + r.Record, r.Expr}, promQuery{"series " + r.Record, r.Record})
			}
			ask(t, server, recorded)
			for _, r := range readRules(t, "rules-alerting.yml") {
				if _, err := instant(server, r.Expr); err != nil {
					t.Errorf("%s: %v", r.name(), err)
				}
			}
			testExemplars(t, server)
			for expr, value := range want.foreignTotals() {
				await(t, server, expr, value)
			}
		})
	}
	t.Run("picture", func(t *testing.T) { testPicture(t, s.prometheus, since, until) })
	if s.victoria == "" {
		t.Log("victoria-metrics is not installed; asked Prometheus only")
	}
}

// testExemplars: Prometheus keeps the exemplars of the MOS buckets, and they
// name streams.
func testExemplars(t *testing.T, server string) {
	t.Helper()
	now := time.Now()
	body, err := get(server, "query_exemplars", url.Values{
		"query": {"earshot_rtp_interval_mos_bucket"},
		"start": {strconv.FormatInt(now.Add(-time.Minute).Unix(), 10)},
		"end":   {strconv.FormatInt(now.Unix()+1, 10)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Data []struct {
			Exemplars []struct{ Labels map[string]string }
		}
	}
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Data) == 0 || len(got.Data[0].Exemplars) == 0 || len(got.Data[0].Exemplars[0].Labels["stream_id"]) != 16 {
		t.Errorf("no exemplar of MOS names a stream: %s", body)
	}
}

// ask runs queries that must not fail, and must answer unless they may be silent.
func ask(t *testing.T, server string, queries []promQuery) {
	t.Helper()
	// A rule is evaluated up to a second after what it stands on was scraped.
	deadline := time.Now().Add(10 * time.Second)
	for _, q := range queries {
		expr := filled(q.expr)
		got, err := instant(server, expr)
		for err == nil && len(got) == 0 && mustAnswer(q) && time.Now().Before(deadline) {
			time.Sleep(200 * time.Millisecond)
			got, err = instant(server, expr)
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", q.from, err, expr)
		} else if len(got) == 0 && mustAnswer(q) {
			t.Errorf("%s has no answer\n%s", q.from, expr)
		}
	}
}

// mustAnswer reports a query that the test's traffic gives an answer to.
func mustAnswer(q promQuery) bool {
	_, may := silent[q.from]
	return !may && !noDestination.MatchString(q.expr)
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// write puts a file into a folder and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
