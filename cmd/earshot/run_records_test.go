package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
)

// A live probe writes the lines that replay writes, but the summary.
func TestRecordFileIsAsReplay(t *testing.T) {
	status, want, errs := earshot(t, "replay", "--json", demo)
	if status != exitOK {
		t.Fatal(errs)
	}
	lines := strings.SplitAfter(strings.TrimSuffix(want, "\n"), "\n")
	want = strings.Join(lines[:len(lines)-1], "") // the last one is the summary

	c := defaultConfig()
	c.Records.File = word{filepath.Join(t.TempDir(), "records.jsonl"), 1}
	f, err := openRecords(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := capture.Open([]string{demo}, capture.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	measuring, err := c.measuring()
	if err != nil {
		t.Fatal(err)
	}
	if err := pipeline.New(measuring, []capture.Source{files}, f).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(f.name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, []byte(want)) {
		t.Errorf("got %d octets that differ from the %d of replay", len(got), len(want))
	}
}

// oneLine is a record, and how long its line is.
func oneLine(t *testing.T) (dialog.Record, int) {
	t.Helper()
	r := &dialog.TransactionRecord{Method: "OPTIONS"}
	line := dialog.AppendJSON(nil, r, dialog.JSONOptions{})
	return r, len(line) + 1
}

func TestRecordFileRotates(t *testing.T) {
	name := filepath.Join(t.TempDir(), "r.jsonl")
	r, length := oneLine(t)
	f := &recordFile{name: name, max: int64(3 * length), files: 3}
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	for range 11 { // 3 3 3 2: the oldest file is gone
		f.Record(r)
	}
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	for suffix, lines := range map[string]int{"": 2, ".1": 3, ".2": 3, ".3": 0} {
		text, err := os.ReadFile(name + suffix)
		if got := bytes.Count(text, []byte("\n")); got != lines || lines == 0 && err == nil {
			t.Errorf("r.jsonl%s: got %d lines (%v), want %d", suffix, got, err, lines)
		}
		if len(text) != lines*length {
			t.Errorf("r.jsonl%s: got %d octets, want %d", suffix, len(text), lines*length)
		}
	}
}

// logrotate moves the file away and sends SIGHUP.
func TestRecordFileReopens(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "r.jsonl")
	r, length := oneLine(t)
	f := &recordFile{name: name, max: 1 << 20, files: 2}
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	f.Record(r)
	if err := os.Rename(name, filepath.Join(dir, "moved")); err != nil {
		t.Fatal(err)
	}
	f.Record(r)
	if err := f.reopen(); err != nil {
		t.Fatal(err)
	}
	f.Record(r)
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	for file, lines := range map[string]int{"moved": 2, "r.jsonl": 1} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil || info.Size() != int64(lines*length) {
			t.Errorf("%s: got %v, %v; want %d lines", file, info, err, lines)
		}
	}
}

// A full disk loses lines, which are counted, and no half of one is left.
func TestRecordFileOnAFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("no /dev/full here: %v", err)
	}
	r, _ := oneLine(t)
	f := &recordFile{name: "-", out: full, max: 1 << 20, files: 2}
	if err := f.open(); err != nil {
		t.Fatal(err)
	}
	f.Record(r)
	f.Record(r)
	if lost, err := f.flush(); lost != 2 || err == nil {
		t.Errorf("got %d lost lines, %v; want 2 and an error", lost, err)
	}
	if lost, err := f.flush(); lost != 0 || err != nil {
		t.Errorf("told twice: %d, %v", lost, err)
	}
}
