package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"strconv"

	"go.yaml.in/yaml/v3"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/rtpstats"
	"earshot/sipparse"
)

// measuring is how packets are measured, the same for replay and live.
func (c *config) measuring() (pipeline.Config, error) {
	codecs, err := c.codecs(c.file)
	if err != nil {
		return pipeline.Config{}, err
	}
	return pipeline.Config{
		SIP:     sipparse.Config{LegHeaders: c.LegHeaders},
		Streams: rtpstats.Config{MaxStreams: c.Limits.Streams.whole(), MaxProbation: c.Limits.Candidates.whole()},
		Dialog: dialog.Config{
			Codecs:          codecs,
			LegHeaders:      c.LegHeaders,
			DeclaredDelayMS: c.DeclaredDelayMS.value,
			Limits:          c.Findings.limits(),
			IgnoreFindings:  texts(c.Findings.Ignore),
			MaxCalls:        c.Limits.Calls.whole(),
			MaxTransactions: c.Limits.Transactions.whole(),
			MaxStreams:      c.Limits.Streams.whole(),
		},
	}, nil
}

// hepDecoding is how HEP is unwrapped.
func (c *config) hepDecoding() (capture.HEPDecoding, error) {
	keys, err := secrets(c.path(c.HEP.KeysFile.text), c.HEP.KeysEnv.text)
	if err != nil {
		return capture.HEPDecoding{}, err
	}
	d := capture.HEPDecoding{Keys: keys}
	for id, name := range c.HEP.Nodes {
		if d.Nodes == nil {
			d.Nodes = map[uint32]uint16{}
		}
		d.Nodes[id] = c.pointNumber(name.text)
	}
	for _, p := range c.HEP.Ports {
		d.Ports = append(d.Ports, uint16(p.whole()))
	}
	if len(d.Ports) == 0 && c.HEP.UDP.text != "" {
		d.Ports = []uint16{portOf(c.HEP.UDP.text)} // whoever sends there means HEP
	}
	return d, nil
}

// portOf returns the port of an address that was found right.
func portOf(address string) uint16 {
	_, port, _ := net.SplitHostPort(address)
	n, _ := strconv.ParseUint(port, 10, 16)
	return uint16(n)
}

// hash identifies what a configuration says, whatever its lines and comments.
func (c *config) hash() string {
	text, err := yaml.Marshal(c)
	if err != nil {
		return "" // cannot be: every value came from YAML
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}
