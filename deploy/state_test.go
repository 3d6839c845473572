package deploy

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// setting returns the last value of a setting in the unit.
func setting(t *testing.T, unit, name string) string {
	t.Helper()
	all := regexp.MustCompile(`(?m)^`+name+`=(.*)$`).FindAllStringSubmatch(unit, -1)
	if len(all) == 0 {
		t.Fatalf("the unit has no %s", name)
	}
	return all[len(all)-1][1]
}

// TestStateDirectory: whatever the packaged configuration writes to, examples
// too, lies in the one folder that systemd makes for the service and lets it
// write to, each thing in a place of its own.
func TestStateDirectory(t *testing.T) {
	unit, config := read(t, "systemd/earshot.service"), read(t, "earshot.yaml")
	state := path.Join("/var/lib", setting(t, unit, "StateDirectory"))
	if setting(t, unit, "ProtectSystem") != "strict" || strings.Contains(unit, "\nReadWritePaths=") {
		t.Error("the state directory is not the only place that can be written to")
	}
	if setting(t, unit, "StateDirectoryMode") != "0750" || setting(t, unit, "UMask") != "0027" {
		t.Error("calls and cases can be read by everybody")
	}
	for _, name := range []string{"User", "Group"} { // else the folder of the last run is somebody else's
		if setting(t, unit, name) != "earshot" {
			t.Errorf("the service has no %s of its own", name)
		}
	}
	found := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^(#?)([a-z]+):\n((?:(?:#|  ).*\n)+)`).FindAllStringSubmatch(config, -1) {
		for _, k := range regexp.MustCompile(`(?m)^#?  (dir|file): (/\S+)`).FindAllStringSubmatch(m[3], -1) {
			found[m[2]] = k[2]
		}
	}
	for _, section := range []string{"store", "save", "records"} {
		if place := found[section]; !strings.HasPrefix(place, state+"/") {
			t.Errorf("%s writes to %q, want a place below %s", section, place, state)
		}
	}
	if path.Dir(found["records"]) == found["store"] || strings.HasPrefix(found["save"], found["store"]) || strings.HasPrefix(found["store"], found["save"]+"/") {
		t.Errorf("the store shares its folder: %v", found)
	}
	if !regexp.MustCompile(`(?m)^store:\n  dir: `).MatchString(config) {
		t.Error("the packaged configuration keeps no calls, so there are no cases")
	}
}
