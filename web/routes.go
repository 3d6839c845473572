package web

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"time"

	"earshot/dialog"
)

// routes says what is answered where.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", s.index)
	mux.HandleFunc("/metrics", s.writeMetrics)
	mux.HandleFunc("/readyz", s.readyz)
	mux.HandleFunc("/api/v1/summary", s.getSummary)
	mux.HandleFunc("/api/v1/calls", s.getCalls)
	mux.HandleFunc("/api/v1/streams", s.getStreams)
	mux.HandleFunc("/api/v1/segments", s.getSegments)
	mux.HandleFunc("/api/v1/calls/{id}/packets", s.getPackets)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "there is nothing here", "GET / lists what there is")
	})
	guarded := s.guarded(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			fail(w, http.StatusMethodNotAllowed, "method "+r.Method+" is not allowed", "everything here is read with GET")
			return
		}
		if r.URL.Path == "/healthz" { // whoever restarts a dead probe needs no password
			text(w, http.StatusOK, "ok\n")
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

// guarded lets pass who may look.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g := s.guard.Load()
		if !g.admits(r) {
			s.metrics.refused.Add(1)
			g.challenge(w)
			fail(w, http.StatusUnauthorized, "who are you?", "send a user and password, or a bearer token, that the probe's configuration names")
			return
		}
		if g.open() && !s.cfg.Insecure && !isAddress(r.Host) {
			fail(w, http.StatusForbidden, "no names without authentication",
				"use http://127.0.0.1 or http://localhost: a foreign page's script could come by any other name")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isAddress reports whether a Host header is an address or localhost. A name
// could be one that a web page had pointed here to read the API with the
// visitor's browser (DNS rebinding).
func isAddress(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || net.ParseIP(host) != nil
}

// protect sets the headers that keep browsers from doing more than showing.
func protect(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// fail answers with an error.
func fail(w http.ResponseWriter, status int, what, hint string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)                           // it is no page, and hints hold URLs
	_ = e.Encode(ErrorBody{Error: what, Hint: hint}) // a client that has left hears nothing
}

func text(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // the same
}

// answer answers with JSON.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error(), "this is a fault of the probe; please report it")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	s.send(w, r, append(data, '\n'))
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if err := s.ready(time.Now()); err != nil {
		text(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	text(w, http.StatusOK, "ready\n")
}

func (s *Server) getSummary(w http.ResponseWriter, r *http.Request) {
	s.answer(w, r, s.summary(time.Now()))
}

func (s *Server) getCalls(w http.ResponseWriter, r *http.Request) {
	q, err := readQuery(r.URL.Query(), "segment", "state", "sort", "limit", "offset")
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "for example /api/v1/calls?sort=mos&limit=20")
		return
	}
	s.answer(w, r, s.callList(s.probe.snapshot().View, &q))
}

func (s *Server) getStreams(w http.ResponseWriter, r *http.Request) {
	q, err := readQuery(r.URL.Query(), "segment", "sort", "limit", "offset")
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "for example /api/v1/streams?sort=mos&limit=20")
		return
	}
	s.answer(w, r, s.streamList(s.probe.snapshot().View, &q))
}

func (s *Server) getSegments(w http.ResponseWriter, r *http.Request) {
	at := s.probe.snapshot().At
	s.answer(w, r, &SegmentList{At: dialog.Time(at), Segments: s.metrics.segments(at)})
}

// index lists what there is.
func (s *Server) index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(indexPage)) // a client that has left reads nothing
}

const indexPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Earshot</title></head><body>
<h1>Earshot</h1>
<ul>
<li><a href="/metrics">/metrics</a>: Prometheus text, or OpenMetrics when asked</li>
<li><a href="/api/v1/summary">/api/v1/summary</a>: the probe at a glance</li>
<li><a href="/api/v1/calls?sort=mos">/api/v1/calls</a>: calls that go on; segment, state, sort (mos, start, loss), limit, offset</li>
<li><a href="/api/v1/streams?sort=mos">/api/v1/streams</a>: RTP streams that go on; segment, sort, limit, offset</li>
<li><a href="/api/v1/segments">/api/v1/segments</a>: how each segment sounds</li>
<li>/api/v1/calls/ID/packets: the recent packets of a call, pcapng</li>
<li><a href="/healthz">/healthz</a>: the process lives</li>
<li><a href="/readyz">/readyz</a>: it hears packets and keeps up</li>
</ul>
</body></html>
`
