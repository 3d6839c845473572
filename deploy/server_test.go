package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// need skips a test where a tool is missing, and says which.
func need(t *testing.T, tools ...string) {
	t.Helper()
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
}

// build compiles a command of this module and returns the binary's path.
func build(t *testing.T, command string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), command)
	cmd := exec.Command("go", "build", "-trimpath", "-o", out, "../cmd/"+command)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot build %s: %v\n%s", command, err, text)
	}
	return out
}

// run executes a command that must succeed and returns what it says.
func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	text, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, text)
	}
	return string(text)
}

// serve starts a server that ends with the test, and waits until ready answers.
func serve(t *testing.T, ready string, name string, args ...string) {
	t.Helper()
	var log bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", name, log.String())
		}
	})
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("%s ended: %v\n%s", name, err, log.String())
		default:
		}
		if resp, err := http.Get(ready); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%s does not answer at %s", name, ready)
}

// freeAddress returns a loopback address that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// answer is what Prometheus' query API returns.
type answer struct {
	Status, ErrorType, Error string
	Data                     struct {
		ResultType string
		Result     json.RawMessage
	}
}

// series is one element of a vector or matrix.
type series struct {
	Metric map[string]string
	Value  [2]any
	Values [][2]any
}

// get asks a server's query API and returns what it says.
func get(server, path string, values url.Values) ([]byte, error) {
	resp, err := http.Get("http://" + server + "/api/v1/" + path + "?" + values.Encode())
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// query asks a server, by path "query" or "query_range".
func query(server, path string, values url.Values) ([]series, error) {
	body, err := get(server, path, values)
	if err != nil {
		return nil, err
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("not JSON: %s", body)
	}
	if a.Status != "success" {
		return nil, fmt.Errorf("%s: %s", a.ErrorType, a.Error)
	}
	if a.Data.ResultType != "vector" && a.Data.ResultType != "matrix" {
		return nil, fmt.Errorf("got a %s", a.Data.ResultType)
	}
	var list []series
	return list, json.Unmarshal(a.Data.Result, &list)
}

// instant asks for the value of an expression now.
func instant(server, expr string) ([]series, error) {
	return query(server, "query", url.Values{"query": {expr}})
}
