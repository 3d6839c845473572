package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// pack runs package.sh for this machine's architecture and returns the folder
// with what came out.
func pack(t *testing.T) string {
	t.Helper()
	dist := t.TempDir()
	cmd := exec.Command("sh", "package.sh", runtime.GOARCH)
	cmd.Env = append(os.Environ(), "DIST="+dist, "VERSION=v1.2.3-4-gabcdef0", "SOURCE_DATE_EPOCH=1767600000")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("package.sh: %v\n%s", err, text)
	}
	return dist
}

func TestPackage(t *testing.T) {
	t.Parallel()
	need(t, "dpkg-deb", "dpkg")
	dist := pack(t)
	// v1.2.3-4-gabcdef0 is four commits after the tag: newer than 1.2.3, older than 1.2.4.
	deb := filepath.Join(dist, "earshot_1.2.3+4.gabcdef0_"+runtime.GOARCH+".deb")
	for field, want := range map[string]string{
		"Package": "earshot", "Version": "1.2.3+4.gabcdef0", "Architecture": runtime.GOARCH,
	} {
		if got := strings.TrimSpace(run(t, "dpkg-deb", "-f", deb, field)); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}

	root := t.TempDir()
	run(t, "dpkg-deb", "-x", deb, root)
	for _, name := range []string{
		"usr/bin/earshot", "usr/lib/systemd/system/earshot.service", "etc/earshot/earshot.yaml",
		"usr/share/man/man1/earshot.1.gz", "usr/share/bash-completion/completions/earshot",
		"usr/share/zsh/vendor-completions/_earshot", "usr/share/fish/vendor_completions.d/earshot.fish",
		"usr/share/doc/earshot/copyright", "usr/share/doc/earshot/changelog.gz", "usr/share/doc/earshot/third-party.gz",
		"usr/share/earshot/earshot.yaml", "usr/share/earshot/grafana/earshot.json",
		"usr/share/earshot/prometheus/rules-alerting.yml", "usr/share/earshot/prometheus/rules-recording.yml",
	} {
		if info, err := os.Stat(filepath.Join(root, name)); err != nil || info.Size() == 0 {
			t.Errorf("the package has no %s (%v)", name, err)
		}
	}
	binary := filepath.Join(root, "usr/bin/earshot")
	if got := run(t, binary, "version"); !strings.Contains(got, "v1.2.3-4-gabcdef0") {
		t.Errorf("earshot version says %q", got)
	}
	// The configuration that is installed is one that the binary takes.
	run(t, binary, "check", filepath.Join(root, "etc/earshot/earshot.yaml"))
	t.Run("examples", func(t *testing.T) { testExamples(t, binary) })
	t.Run("unit", func(t *testing.T) { testUnit(t, binary) })
	t.Run("install", func(t *testing.T) { testInstall(t, deb) })
	t.Run("reproducible", func(t *testing.T) {
		sums := func(dir string) string {
			b, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		if a, b := sums(dist), sums(pack(t)); a != b {
			t.Errorf("two builds of one commit differ:\n%s%s", a, b)
		}
	})
}

// testInstall takes the package through dpkg in a root of its own: installed,
// removed (the configuration stays) and purged.
func testInstall(t *testing.T, deb string) {
	if os.Getuid() != 0 {
		t.Skip("dpkg --install needs root")
	}
	root := t.TempDir()
	for _, dir := range []string{"info", "updates", "triggers"} {
		if err := os.MkdirAll(filepath.Join(root, "var/lib/dpkg", dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "var/lib/dpkg/status"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	// Maintainer scripts run from this system with DPKG_ROOT, for the root is
	// empty; what they depend on is not in there either.
	dpkg := func(args ...string) {
		t.Helper()
		run(t, "dpkg", append([]string{"--root=" + root, "--force-script-chrootless", "--force-depends"}, args...)...)
	}
	state := func(name string) bool {
		_, err := os.Lstat(filepath.Join(root, name))
		return err == nil
	}
	const (
		binary  = "usr/bin/earshot"
		config  = "etc/earshot/earshot.yaml"
		secrets = "etc/earshot/secrets"
		enabled = "etc/systemd/system/multi-user.target.wants/earshot.service"
	)
	dpkg("--install", deb)
	for _, name := range []string{binary, config, secrets, enabled} {
		if !state(name) {
			t.Errorf("installed, and there is no %s", name)
		}
	}
	dpkg("--remove", "earshot")
	if state(binary) || !state(config) {
		t.Errorf("removed: binary there %v, want false; configuration there %v, want true", state(binary), state(config))
	}
	dpkg("--purge", "earshot")
	for _, name := range []string{config, secrets, enabled} {
		if state(name) {
			t.Errorf("purged, and %s is still there", name)
		}
	}
}

// testUnit has systemd read the service file, and holds it to being hardened.
func testUnit(t *testing.T, binary string) {
	need(t, "systemd-analyze")
	b, err := os.ReadFile("systemd/earshot.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "earshot.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(b), "/usr/bin/earshot", binary)), 0o644); err != nil {
		t.Fatal(err)
	}
	// It complains of other units on the machine too.
	for line := range strings.Lines(run(t, "systemd-analyze", "verify", "--man=no", unit)) {
		if strings.Contains(line, "earshot") || !strings.Contains(line, ".service:") {
			t.Errorf("systemd-analyze verify says: %s", line)
		}
	}
	// systemd's exposure level runs from 0 to 10; the threshold is in tenths. A
	// service that captures packets cannot be without network and CAP_NET_RAW.
	run(t, "systemd-analyze", "security", "--offline=true", "--threshold=25", unit)
}
