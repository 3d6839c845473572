package web

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// minZipped is the size from which on an answer is worth compressing, octets.
const minZipped = 1400

// send sends a body, compressed where the client takes that.
func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	w.Header().Add("Vary", "Accept-Encoding")
	if len(body) < minZipped || !takesGzip(r.Header.Get("Accept-Encoding")) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = w.Write(body) // a client that has left reads nothing
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z, ok := s.zippers.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // this level is never refused
	}
	z.Reset(w)
	_, _ = z.Write(body)
	_ = z.Close()
	s.zippers.Put(z)
}

// takesGzip reads an Accept-Encoding header (RFC 9110 12.5.3).
func takesGzip(accept string) bool {
	for item := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(item, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return quality(params) > 0
		}
	}
	return false
}

// quality reads the weight among a media range's parameters, 1 where there is none.
func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}

// negotiate chooses the format of metrics by an Accept header: OpenMetrics 1.0
// where the client likes it at least as much as plain text.
func negotiate(accept string) Format {
	open, plain := 0.0, 0.0
	for item := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(item, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "application/openmetrics-text":
			if !strings.Contains(params, "version") || strings.Contains(params, "version=1.0.0") {
				open = max(open, quality(params))
			}
		case "text/plain", "text/*", "*/*":
			plain = max(plain, quality(params))
		}
	}
	if open > 0 && open >= plain {
		return OpenMetrics
	}
	return Text
}

func (s *Server) writeMetrics(w http.ResponseWriter, r *http.Request) {
	select {
	case s.pages <- struct{}{}:
		defer func() { <-s.pages }()
	case <-r.Context().Done():
		return
	}
	format := negotiate(r.Header.Get("Accept"))
	w.Header().Set("Content-Type", format.ContentType())
	w.Header().Add("Vary", "Accept")
	s.send(w, r, http.StatusOK, s.metrics.page(format, time.Now()).b)
}

// getPackets sends what is left of a call's packets.
func (s *Server) getPackets(w http.ResponseWriter, r *http.Request) {
	if s.probe.ExtractRecent == nil {
		fail(w, http.StatusNotFound, "no packets are kept", "set save.memory_mb in the configuration")
		return
	}
	id := r.PathValue("id")
	// A call of an hour takes longer than other answers may.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(10 * time.Minute)) // a recorder in tests has none
	body := &download{ResponseWriter: w, name: "call-" + fileName(id) + ".pcapng"}
	out := bufio.NewWriterSize(body, 64<<10) // holds the file's head back until there is a packet
	n, err := s.probe.ExtractRecent(id, out)
	switch {
	case err != nil && body.begun:
		panic(http.ErrAbortHandler) // the only way to tell the client that the file is not whole
	case err != nil:
		fail(w, http.StatusServiceUnavailable, err.Error(), "try again in a moment")
		return
	case n == 0:
		fail(w, http.StatusNotFound, "no packets of call "+strconv.Quote(id), "only recent packets are kept; /api/v1/calls names the calls that go on")
		return
	}
	s.cfg.Log.Info("packets of a call were downloaded", "call", id, "packets", n, "client", r.RemoteAddr)
	_ = out.Flush() // a client that has left reads nothing
}

// download sets the headers of a file with its first octets.
type download struct {
	http.ResponseWriter
	name  string
	begun bool
}

// Write sends a part of the file.
func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		d.Header().Set("Content-Type", "application/x-pcapng")
		d.Header().Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
	}
	return d.ResponseWriter.Write(b)
}

// fileName makes a file name of an id, which may be any Call-ID.
func fileName(id string) string {
	id = id[:min(len(id), 64)]
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, id)
}
