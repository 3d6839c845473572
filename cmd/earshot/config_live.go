package main

import (
	"log/slog"
	"os"
	"runtime"
	"slices"
	"time"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/rtpstats"
	"earshot/topology"
	"earshot/web"
)

// Words of the configuration, the default first.
var (
	logLevels  = []string{"info", "debug", "warn", "error"}
	logFormats = []string{"text", "json"}
	keepWords  = []string{"headers", "full", "none"}
)

const (
	// listenPreset is loopback, at SIP's port plus 5000: Prometheus' list of
	// exporters (9100 to 9999) is full, and 32768 and up are for clients.
	listenPreset = "127.0.0.1:10060"
	listenNone   = "none"

	hepPoint = "hep"
)

// points names the capture points by number: those of the interfaces, of the
// HEP listener, of the HEP nodes. Equal names are one point.
func (c *config) points() []string {
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i := range c.Captures {
		add(c.Captures[i].point())
	}
	if c.HEP.listens() {
		add(c.HEP.point())
	}
	for _, id := range c.HEP.nodeIDs() {
		add(c.HEP.Nodes[id].text)
	}
	return names
}

// pointNumber is the number of a point that points lists.
func (c *config) pointNumber(name string) uint16 { return uint16(slices.Index(c.points(), name)) }

func (x *captureConfig) point() string {
	if x.Point.text != "" {
		return x.Point.text
	}
	return x.Name.text
}

func (h *hepConfig) point() string {
	if h.Point.text != "" {
		return h.Point.text
	}
	return hepPoint
}

// nodeIDs lists the named HEP nodes in order.
func (h *hepConfig) nodeIDs() []uint32 {
	var ids []uint32
	for id := range h.Nodes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// topology declares peers and segments; networks that cannot be read are left out.
func (c *config) topology() topology.Config {
	var t topology.Config
	for i := range c.Peers {
		p := topology.PeerConfig{Name: c.Peers[i].Name.text}
		for _, w := range c.Peers[i].Networks {
			if n, err := parseNetwork(w.text); err == nil {
				p.Networks = append(p.Networks, n)
			}
		}
		t.Peers = append(t.Peers, p)
	}
	for i := range c.Segments {
		s := &c.Segments[i]
		x := topology.SegmentConfig{Name: s.Name.text, Near: texts(s.Near), Far: texts(s.Far), Trunks: texts(s.Trunks), Points: texts(s.Points)}
		for _, v := range s.VLANs {
			x.VLANs = append(x.VLANs, uint16(v.whole()))
		}
		t.Segments = append(t.Segments, x)
	}
	return t
}

// interfaces says what to capture. Filters have been found to compile.
func (c *config) interfaces() ([]capture.Interface, error) {
	var list []capture.Interface
	for i := range c.Captures {
		x := &c.Captures[i]
		in := capture.Interface{
			Name: x.Name.text, Point: c.pointNumber(x.point()),
			Promiscuous: x.Promiscuous, IgnoreOutgoing: x.IgnoreOutgoing, HardwareTime: x.HardwareTime,
			SnapLen: x.SnapLength.whole(), HEP: x.HEP,
		}
		if x.Filter.text != "" {
			f, err := capture.CompileFilter(x.Filter.text)
			if err != nil {
				return nil, err
			}
			in.Filter = f
		}
		list = append(list, in)
	}
	return list, nil
}

// keepWord is what a word of keepWords means.
func keepWord(w word) pipeline.KeepRTP {
	switch w.text {
	case "full":
		return pipeline.KeepAll
	case "none":
		return pipeline.KeepNothing
	}
	return pipeline.KeepHeaders
}

const mebibyte = 1 << 20

func (c *config) keep() pipeline.KeepConfig {
	return pipeline.KeepConfig{Bytes: int(c.Save.MemoryMB.or(presetMemoryMB)) * mebibyte, RTP: keepWord(c.Save.MemoryRTP)}
}

func (c *config) save() pipeline.SaveConfig {
	s := &c.Save
	return pipeline.SaveConfig{
		Dir:        c.path(s.Dir.text),
		FileBytes:  int64(s.FileMB.or(presetFileMB)) * mebibyte,
		TotalBytes: int64(s.TotalMB.or(presetTotalMB)) * mebibyte,
		MinFree:    int64(s.MinFreeMB.or(presetMinFreeMB)) * mebibyte,
		RTP:        keepWord(s.RTP),
	}
}

// webAddress is where metrics and the API are; "" for nowhere.
func (c *config) webAddress() string {
	switch c.Web.Listen.text {
	case "":
		return listenPreset
	case listenNone:
		return ""
	}
	return c.Web.Listen.text
}

// server says who may look. The token's variable may be unset.
func (c *config) server(log *slog.Logger) *web.ServerConfig {
	w := &c.Web
	s := &web.ServerConfig{
		UsersFile: c.path(w.UsersFile.text), TokensFile: c.path(w.TokensFile.text),
		CertFile: c.path(w.TLSCert.text), KeyFile: c.path(w.TLSKey.text),
		Insecure: w.Insecure, Log: log,
	}
	if w.TokenEnv.text != "" {
		s.Token = os.Getenv(w.TokenEnv.text)
	}
	return s
}

func (c *config) metricsConfig(plan *topology.Plan) web.MetricsConfig {
	limit := func(n number, preset int) uint64 { return uint64(n.or(float64(preset))) }
	rules := 0
	if set, err := c.ruleSet(); err == nil { // else the run ends where the rules are needed
		rules = len(set.Rules)
	}
	return web.MetricsConfig{
		Rules:        rules,
		Plan:         plan,
		MaxSeries:    int(c.Metrics.MaxSeries.or(presetMaxSeries)),
		Interfaces:   len(c.Captures),
		Senders:      len(c.HEPOut),
		Destinations: len(c.Destinations.Content),
		Shards:       c.shards(),
		ConfigHash:   c.hash(),
		Limits: map[string]uint64{
			"calls":        limit(c.Limits.Calls, dialog.DefaultMaxCalls),
			"transactions": limit(c.Limits.Transactions, dialog.DefaultMaxTransactions),
			"streams":      limit(c.Limits.Streams, dialog.DefaultMaxStreams),
			"candidates":   limit(c.Limits.Candidates, rtpstats.DefaultMaxProbation),
		},
	}
}

// shards is how many the pipeline will have.
func (c *config) shards() int {
	if n := c.Shards.whole(); n > 0 {
		return n
	}
	return max(1, runtime.GOMAXPROCS(0)-1)
}

func (c *config) push(log *slog.Logger) web.PushConfig {
	p := &c.Metrics.Push
	labels := map[string]string{}
	for name, w := range p.Labels {
		labels[name] = w.text
	}
	return web.PushConfig{
		URL: p.URL.text, Interval: time.Duration(p.IntervalS.or(presetPushSeconds) * float64(time.Second)), ExtraLabels: labels,
		HeadersFile: c.path(p.HeadersFile.text), UserFile: c.path(p.UserFile.text), BearerFile: c.path(p.TokenFile.text), Log: log,
	}
}
