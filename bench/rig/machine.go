package rig

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Machine says in one line where, when and what was measured: the program says
// itself what it is, as it may be older than the sources beside it.
func Machine(program string) string {
	return fmt.Sprintf("Machine: %s, %d processors, Linux %s. Program: %s. Date: %s.",
		cpuModel(), runtime.NumCPU(), kernel(), version(program), time.Now().UTC().Format("2006-01-02"))
}

func cpuModel() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return "unknown processor"
}

func kernel() string {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "of unknown release"
	}
	return strings.TrimSpace(string(release))
}

func version(program string) string {
	out, err := exec.Command(program, "version").Output()
	if err != nil {
		return "of unknown version"
	}
	return strings.TrimSpace(string(out))
}
