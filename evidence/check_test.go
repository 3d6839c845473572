package evidence

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/sanitise"
)

// rewrite changes a file of a folder.
func rewrite(t *testing.T, dir, name string, change func([]byte) []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, change(text), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestCheckDamaged: whatever is changed in a bundle is told.
func TestCheckDamaged(t *testing.T) {
	c := demoCase(demoCalls(t))
	flip := func(text []byte) []byte {
		text[len(text)/2] ^= 1
		return text
	}
	damage := map[string]func(t *testing.T, dir string){
		"is missing":                      func(t *testing.T, dir string) { os.Remove(filepath.Join(dir, ChartPNG)) },
		"octets, want":                    func(t *testing.T, dir string) { rewrite(t, dir, CaseFile, func(b []byte) []byte { return b[1:] }) },
		"none of the manifest's files":    func(t *testing.T, dir string) { os.WriteFile(filepath.Join(dir, "more.txt"), nil, 0o600) },
		"packets.pcapng was changed":      func(t *testing.T, dir string) { rewrite(t, dir, PacketsFile, flip) },
		"records.jsonl was changed":       func(t *testing.T, dir string) { rewrite(t, dir, RecordsFile, flip) },
		"the packets give other records:": func(t *testing.T, dir string) { forge(t, dir) },
	}
	for want, harm := range damage {
		t.Run(want, func(t *testing.T) {
			b := demoBundle(t, c)
			harm(t, b.Dir)
			got := check(t, b.Dir)
			if got.Whole() || !strings.Contains(strings.Join(got.Wrong, "\n"), want) {
				t.Errorf("got %q, want %q", got.Wrong, want)
			}
		})
	}
}

// forge changes a record, and the manifest with it.
func forge(t *testing.T, dir string) {
	t.Helper()
	rewrite(t, dir, RecordsFile, func(b []byte) []byte { return bytes.Replace(b, []byte(`"packets":`), []byte(`"packets":1`), 1) })
	rewrite(t, dir, ManifestFile, func(text []byte) []byte {
		m, err := ParseManifest(text)
		if err != nil {
			t.Fatal(err)
		}
		for i := range m.Files {
			if f := &m.Files[i]; f.Name == RecordsFile {
				now, err := FileOf(dir, f.Name)
				if err != nil {
					t.Fatal(err)
				}
				f.Bytes, f.SHA256 = now.Bytes, now.SHA256
			}
		}
		text, _ = json.Marshal(m)
		return text
	})
}

// TestCheckNothing: a folder without a manifest is told what it should be.
func TestCheckNothing(t *testing.T) {
	if _, err := Check(t.Context(), t.TempDir(), noSettings); !errors.Is(err, ErrNoManifest) || !strings.Contains(err.Error(), "name the folder of one case") {
		t.Errorf("got %v", err)
	}
}

// TestParseManifest: what cannot be is refused.
func TestParseManifest(t *testing.T) {
	good := `{"kind":"earshot-evidence","version":1,"files":[{"name":"a","bytes":1,"sha256":"x"}]}`
	if _, err := ParseManifest([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text string
		want error
	}{
		{``, ErrNoManifest},
		{`[]`, ErrNoManifest},
		{`{"kind":"other","version":1}`, ErrNoManifest},
		{strings.Replace(good, `"version":1`, `"version":2`, 1), ErrNewer},
		{strings.Replace(good, `"name":"a"`, `"name":"../a"`, 1), ErrNoManifest},
		{strings.Replace(good, `"name":"a"`, `"name":"/etc/passwd"`, 1), ErrNoManifest},
		{strings.Replace(good, `"name":"a"`, `"name":"manifest.json"`, 1), ErrNoManifest},
		{strings.Replace(good, `"bytes":1`, `"bytes":-1`, 1), ErrNoManifest},
	} {
		if _, err := ParseManifest([]byte(c.text)); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", c.text, err, c.want)
		}
	}
}

// FuzzManifest: a manifest that is read names only files that stay in their
// folder, each once.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"kind":"earshot-evidence","version":1,"files":[{"name":"a","bytes":1,"sha256":"x"},{"name":"b"}]}`))
	f.Add([]byte(`{"kind":"earshot-evidence","files":[{"name":"../../a"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseManifest(text)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, x := range m.Files {
			if filepath.Base(x.Name) != x.Name || !filepath.IsLocal(x.Name) || seen[x.Name] {
				t.Fatalf("it names %q", x.Name)
			}
			seen[x.Name] = true
		}
	})
}

// TestArchive: what was packed is unpacked as it was, and the same bundle gives
// the same archive.
func TestArchive(t *testing.T) {
	b := demoBundle(t, demoCase(demoCalls(t)))
	var x, y bytes.Buffer
	if err := errors.Join(b.Zip(&x), b.Zip(&y)); err != nil || !bytes.Equal(x.Bytes(), y.Bytes()) {
		t.Fatalf("%v, or another archive the second time", err)
	}
	path, to := filepath.Join(t.TempDir(), "e.zip"), filepath.Join(t.TempDir(), "there")
	if err := errors.Join(os.WriteFile(path, x.Bytes(), 0o600), Unpack(path, to)); err != nil {
		t.Fatal(err)
	}
	if got := check(t, to); !got.Whole() || !got.Reproduced {
		t.Errorf("unpacked: %+v", got)
	}
	if err := Unpack(path, to); !errors.Is(err, os.ErrExist) {
		t.Errorf("over what is there: %v", err)
	}
}

// TestUnpackHostile: no archive writes outside of its folder.
func TestUnpackHostile(t *testing.T) {
	for _, name := range []string{"../evil", "/tmp/evil", "a/b", ".hidden", "a\\b", "evil\x00"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "e.zip")
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte("x"))
		}
		if err := errors.Join(err, z.Close(), os.WriteFile(path, b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := Unpack(path, filepath.Join(dir, "to")); !errors.Is(err, ErrArchive) {
			t.Errorf("%q: got %v", name, err)
		}
		there, _ := os.ReadDir(filepath.Join(dir, "to"))
		if len(there) != 0 {
			t.Errorf("%q: wrote %v", name, there)
		}
	}
	path := filepath.Join(t.TempDir(), "e.zip")
	if err := os.WriteFile(path, []byte("no archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Unpack(path, path+".d"); !errors.Is(err, ErrArchive) {
		t.Errorf("no archive: %v", err)
	}
}

// TestReaddressed: addresses and networks in a text get the pseudonyms that
// packets have, and times, figures and versions stay.
func TestReaddressed(t *testing.T) {
	a := sanitise.NewAddresses(testKey)
	of := func(text string) string { return a.Of(netip.MustParseAddr(text)).String() }
	network, _ := a.Of(netip.MustParseAddr("203.0.113.0")).Prefix(24)
	network6, _ := a.Of(netip.MustParseAddr("2001:db8:1::")).Prefix(48)
	for text, want := range map[string]string{
		"sent from 203.0.113.0/24 at":            "sent from " + network.String() + " at",
		"203.0.113.7:16484 to 192.0.2.1.":        of("203.0.113.7") + ":16484 to " + of("192.0.2.1") + ".",
		"2001:db8:1::/48 and 2001:db8:1::9":      network6.String() + " and " + of("2001:db8:1::9"),
		"at 10:04:19 UTC, 66 of 78 (85.5 %), 1.": "at 10:04:19 UTC, 66 of 78 (85.5 %), 1.",
		`"at":"2026-01-06T09:12:10.5Z"`:          `"at":"2026-01-06T09:12:10.5Z"`,
		"loss: 15.625, ratio 1:2":                "loss: 15.625, ratio 1:2",
	} {
		if got := readdressed(a, text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
