package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
)

// PushConfig says where metrics are pushed to.
type PushConfig struct {
	URL         string            // VictoriaMetrics: http://host:8428/api/v1/import/prometheus
	Interval    time.Duration     // 0: 15 s
	ExtraLabels map[string]string // added to every series
	HeadersFile string            // lines "Name: value", for secrets
	UserFile    string            // one line "user:password", for basic authentication
	BearerFile  string            // one line, a bearer token
	Log         *slog.Logger      // nil: slog.Default()
}

// The least and the usual interval of pushes.
const (
	minPushInterval     = time.Second
	defaultPushInterval = 15 * time.Second
)

// Check says what is wrong with the configuration.
func (c *PushConfig) Check() error {
	_, err := c.pusher()
	return err
}

// pusher is a checked configuration with its secrets.
type pusher struct {
	url, shown string // to use, and to show
	interval   time.Duration
	options    vm.PushOptions
}

func (c *PushConfig) pusher() (*pusher, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, errors.New("cannot push metrics: want a URL such as http://127.0.0.1:8428/api/v1/import/prometheus")
	}
	if u.User != nil {
		return nil, errors.New("cannot push metrics: the URL holds a user; write \"user:password\" into a file and name it instead")
	}
	p := &pusher{url: c.URL, shown: u.Scheme + "://" + u.Host + u.Path, interval: c.Interval}
	if p.interval == 0 {
		p.interval = defaultPushInterval
	}
	if p.interval < minPushInterval {
		return nil, fmt.Errorf("cannot push metrics every %v: want %v or more", p.interval, minPushInterval)
	}
	p.options.Method = "POST"
	if p.options.ExtraLabels, err = extraLabels(c.ExtraLabels); err != nil {
		return nil, err
	}
	if p.options.Headers, err = c.headers(); err != nil {
		return nil, err
	}
	return p, nil
}

// ownLabels are the names that extra labels may not have.
var ownLabels = []string{
	"point", "segment", "direction", "codec", "band", "trust", "source", "where", "reason", "kind", "peer", "method", "code", "transport",
	"outcome", "release_cause", "stage", "interface", "layer", "table", "shard", "what", "type", "destination", "label", "result", "hash",
	"version", "goversion", "os", "arch", "le", "rule", "severity", "state", "sub_status", "owner", "goal", "action",
}

// isLabelName reports whether every Prometheus takes a name; underscores at its
// beginning are reserved.
func isLabelName(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}

func extraLabels(extra map[string]string) (string, error) {
	var names []string
	for name := range extra {
		if !isLabelName(name) || slices.Contains(ownLabels, name) {
			return "", fmt.Errorf("cannot add label %q to pushed metrics: it is no label name, or the metrics have it already", name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	var pairs []string
	for _, name := range names {
		pairs = append(pairs, name, extra[name])
	}
	return labels(pairs...), nil
}

// headers reads the headers that carry secrets.
func (c *PushConfig) headers() ([]string, error) {
	headers, err := readSecrets("headers", c.HeadersFile)
	if err != nil {
		return nil, err
	}
	for _, h := range headers {
		if name, _, ok := strings.Cut(h, ":"); !ok || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("cannot read headers from %q: want lines \"Name: value\"", c.HeadersFile)
		}
	}
	users, err := readSecrets("user", c.UserFile)
	if err != nil {
		return nil, err
	}
	for _, u := range users {
		headers = append(headers, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte(u)))
	}
	tokens, err := readSecrets("token", c.BearerFile)
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		headers = append(headers, "Authorization: Bearer "+t)
	}
	if len(users)+len(tokens) > 1 {
		return nil, errors.New("cannot push metrics: more than one user or token is named")
	}
	return headers, nil
}

// Push pushes the metrics every interval until ctx is done, and once more
// then. What fails is counted, logged when it begins, and tried again with the
// next push.
func (m *Metrics) Push(ctx context.Context, cfg PushConfig) error {
	p, err := cfg.pusher()
	if err != nil {
		return err
	}
	log := cfg.Log
	if log == nil {
		log = slog.Default()
	}
	tick := time.NewTicker(p.interval)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			return m.push(last, p)
		case <-tick.C:
		}
		err := m.push(ctx, p)
		if err != nil && ctx.Err() == nil && !failing {
			log.Warn("metrics cannot be pushed; every push will be tried again", "url", p.shown, "error", err)
		}
		if err == nil && failing {
			log.Info("metrics are pushed again", "url", p.shown)
		}
		failing = err != nil
	}
}

// maxPush is the longest that a push may take.
const maxPush = 30 * time.Second

// push pushes once. The error holds no secret: of the URL only the public part.
func (m *Metrics) push(ctx context.Context, p *pusher) error {
	ctx, cancel := context.WithTimeout(ctx, min(maxPush, max(p.interval, 2*time.Second)))
	defer cancel()
	err := vm.PushMetricsExt(ctx, p.url, func(w io.Writer) { _ = m.Write(w, Text) }, &p.options) // w is memory
	if err != nil {
		m.pushes.failed.Add(1)
		return errors.New(short(strings.ReplaceAll(err.Error(), p.url, p.shown)))
	}
	m.pushes.succeeded.Add(1)
	return nil
}

// short keeps a foreign server's words within bounds.
func short(text string) string {
	const most = 300
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
