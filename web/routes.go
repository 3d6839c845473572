package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"earshot/dialog"
)

// route is what is answered at a path, and who may ask. A nil handler is a
// method that the path does not have.
type route struct {
	path  string
	read  level
	get   http.HandlerFunc
	write level
	post  http.HandlerFunc
	file  bool // what is posted is a file, no JSON
}

// table lists what is answered where. What needs no customer data is basic.
func (s *Server) table() []route {
	return []route{
		{path: "/{$}", read: basic, get: s.index},
		{path: "/metrics", read: basic, get: s.writeMetrics},
		{path: "/readyz", read: basic, get: s.readyz},
		{path: "/api/v1/summary", read: basic, get: s.getSummary},
		{path: "/api/v1/segments", read: basic, get: s.getSegments},
		{path: "/api/v1/calls", read: readOnly, get: s.getCalls},
		{path: "/api/v1/streams", read: readOnly, get: s.getStreams},
		{path: "/api/v1/history/calls", read: readOnly, get: s.getHistory},
		{path: "/api/v1/history/calls/{id}", read: readOnly, get: s.getHistoryCall},
		{path: "/api/v1/calls/{id}/packets", read: readWrite, get: s.getPackets},
		{path: "/api/v1/alerts", read: basic, get: s.getAlerts},
		{path: "/api/v1/rules", read: basic, get: s.getRules},
		{path: "/api/v1/cases", read: readOnly, get: s.getCases, write: readWrite, post: s.openCase},
		{path: "/api/v1/cases/{number}", read: readOnly, get: s.getCase},
		{path: "/api/v1/cases/{number}/audit", read: readOnly, get: s.getCaseAudit},
		{path: "/api/v1/cases/{number}/report", read: readOnly, get: s.getCaseReport},
		{path: "/api/v1/reports/monthly", read: readOnly, get: s.getMonthly},
		{path: "/api/v1/cases/{number}/{action}", write: readWrite, post: s.changeCase},
		{path: "/api/v1/cases/{number}/attachments/{name}", read: readWrite, get: s.getAttachment, write: readWrite, post: s.putAttachment, file: true},
		{path: "/api/v1/changes", read: readOnly, get: s.getChanges, write: readWrite, post: s.recordChange},
		{path: "/api/v1/hooks/alertmanager", write: readWrite, post: s.hookAlertmanager},
		{path: "/api/v1/outbox", read: readOnly, get: s.getTickets},
		{path: "/api/v1/outbox/{id}", read: readOnly, get: s.getTicket},
		{path: "/api/v1/outbox/{id}/{action}", write: readWrite, post: s.changeTicket},
		{path: "/api/v1/audit", read: admin, get: s.getAudit},
		{path: "/", read: basic, get: func(w http.ResponseWriter, r *http.Request) {
			fail(w, http.StatusNotFound, "there is nothing here", "GET / lists what there is")
		}},
	}
}

// routes answers requests by the table.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, t := range s.table() {
		mux.Handle(t.path, &t)
	}
	guarded := s.guarded(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protect(w.Header())
		if r.URL.Path == "/healthz" && reads(r) { // whoever restarts a dead probe needs no password
			text(w, http.StatusOK, "ok\n")
			return
		}
		guarded.ServeHTTP(w, r)
	})
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// ServeHTTP answers a request that has come in.
func (t *route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case reads(r) && t.get != nil:
		if may(w, r, t.read) {
			t.get(w, r)
		}
	case r.Method == http.MethodPost && t.post != nil:
		if may(w, r, t.write) && harmless(w, r, t.media()) {
			t.post(w, r)
		}
	case t.post != nil && t.get != nil:
		t.refuse(w, r, "GET, HEAD, POST", "it is read with GET and written with POST")
	case t.post != nil:
		t.refuse(w, r, "POST", "it is a command: send it with POST")
	default:
		t.refuse(w, r, "GET, HEAD", "it is read with GET")
	}
}

// media is the type of what is posted.
func (t *route) media() string {
	if t.file {
		return "application/octet-stream"
	}
	return "application/json"
}

func (t *route) refuse(w http.ResponseWriter, r *http.Request, allow, hint string) {
	w.Header().Set("Allow", allow)
	fail(w, http.StatusMethodNotAllowed, "method "+r.Method+" is not allowed", hint)
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
	s.answerJSON(w, r, http.StatusOK, body)
}

func (s *Server) answerJSON(w http.ResponseWriter, r *http.Request, status int, body any) {
	var page bytes.Buffer
	e := json.NewEncoder(&page)
	e.SetEscapeHTML(false) // it is no page, and people read it
	if err := e.Encode(body); err != nil {
		fail(w, http.StatusInternalServerError, err.Error(), "this is a fault of the probe; please report it")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	s.send(w, r, status, page.Bytes())
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if err := s.ready(time.Now()); err != nil {
		text(w, http.StatusServiceUnavailable, err.Error()+"\n")
		return
	}
	text(w, http.StatusOK, "ready\n")
}

func (s *Server) getSummary(w http.ResponseWriter, r *http.Request) {
	sum := s.summary(time.Now())
	if visitorOf(r).level < readOnly {
		sum.Worst = []Stream{} // they name who spoke
	}
	s.answer(w, r, sum)
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
<li><a href="/api/v1/history/calls?since=1h">/api/v1/history/calls</a>: calls that were kept; number, address, since, mos_below and more; /ID: one of them</li>
<li>/api/v1/calls/ID/packets: the recent packets of a call, pcapng</li>
<li><a href="/api/v1/alerts">/api/v1/alerts</a>, <a href="/api/v1/rules">/api/v1/rules</a>: as Prometheus answers; format=earshot says more of the alerts</li>
<li><a href="/api/v1/cases">/api/v1/cases</a>: cases; status, severity, owner, segment and more; POST opens one</li>
<li>/api/v1/cases/NUMBER: a case; /audit: who changed it; /report: the incident report; POST to /update, /assign, /escalate, /close, /reopen; /attachments/NAME: a file of it</li>
<li><a href="/api/v1/reports/monthly?format=html">/api/v1/reports/monthly</a>: the monthly report; tenant, month, format</li>
<li><a href="/api/v1/changes">/api/v1/changes</a>: what changed on the network; POST records a change</li>
<li><a href="/healthz">/healthz</a>: the process lives</li>
<li><a href="/readyz">/readyz</a>: it hears packets and keeps up</li>
</ul>
</body></html>
`
