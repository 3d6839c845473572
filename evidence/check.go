package evidence

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"earshot/pipeline"
)

// Checked is what was found of a bundle.
type Checked struct {
	Manifest   *Manifest
	Files      int      // that are as the manifest says
	Wrong      []string // what is not, in words
	Records    int      // lines that were reproduced
	Reproduced bool     // the packets give the records
}

// Whole reports that everything is as the manifest says.
func (c *Checked) Whole() bool { return len(c.Wrong) == 0 }

// maxRecords bounds what is read of a file of records, in octets.
const maxRecords = 256 << 20

// Check holds a bundle's files to its manifest, and its records to its packets.
// Settings makes of the bundle's settings, nil for none, how packets are
// measured.
func Check(ctx context.Context, dir string, settings func(path string) (pipeline.Config, error)) (*Checked, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	c := &Checked{Manifest: m}
	if err := c.files(dir); err != nil {
		return nil, err
	}
	if !c.has(PacketsFile) || !c.has(RecordsFile) || len(c.Wrong) > 0 {
		return c, nil
	}
	path := ""
	if c.has(SettingsFile) {
		path = filepath.Join(dir, SettingsFile)
	}
	cfg, err := settings(path)
	if err != nil {
		return nil, err
	}
	return c, c.replay(ctx, dir, cfg)
}

func (c *Checked) has(name string) bool {
	return slices.ContainsFunc(c.Manifest.Files, func(f File) bool { return f.Name == name })
}

// files holds each file to its sum, and looks for others.
func (c *Checked) files(dir string) error {
	wrong := func(format string, args ...any) { c.Wrong = append(c.Wrong, fmt.Sprintf(format, args...)) }
	for _, f := range c.Manifest.Files {
		switch sum, octets, err := sumOf(filepath.Join(dir, f.Name)); {
		case errors.Is(err, os.ErrNotExist):
			wrong("%s is missing", f.Name)
		case err != nil:
			return err
		case octets != f.Bytes:
			wrong("%s has %d octets, want %d", f.Name, octets, f.Bytes)
		case sum != f.SHA256:
			wrong("%s was changed: its SHA-256 is %s, want %s", f.Name, sum, f.SHA256)
		default:
			c.Files++
		}
	}
	there, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range there {
		if e.Name() != ManifestFile && !c.has(e.Name()) {
			wrong("%q is none of the manifest's files", e.Name())
		}
	}
	return nil
}

// replay measures the packets again.
func (c *Checked) replay(ctx context.Context, dir string, cfg pipeline.Config) error {
	path := filepath.Join(dir, RecordsFile)
	if info, err := os.Stat(path); err == nil && info.Size() > maxRecords {
		return fmt.Errorf("%q has %d octets: too many to be the records of a few calls", path, info.Size())
	}
	want, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var got bytes.Buffer
	if _, err := replay(ctx, cfg, opening(filepath.Join(dir, PacketsFile)), PacketsFile, &got); err != nil {
		return err
	}
	c.Records = bytes.Count(want, []byte("\n"))
	c.Reproduced = bytes.Equal(got.Bytes(), want)
	if !c.Reproduced {
		c.Wrong = append(c.Wrong, "the packets give other records: line "+fmt.Sprint(firstDifference(got.Bytes(), want))+" of "+RecordsFile+" differs")
	}
	return nil
}

// firstDifference is the number of the first line that differs.
func firstDifference(a, b []byte) int {
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}
