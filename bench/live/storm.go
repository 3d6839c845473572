package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"earshot/bench/rig"
)

// A storm of other systems' alerts: so many a second, so many in each group.
const (
	stormRate  = 1000
	stormGroup = 20
)

// storm measures a storm of alerts while packets come at the promised rate: is
// one lost, and does the path of the packets stand still? The destination of the
// cases takes connections and never answers.
func (b *bench) storm() error {
	dir := filepath.Join(b.o.cache, "storm")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	silent, err := b.silence()
	if err != nil {
		return err
	}
	defer silent.Close()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte(strings.Repeat("k", 32)+"\n"), 0o600); err != nil {
		return err
	}
	var s stormCount
	config := fmt.Sprintf("%sstore: {dir: %q}\ndestinations:\n  - {name: silent, kind: webhook, url: \"http://%s/\", secret_file: %q}\n",
		b.onWire(), filepath.Join(absolute(dir), "store"), silent.Addr(), absolute(secret))
	o, err := b.run(trial{config: config, counter: capturedPackets, during: func(p *rig.Probe) error { return s.blow(p, b.o.long) }, send: b.frames("bench-10k", promised, b.o.long)})
	if err != nil {
		return err
	}
	b.add(fmt.Sprintf("10,000 calls, and %d alerts/s of another system in groups of %d", stormRate, stormGroup), o, "")
	b.storms = s.String()
	return nil
}

// silence listens in the probe's namespace and never answers.
func (b *bench) silence() (l net.Listener, err error) {
	err = rig.Within(b.link.Probe, func() (err error) {
		l, err = net.Listen("tcp", "127.0.0.1:0")
		return err
	})
	return l, err
}

func absolute(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return full
}

// stormCount is what became of a storm.
type stormCount struct {
	told, taken, held int // alerts: sent, acknowledged, and fire in cases in the end
	cases, sums       int
	took              []time.Duration // of each request
	elapsed           time.Duration
}

// stormPosters is how many requests are made at once, as an Alertmanager does
// for its groups.
const stormPosters = 8

// posted is one request of a storm and how it was answered.
type posted struct {
	taken int
	took  time.Duration
	err   error
}

// blow posts groups of alerts at the rate, each of its own, and counts in the
// end where they are.
func (s *stormCount) blow(p *rig.Probe, d time.Duration) error {
	started := time.Now()
	groups, answers := make(chan int, stormPosters), make(chan posted, stormPosters)
	for range stormPosters {
		go func() {
			for n := range groups {
				answers <- post(p, alertGroup(n, started))
			}
		}()
	}
	total := int(d.Seconds() * stormRate / stormGroup)
	go func() {
		defer close(groups)
		for n := range total {
			time.Sleep(time.Until(started.Add(time.Duration(n) * time.Second * stormGroup / stormRate)))
			groups <- n
		}
	}()
	var errs []error
	for range total {
		a := <-answers
		errs = append(errs, a.err)
		s.told, s.taken, s.took = s.told+stormGroup, s.taken+a.taken, append(s.took, a.took)
	}
	s.elapsed = time.Since(started)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return s.look(p)
}

func post(p *rig.Probe, body []byte) posted {
	at := time.Now()
	answer, err := p.Post("/api/v1/hooks/alertmanager", body)
	var taken struct{ New int }
	if err == nil {
		err = json.Unmarshal(answer, &taken)
	}
	return posted{taken.New, time.Since(at), err}
}

// alertGroup is a webhook of a group of its own.
func alertGroup(n int, at time.Time) []byte {
	type alert struct {
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
		Starts      time.Time         `json:"startsAt"`
		Fingerprint string            `json:"fingerprint"`
	}
	alerts := make([]alert, stormGroup)
	for i := range alerts {
		id := fmt.Sprintf("%012x%04x", n, i)
		alerts[i] = alert{"firing", map[string]string{"alertname": "InstanceDown", "severity": "critical", "instance": id}, map[string]string{"summary": "instance " + id + " is down"}, at, id}
	}
	body, _ := json.Marshal(map[string]any{"version": "4", "groupKey": fmt.Sprintf("{}:{group=\"%d\"}", n), "alerts": alerts}) // strings and times
	return body
}

// look counts the alerts that fire in the cases.
func (s *stormCount) look(p *rig.Probe) error {
	for number := 1; ; number++ {
		body, err := p.Get(fmt.Sprintf("/api/v1/cases/%d", number))
		if err != nil && strings.Contains(err.Error(), "404") {
			return nil
		}
		if err != nil {
			return err
		}
		var c struct {
			Foreign struct {
				Firing int
				Storm  bool
			}
		}
		if err := json.Unmarshal(body, &c); err != nil {
			return err
		}
		s.cases, s.held = s.cases+1, s.held+c.Foreign.Firing
		if c.Foreign.Storm {
			s.sums++
		}
	}
}

// String says what became of it.
func (s *stormCount) String() string {
	slices.Sort(s.took)
	return fmt.Sprintf("The storm: %d alerts in %.0f s by %d requests; %d acknowledged, %d fire in %d cases (%d of them sums up); a request took %.1f ms in the median, nine of ten within %.1f ms, the slowest %.0f ms, each answered when its alerts were on the disk.",
		s.told, s.elapsed.Seconds(), len(s.took), s.taken, s.held, s.cases, s.sums, ms(s.took[len(s.took)/2]), ms(s.took[len(s.took)*9/10]), ms(s.took[len(s.took)-1]))
}
