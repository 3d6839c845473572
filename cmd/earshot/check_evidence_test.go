package main

import (
	"strings"
	"testing"
)

// TestCheckEvidence: where the packets of cases will come from is said before
// the first case. 64 MiB are 67,108,864 octets; 88 of them are a packet's
// header in the ring, 240 a packet, and 6,000 packets a minute of a call.
func TestCheckEvidence(t *testing.T) {
	for settings, want := range map[string]string{
		"":                               "evidence made out of recent packets, a minute of 127 calls; capture files (save.dir) hold more",
		"save: {memory_mb: 6400}":        "evidence made out of recent packets, a minute of 12710 calls; ",
		"save: {memory_rtp: full}":       "evidence made out of recent packets, a minute of 46 calls; ",
		"save: {dir: /srv/captures}":     "evidence made out of the capture files",
		"save: {dir: /srv/x, rtp: none}": "evidence made out of recent packets",
		"save: {memory_mb: 0}":           "evidence made without packets",
		"evidence: {make: false}":        "evidence not made evidence.make is false",
	} {
		status, out, errs := earshot(t, "check", configured(t, "captures: [{name: lo}]\nstore: {dir: kept}\n"+settings+"\n"))
		if flat := strings.Join(strings.Fields(out), " "); status != exitOK || !strings.Contains(flat, want) {
			t.Errorf("%q: status %d, want %q in\n%s%s", settings, status, want, out, errs)
		}
	}
}
