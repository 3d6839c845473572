package web

import (
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// received is one push as a server sees it.
type received struct {
	method, authorization, extra string
	body                         string
}

// receiver is a server that takes pushes, failing the first ones.
func receiver(t *testing.T, failures int) (*httptest.Server, chan received) {
	t.Helper()
	got := make(chan received, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			body, _ = gzip.NewReader(r.Body)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		got <- received{r.Method, r.Header.Get("Authorization"), r.Header.Get("X-Scope"), string(text)}
		if failures > 0 {
			failures--
			http.Error(w, "not today", http.StatusInternalServerError)
		}
	}))
	t.Cleanup(s.Close)
	return s, got
}

func TestPush(t *testing.T) {
	s, got := receiver(t, 1)
	m := populated(t)
	var log strings.Builder
	cfg := PushConfig{
		URL: s.URL + "/api/v1/import/prometheus?key=hidden", Interval: time.Second,
		ExtraLabels: map[string]string{"site": `north "1"`, "env": "test"},
		HeadersFile: secretFile(t, "X-Scope: tenant\n"), BearerFile: secretFile(t, token),
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Push(ctx, cfg) }()
	first, second := <-got, <-got
	for _, r := range []received{first, second} {
		if r.method != "POST" || r.authorization != "Bearer "+token || r.extra != "tenant" {
			t.Errorf("%s with %q and %q", r.method, r.authorization, r.extra)
		}
		values := samples(t, r.body)
		if values[`earshot_sip_active_calls{direction="to_peer", env="test", peer="carrier", site="north \"1\""}`] != 3 {
			t.Errorf("the pushed page lacks a labelled series: %.300s", r.body)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the last push: %v", err)
	}
	<-got // the push at the end
	expect(t, m, map[string]float64{
		`earshot_metrics_push_total{result="failure"}`: 1,
		`earshot_metrics_push_total{result="success"}`: 2,
	})
	for _, secret := range []string{token, "tenant", "hidden"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds a secret: %s", log.String())
		}
	}
	for _, want := range []string{"cannot be pushed", "not today", "pushed again"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, log.String())
		}
	}
}

// TestPushNobodyThere: an unreachable server is an error without secrets.
func TestPushNobodyThere(t *testing.T) {
	m := populated(t)
	cfg := PushConfig{URL: "http://127.0.0.1:1/write?key=hidden", BearerFile: secretFile(t, token)}
	p, err := cfg.pusher()
	if err != nil {
		t.Fatal(err)
	}
	err = m.push(t.Context(), p)
	if err == nil || strings.Contains(err.Error(), "hidden") || strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "refused") {
		t.Errorf("got %v", err)
	}
	expect(t, m, map[string]float64{`earshot_metrics_push_total{result="failure"}`: 1})
}

func TestPushCheck(t *testing.T) {
	const url = "http://127.0.0.1:8428/api/v1/import/prometheus"
	tests := []struct {
		name string
		cfg  PushConfig
		want string // of the error; "" none
	}{
		{"good", PushConfig{URL: url, ExtraLabels: map[string]string{"site": "a"}}, ""},
		{"no URL", PushConfig{}, "want a URL"},
		{"another scheme", PushConfig{URL: "ftp://h/"}, "want a URL"},
		{"a user in the URL", PushConfig{URL: "http://u:p@h/"}, "into a file"},
		{"too often", PushConfig{URL: url, Interval: time.Millisecond}, "1s or more"},
		{"a label of ours", PushConfig{URL: url, ExtraLabels: map[string]string{"segment": "a"}}, `"segment"`},
		{"no label", PushConfig{URL: url, ExtraLabels: map[string]string{"a-b": "a"}}, `"a-b"`},
		{"reserved", PushConfig{URL: url, ExtraLabels: map[string]string{"__name__": "a"}}, `"__name__"`},
		{"no such file", PushConfig{URL: url, BearerFile: "/nonexistent"}, "cannot read token"},
		{"no header", PushConfig{URL: url, HeadersFile: secretFile(t, "no header")}, `"Name: value"`},
		{"two identities", PushConfig{URL: url, UserFile: secretFile(t, "a:b"), BearerFile: secretFile(t, token)}, "more than one"},
	}
	for _, tt := range tests {
		err := tt.cfg.Check()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}
