package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// workload is one capture and what it must reach.
type workload struct {
	name    string
	profile string
	calls   int     // concurrent
	target  float64 // packets a second, wall time
}

// program is what is measured; "make bench" builds it first.
const program = "bin/earshot"

var workloads = []workload{
	{"1,000 calls × 30 s", "bench-1k", 1000, 6e6},
	{"10,000 calls × 10 s", "bench-10k", 10000, 5e6},
}

func main() {
	runs := flag.Int("runs", 7, "measure earshot so many times on each capture")
	cache := flag.String("cache", ".cache/bench", "keep the generated captures in this folder")
	out := flag.String("o", "bench/README.md", "write the table to this file")
	skipTshark := flag.Bool("no-tshark", false, "leave tshark out")
	flag.Parse()
	if err := bench(*runs, *cache, *out, !*skipTshark); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(runs int, cache, out string, withTshark bool) error {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	var rows []row
	for _, w := range workloads {
		file := filepath.Join(cache, w.profile+".pcap")
		if err := generate(w, file); err != nil {
			return err
		}
		r, err := compare(w, file, runs, withTshark)
		if err != nil {
			return err
		}
		rows = append(rows, r)
	}
	return os.WriteFile(out, []byte(page(rows, runs)), 0o644)
}

// generate makes a workload's capture unless the cache has it.
func generate(w workload, file string) error {
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	fmt.Fprintf(os.Stderr, "generating %s\n", file)
	tmp := file + ".part"
	out, err := exec.Command("bin/callgen", "-profile", w.profile, "-o", tmp, "-truth", file+".truth.json").CombinedOutput()
	if err != nil {
		return fmt.Errorf("cannot generate %s: %w: %s", file, err, out)
	}
	return os.Rename(tmp, file)
}
