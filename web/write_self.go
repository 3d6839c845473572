package web

import (
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"earshot/dialog"
)

// reloads counts what became of reloads of the configuration.
type reloads struct {
	succeeded, failed atomic.Uint64
	last              atomic.Int64 // wall clock of the last that succeeded, ns
	hash              atomic.Pointer[string]
}

// pushes counts what became of pushes.
type pushes struct{ succeeded, failed atomic.Uint64 }

// Reloaded counts a reload of the configuration. The hash is that of the
// configuration in force from now on, and err says why the reload failed.
func (m *Metrics) Reloaded(hash string, err error) {
	if err != nil {
		m.reloads.failed.Add(1)
		return
	}
	m.reloads.succeeded.Add(1)
	m.reloads.last.Store(time.Now().UnixNano())
	m.reloads.hash.Store(&hash)
}

// self writes what the probe knows of its own configuration and metrics.
func (p *page) self(m *Metrics, probe *Probe, t *dialog.Totals) {
	p.family("earshot_metrics_label_overflow_total", counter, "Events that were counted as other because their label had too many values.")
	for f := range foldings {
		p.count(labels("label", foldingNames[f]), m.folded[f].Load())
	}
	p.count(`label="peer"`, t.SIPCountsFolded)
	p.family("earshot_metrics_push_total", counter, "Pushes of metrics.")
	p.count(`result="success"`, m.pushes.succeeded.Load())
	p.count(`result="failure"`, m.pushes.failed.Load())
	p.total("earshot_web_unauthorized_requests_total", "Requests without the right user, password or token.", m.refused.Load())
	p.total("earshot_web_locked_accounts_total", "Accounts that failed sign-ins have locked for a time.", m.locked.Load())
	p.family("earshot_config_reloads_total", counter, "Reloads of the configuration.")
	p.count(`result="success"`, m.reloads.succeeded.Load())
	p.count(`result="failure"`, m.reloads.failed.Load())
	last := m.reloads.last.Load()
	if last == 0 && !probe.Started.IsZero() {
		last = probe.Started.UnixNano()
	}
	p.one("earshot_config_last_reload_success_timestamp_seconds", gauge,
		"When the configuration in force was read, Unix.", float64(last)/1e9)
	p.family("earshot_config_hash_info", gauge, "The configuration in force: 1, with its hash.")
	p.count(labels("hash", *m.reloads.hash.Load()), 1)
	p.family("earshot_build_info", gauge, "The program: 1, with its version.")
	p.count(labels("version", probe.Version, "goversion", runtime.Version(), "os", runtime.GOOS, "arch", runtime.GOARCH), 1)
	p.one("earshot_metrics_series_limit", gauge, "The most series that may be.", float64(m.cfg.MaxSeries))
	p.one("earshot_metrics_series", gauge, "Series of this page.", float64(p.series+1+processSeries))
}

// processSeries is how many series process writes.
const processSeries = 9

// process writes what the process costs, by the names that everybody uses.
func (p *page) process() {
	samples := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"},
	}
	metrics.Read(samples)
	p.one("go_goroutines", gauge, "Goroutines.", float64(samples[0].Value.Uint64()))
	p.one("go_memstats_heap_alloc_bytes", gauge, "Octets of objects on the heap.", float64(samples[1].Value.Uint64()))
	p.one("go_memstats_sys_bytes", gauge, "Octets that the Go runtime has from the system.", float64(samples[2].Value.Uint64()))
	p.total("go_gc_cycles_total", "Garbage collections.", samples[3].Value.Uint64())
	s := readProcess()
	p.one("process_cpu_seconds_total", counter, "Processor time, user and system.", s.cpu)
	p.one("process_resident_memory_bytes", gauge, "Resident memory, capture rings included.", s.resident)
	p.one("process_open_fds", gauge, "Open file descriptors.", s.files)
	p.one("process_max_fds", gauge, "The most open file descriptors.", s.maxFiles)
	p.one("process_start_time_seconds", gauge, "When the process began, Unix.", s.started)
}

// processStats is what the kernel says of this process; 0 where it does not.
type processStats struct{ cpu, resident, files, maxFiles, started float64 }

// clockTicks is the unit of times in /proc, a second's share; Linux shows 100
// on every architecture (proc(5), USER_HZ).
const clockTicks = 100

// readProcess reads /proc/self (proc(5)).
func readProcess() processStats {
	var s processStats
	if stat, err := os.ReadFile("/proc/self/stat"); err == nil {
		s.stat(string(stat))
	}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		s.files = float64(len(fds))
	}
	limits, _ := os.ReadFile("/proc/self/limits")
	for line := range strings.Lines(string(limits)) {
		if rest, ok := strings.CutPrefix(line, "Max open files"); ok && len(strings.Fields(rest)) > 0 {
			s.maxFiles = number(strings.Fields(rest)[0])
		}
	}
	return s
}

// stat reads the fields of /proc/self/stat, which come after a name in
// parentheses that may hold anything; the first of them is the third.
func (s *processStats) stat(text string) {
	_, rest, _ := strings.Cut(text[max(0, strings.LastIndexByte(text, ')')):], " ")
	f := strings.Fields(rest)
	if len(f) < 22 {
		return
	}
	s.cpu = (number(f[11]) + number(f[12])) / clockTicks // utime, stime: fields 14 and 15
	s.resident = number(f[21]) * float64(os.Getpagesize())
	s.started = bootTime() + number(f[19])/clockTicks // starttime: field 22
}

// bootTime returns when the system started, Unix.
func bootTime() float64 {
	stat, _ := os.ReadFile("/proc/stat")
	for line := range strings.Lines(string(stat)) {
		if rest, ok := strings.CutPrefix(line, "btime "); ok {
			return number(strings.TrimSpace(rest))
		}
	}
	return 0
}

func number(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}
