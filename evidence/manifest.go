package evidence

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"earshot/alerting"
	"earshot/sanitise"
)

// The names of the files.
const (
	ManifestFile = "manifest.json"
	PacketsFile  = "packets.pcapng"
	RecordsFile  = "records.jsonl"
	SettingsFile = "settings.yaml"
	CaseFile     = "case.json"
	ChartSVG     = "chart.svg"
	ChartPNG     = "chart.png"
)

// manifestKind is what a manifest says it is.
const manifestKind = "earshot-evidence"

// Manifest says what a bundle holds, and how to reproduce its figures.
type Manifest struct {
	Kind           string            `json:"kind"`
	Version        int               `json:"version"`
	Earshot        string            `json:"earshot"` // the program that made it
	Case           int               `json:"case"`
	Made           time.Time         `json:"made"`
	Signal         string            `json:"signal"`          // whose values the examples have
	KeyFingerprint string            `json:"key_fingerprint"` // bundles with the same one have the same pseudonyms
	Files          []File            `json:"files"`
	Packets        *sanitise.Summary `json:"packets,omitempty"` // what became of them; none: there are none
	Examples       []ManifestExample `json:"examples"`
	Reproduce      []Step            `json:"reproduce"`
	Notes          []string          `json:"notes"`
}

// File is one file of a bundle.
type File struct {
	Name   string `json:"name"`
	About  string `json:"about"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// ManifestExample says which record is of which example of the case.
type ManifestExample struct {
	Example  string    `json:"example"` // "worst 1"
	Call     string    `json:"call,omitempty"`
	Stream   string    `json:"stream,omitempty"`
	At       time.Time `json:"at"`
	Value    float64   `json:"value"` // of the signal
	Figures  *Figures  `json:"figures,omitempty"`
	Measured *Figures  `json:"measured,omitempty"` // where the probe measured something else, with all of its packets
	Partial  string    `json:"partial,omitempty"`
	Missing  string    `json:"missing,omitempty"`
}

// Step is a command, and what it must print.
type Step struct {
	Run    string `json:"run"`
	Prints string `json:"prints"`
}

// maxManifest bounds what is read of a manifest, in octets.
const maxManifest = 1 << 20

// maxFiles bounds how many files a manifest may name.
const maxFiles = 100

// The reasons why a manifest is none.
var (
	ErrNoManifest = errors.New("evidence: this is no manifest of evidence")
	ErrNewer      = errors.New("evidence: a newer earshot made this")
)

// manifestVersion is what this program writes and reads.
const manifestVersion = 1

// ParseManifest reads a manifest and finds what cannot be.
func ParseManifest(text []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoManifest, err)
	}
	switch {
	case m.Kind != manifestKind:
		return nil, fmt.Errorf("%w: its kind is %.40q, want %q", ErrNoManifest, m.Kind, manifestKind)
	case m.Version > manifestVersion:
		return nil, fmt.Errorf("%w: its version is %d, this program knows %d", ErrNewer, m.Version, manifestVersion)
	case len(m.Files) > maxFiles:
		return nil, fmt.Errorf("%w: it names %d files", ErrNoManifest, len(m.Files))
	}
	seen := map[string]bool{}
	for _, f := range m.Files {
		if !alerting.SafeName(f.Name) || f.Name == ManifestFile || seen[f.Name] || f.Bytes < 0 {
			return nil, fmt.Errorf("%w: it names a file %.80q", ErrNoManifest, f.Name)
		}
		seen[f.Name] = true
	}
	return m, nil
}

// readManifest reads the manifest in a folder.
func readManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, ManifestFile)
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: there is no %s in %q; name the folder of one case", ErrNoManifest, ManifestFile, dir)
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > maxManifest {
		return nil, fmt.Errorf("%w: %q has %d octets", ErrNoManifest, path, info.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return ParseManifest(text)
}
