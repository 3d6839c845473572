package alerting_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"earshot/alerting"
	"earshot/capture"
	"earshot/pipeline"
	"earshot/topology"
)

// site is what callgen says of a scenario: its configuration, and the truth.
type site struct {
	Peers []struct {
		Name     string
		Networks []netip.Prefix
		Owner    string
	}
	Segments []struct {
		Name      string
		Near, Far []string
		Owner     string
	}
	faults []labelled
	work   []labelled // maintenance
}

// labelled is a fault that callgen made.
type labelled struct {
	Type, Name, Owner, Codec, Direction string
	Segment                             string
	Segments                            []string
	First, Last, From, To               time.Time
	Affected                            struct{ Calls, Streams int }
}

// readSite reads what callgen wrote beside a capture. Owners are the truth's.
func readSite(t *testing.T, config, truth string) *site {
	t.Helper()
	text, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	s := new(site)
	if err := yaml.Unmarshal(text, s); err != nil {
		t.Fatal(err)
	}
	lines, err := os.ReadFile(truth)
	if err != nil {
		t.Fatal(err)
	}
	owners := map[string]string{}
	scan := bufio.NewScanner(bytes.NewReader(lines))
	scan.Buffer(nil, 1<<22)
	for scan.Scan() {
		if !slices.ContainsFunc([]string{"fault", "segment", "maintenance"}, func(kind string) bool {
			return bytes.HasPrefix(scan.Bytes(), []byte(`{"type":"`+kind+`"`))
		}) {
			continue
		}
		var f labelled
		if err := json.Unmarshal(scan.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		switch f.Type {
		case "segment":
			owners[f.Segment] = f.Owner
		case "fault":
			s.faults = append(s.faults, f)
		case "maintenance":
			s.work = append(s.work, f)
		}
	}
	for i := range s.Segments {
		s.Segments[i].Owner = owners[s.Segments[i].Name]
	}
	return s
}

// plan and directory are what a configuration of the site gives.
func (s *site) plan(t *testing.T) *topology.Plan {
	t.Helper()
	var cfg topology.Config
	for _, p := range s.Peers {
		cfg.Peers = append(cfg.Peers, topology.PeerConfig{Name: p.Name, Networks: p.Networks})
	}
	for _, x := range s.Segments {
		cfg.Segments = append(cfg.Segments, topology.SegmentConfig{Name: x.Name, Near: x.Near, Far: x.Far})
	}
	p, err := topology.New(cfg, []string{"probe"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (s *site) directory() *alerting.Directory {
	d := &alerting.Directory{Segments: map[string]*alerting.SegmentFacts{}, Peers: map[string]*alerting.PeerFacts{}}
	for _, p := range s.Peers {
		d.Peers[p.Name] = &alerting.PeerFacts{Name: p.Name, Owner: p.Owner}
	}
	for _, x := range s.Segments {
		d.Segments[x.Name] = &alerting.SegmentFacts{Name: x.Name, Owner: x.Owner}
	}
	return d
}

// listener is the Sink that drives a watch, as a replay does.
type listener struct {
	*alerting.Watch
	before  pipeline.Beat
	changes []alerting.Change
	all     map[alerting.FaultID]alerting.Fault // as they were shown last
	order   []alerting.FaultID
}

func (l *listener) Tick(b pipeline.Beat) {
	l.Watch.Tick(b.At, alerting.Health{
		Packets: b.Packets - l.before.Packets, Lost: b.Lost - l.before.Lost,
		Shed: b.Shed - l.before.Shed, ShedMessages: b.ShedMessages - l.before.ShedMessages,
	})
	l.before = b
	for _, f := range l.Faults() {
		if _, known := l.all[f.ID]; !known {
			l.order = append(l.order, f.ID)
		}
		l.all[f.ID] = f
	}
}

// listen plays a capture to a watch with the shipped rules.
func listen(t *testing.T, path string, s *site, shards int) *listener {
	t.Helper()
	rules, err := alerting.DefaultRules()
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{all: map[alerting.FaultID]alerting.Fault{}}
	plan := s.plan(t)
	l.Watch = alerting.NewWatch(alerting.WatchConfig{
		Rules: rules, Plan: plan, Directory: s.directory(),
		Emit: func(c alerting.Change) { l.changes = append(l.changes, c) },
		InMaintenance: func(at time.Time, segment string) bool {
			return slices.ContainsFunc(s.work, func(x labelled) bool {
				return x.Segment == segment && !at.Before(x.From) && at.Before(x.To)
			})
		},
	})
	source, err := capture.Open([]string{path}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	p := pipeline.New(pipeline.Config{Shards: shards, Observe: true, Plan: plan}, []capture.Source{source}, l)
	if err := p.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	return l
}

var _ pipeline.Observer = (*listener)(nil)
var _ pipeline.Timekeeper = (*listener)(nil)

// generated makes the capture of a scenario.
func generated(t *testing.T, bin, scenario string) (string, *site) {
	t.Helper()
	dir := t.TempDir()
	file := func(name string) string { return filepath.Join(dir, name) }
	cmd := exec.Command(bin, "-site", filepath.Join("..", "testdata", "faults", scenario+".yaml"),
		"-o", file("a.pcap"), "-truth", file("truth"), "-site-config", file("site.yaml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("callgen: %v\n%s", err, out)
	}
	return file("a.pcap"), readSite(t, file("site.yaml"), file("truth"))
}

// buildCallgen builds the generator once.
func buildCallgen(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "callgen")
	if out, err := exec.Command("go", "build", "-o", bin, "earshot/cmd/callgen").CombinedOutput(); err != nil {
		t.Fatalf("cannot build callgen: %v\n%s", err, out)
	}
	return bin
}

// Packets of callgen's scenarios give the faults that callgen made: as many, in
// their segments and directions, with their owners, and only those.
func TestWatchPackets(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes captures of hours")
	}
	bin := buildCallgen(t)
	for _, scenario := range []string{"codec-on-one-trunk", "two-losses", "one-way"} {
		t.Run(scenario, func(t *testing.T) {
			path, s := generated(t, bin, scenario)
			l := listen(t, path, s, 1)
			if len(l.order) != len(s.faults) {
				t.Fatalf("%d faults, want %d", len(l.order), len(s.faults))
			}
			for i, want := range s.faults {
				compareTruth(t, l.all[l.order[i]], &want)
			}
		})
	}
}

// compareTruth compares a fault with its label.
func compareTruth(t *testing.T, f alerting.Fault, want *labelled) {
	t.Helper()
	v := &f.Verdict
	for _, segment := range v.Segments {
		if !slices.Contains(want.Segments, segment) {
			t.Errorf("%s: it is said to arise in %s, want %q", want.Name, segment, want.Segments)
		}
	}
	if len(want.Segments) == 1 && v.Segment != want.Segments[0] || v.Owner != want.Owner {
		t.Errorf("%s: verdict %+v, want %q and owner %s", want.Name, v, want.Segments, want.Owner)
	}
	if want.Direction != "both" && v.Direction != want.Direction {
		t.Errorf("%s: direction %q, want %q", want.Name, v.Direction, want.Direction)
	}
	if want.Codec != "" && !slices.Contains(f.Factors, alerting.Factor{Name: alerting.FactorCodec, Value: want.Codec}) {
		t.Errorf("%s: factors %v, want codec %s among them", want.Name, f.Factors, want.Codec)
	}
	// An interval is 5 s, and not every short call loses enough to be judged.
	if d := f.Began.Sub(want.First); d < -30*time.Second || d > time.Minute {
		t.Errorf("%s: began at %s, want %s", want.Name, f.Began, want.First)
	}
	if d := f.Seen.Sub(want.Last); d < -2*time.Minute || d > 30*time.Second {
		t.Errorf("%s: seen last at %s, want %s", want.Name, f.Seen, want.Last)
	}
	if n := want.Affected.Calls; n > 0 && (f.Impact.Calls > n || f.Impact.Calls < n*7/10) {
		t.Errorf("%s: %d calls, want nearly %d", want.Name, f.Impact.Calls, n)
	}
	if f.Over.IsZero() || f.Outside.Affected*20 > f.Outside.Units {
		t.Errorf("%s: over %s, outside %+v: want it proved over, and few affected elsewhere", want.Name, f.Over, f.Outside)
	}
}

// The same packets give the same faults and the same changes, byte for byte,
// whatever the number of shards.
func TestWatchDeterminism(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes captures of hours")
	}
	path, s := generated(t, buildCallgen(t), "two-faults")
	told := func(shards int) string {
		l := listen(t, path, s, shards)
		var list []alerting.Fault
		for _, id := range l.order {
			list = append(list, l.all[id])
		}
		text, err := json.Marshal(struct {
			Changes []alerting.Change
			Faults  []alerting.Fault
		}{l.changes, list})
		if err != nil || len(list) != 2 {
			t.Fatalf("%d faults, want 2; %v", len(list), err)
		}
		return string(text)
	}
	one := told(1)
	for _, shards := range []int{1, 4} {
		if again := told(shards); again != one {
			t.Errorf("%d shards tell something else", shards)
		}
	}
}
