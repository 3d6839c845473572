package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzReceive: whatever somebody with the secret delivers, it is taken or
// refused, and nothing is written but in the folder of its key.
func FuzzReceive(f *testing.F) {
	f.Add("k-created", `{"event":"created","key":"k","delivery":"k-created","case":{"number":1}}`, "", "")
	f.Add("../k-created", `{"event":"created","key":"../k","delivery":"../k-created"}`, "", "")
	f.Add("k-attached-2d711642b726b044-f.txt", "x", "f.txt", "k")
	f.Add("../k-attached-2d711642b726b044-f.txt", "x", "f.txt", "../k")
	f.Fuzz(func(t *testing.T, delivery, body, file, key string) {
		base := t.TempDir()
		out := filepath.Join(base, "received")
		if err := os.Mkdir(out, 0o750); err != nil {
			t.Fatal(err)
		}
		r := &receiver{secrets: []string{"hook-secret"}, out: out, std: stdio{out: new(strings.Builder), err: new(strings.Builder)}, now: time.Now, numbers: map[string]int{}}
		q := handSigned(t, "http://h.example/", "hook-secret", time.Now(), delivery, body, map[string]string{"X-Earshot-Key": key,
			"X-Earshot-Content-SHA256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"})
		if file != "" {
			q.Header.Set("X-Earshot-File", file)
		}
		for range 2 {
			q.Body, _ = q.GetBody()
			a := httptest.NewRecorder()
			r.ServeHTTP(a, q)
			if a.Code == http.StatusInternalServerError {
				t.Errorf("failed: %s", r.std.err)
			}
		}
		if r.taken > 1 {
			t.Errorf("one delivery was taken %d times", r.taken)
		}
		beside, err := os.ReadDir(base)
		if err != nil || len(beside) != 1 {
			t.Errorf("beside the folder there is %v, %v", beside, err)
		}
	})
}
