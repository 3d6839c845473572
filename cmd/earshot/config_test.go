package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"earshot/dialog"
)

// configured writes a configuration and returns its name.
func configured(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "earshot.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// codesOf lists the codes of all findings of a capture, in order.
func codesOf(t *testing.T, args ...string) []string {
	t.Helper()
	status, out, errs := earshot(t, append([]string{"replay", "--json"}, args...)...)
	if status != exitOK {
		t.Fatalf("status %d: %s", status, errs)
	}
	var codes []string
	for line := range strings.Lines(out) {
		var call struct{ Findings []dialog.Finding }
		if err := json.Unmarshal([]byte(line), &call); err != nil {
			t.Fatal(err)
		}
		for _, f := range call.Findings {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

func TestConfigRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"findings:\n  loss: 0.02\n":                       `line 2: unknown key "loss"`,
		"findings:\n  jiter_ms: 20\n":                     `line 2: unknown key "jiter_ms" (did you mean "jitter_ms"?)`,
		"findings:\n  loss_ratio: 1%\n":                   `line 2: got "1%", want a number`,
		"findings:\n  jitter_ms: 20\n  loss_ratio: 1.5\n": `line 3: findings.loss_ratio is 1.5, want 0.0001 to 1`,
		"findings:\n  loss_ratio: 0\n":                    `line 2: findings.loss_ratio is 0, want 0.0001 to 1`,
		"findings:\n  mos_lq: .nan\n":                     `line 2: findings.mos_lq is NaN, want 1 to 5`,
		"findings:\n  dscp: 64\n":                         `line 2: findings.dscp is 64, want 1 to 63`,
		"findings:\n  dscp: 45.5\n":                       `line 2: findings.dscp is 45.5, want a whole number`,
		"findings:\n  ignore:\n    - los\n":               `line 3: there is no finding "los" (did you mean "loss"?)`,
		"findings: [loss]\n":                              `line 1: got a list, want a mapping of keys to values`,
		"findings:\n  dscp: 64\n  mos_lq: 0.5\n":          `line 3: findings.mos_lq is 0.5, want 1 to 5`,
		"limits:\n  calls: -5\n":                          `line 2: limits.calls is -5, want 1 to 10000000`,
		"leg_headers: X-Leg\n":                            `line 1: got "X-Leg", want a list`,
		"leg_headers: ['X-Leg:']\n":                       `leg_headers: "X-Leg:" is no header name`,
		"declared_delay_ms: 20000\n":                      `line 1: declared_delay_ms is 20000, want 0 to 10000`,
		"# ours\ncodecs: pcmu\n":                          `line 2: want a list of rows`,
		"# ours\ncodecs:\n  - {name: x, encodings: [x], model: G.107, ie: 200, bpl: 5}\n": `line 3: ie is 200, want 0 to below 95`,
	} {
		status, _, errs := earshot(t, "replay", "--config", configured(t, text), clean)
		if status != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%q: got status %d, %q; want %d and %q", text, status, errs, exitUsage, want)
		}
	}
}

// What the captures hold: loss-burst lost 8 of 300 and 33 of
// 291 packets with 11 at once, loss-behind-tap 7.6 % and 6.1 % by its reports,
// late-media began 3.003 s after the answer, clean is marked 46.
func TestConfigFindings(t *testing.T) {
	const behind, late = "../../testdata/loss-behind-tap/input.pcap", "../../testdata/late-media/input.pcap"
	tests := []struct {
		config, capture string
		want            []string
	}{
		{"", burst, []string{"loss", "loss", "burst_loss", "low_mos"}},
		{"findings:\n", burst, []string{"loss", "loss", "burst_loss", "low_mos"}},
		{"findings: {loss_ratio: 0.1}\n", burst, []string{"loss", "burst_loss", "low_mos"}},
		{"findings: {loss_ratio: 0.2, loss_run_ms: 221, mos_lq: 1}\n", burst, nil},
		{"findings: {remote_loss_ratio: 0.07}\n", behind, []string{"remote_loss"}},
		{"findings: {late_media_ms: 3002}\n", late, []string{"late_media"}},
		{"findings: {late_media_ms: 3004}\n", late, nil},
		{"findings: {ignore: [loss, low_mos]}\n", burst, []string{"burst_loss"}},
		{"findings: {dscp: 34, ignore: [dscp_not_ef]}\n", clean, nil},
		{"findings: {dscp: 34}\n", clean, []string{"dscp_not_ef", "dscp_not_ef"}},
	}
	for _, tt := range tests {
		if got := codesOf(t, "--config", configured(t, tt.config), tt.capture); !slices.Equal(got, tt.want) {
			t.Errorf("%q on %s: got %q, want %q", tt.config, tt.capture, got, tt.want)
		}
	}
}

// Every number of the configuration reaches the correlator.
func TestEveryFindingIsWired(t *testing.T) {
	var c config
	seen := map[dialog.Limits]string{}
	for _, b := range c.bounds() {
		if !strings.HasPrefix(b.key, "findings.") {
			continue
		}
		c.Findings = findings{}
		b.got.value = b.from
		l := c.Findings.limits()
		if other, taken := seen[l]; taken || l == (dialog.Limits{}) {
			t.Errorf("%s sets nothing of its own (%s)", b.key, other)
		}
		seen[l] = b.key
		if !(b.preset >= b.from && b.preset <= b.to) {
			t.Errorf("%s: default %v is not in %s", b.key, b.preset, b.span())
		}
	}
}

// A misspelt code must not look like a capture without findings.
func TestFindingFilterKnowsTheCodes(t *testing.T) {
	status, _, errs := earshot(t, "replay", "--finding", "one_way_audo", clean)
	if want := `there is no finding "one_way_audo" (did you mean "one_way_audio"?)`; status != exitUsage || !strings.Contains(errs, want) {
		t.Errorf("got status %d, %q; want %d and %q", status, errs, exitUsage, want)
	}
}
