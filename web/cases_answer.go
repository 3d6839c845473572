package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// hasDesk reports whether the probe keeps cases; where it does not, it has answered.
func (s *Server) hasDesk(w http.ResponseWriter) bool {
	if s.probe.Desk != nil {
		return true
	}
	fail(w, http.StatusNotFound, "this probe keeps no cases", "name a folder for them: store.dir in the configuration")
	return false
}

// answerCase answers with a case in full and its version.
func (s *Server) answerCase(w http.ResponseWriter, r *http.Request, status int, c *alerting.Case) {
	body := BodyOf(c)
	w.Header().Set("ETag", entityTag(c.Number, body.Version))
	if status == http.StatusCreated {
		w.Header().Set("Location", "/api/v1/cases/"+strconv.Itoa(c.Number))
	}
	s.answerJSON(w, r, status, body)
}

// entityTag names a version of a case (RFC 9110 8.8.3).
func entityTag(number, version int) string { return fmt.Sprintf(`"%d.%d"`, number, version) }

// readEntityTag reads the version that an If-Match header insists on; "*" and ""
// insist on none.
func readEntityTag(header string, number int) (int, error) {
	if header == "" || header == "*" {
		return 0, nil
	}
	version, ok := strings.CutPrefix(strings.Trim(header, `"`), strconv.Itoa(number)+".")
	n, err := strconv.Atoi(version)
	if !ok || err != nil || n < 1 || entityTag(number, n) != header {
		return 0, fmt.Errorf("If-Match: got %q, want the ETag that came with the case, like %s", printable(header), entityTag(number, 3))
	}
	return n, nil
}

// failDesk answers with what a desk says of a question or command.
func (s *Server) failDesk(w http.ResponseWriter, err error) {
	var wrong *alerting.CommandError
	switch {
	case errors.As(err, &wrong):
		status, hint := deskStatus(wrong)
		fail(w, status, wrong.Text, hint)
	case errors.Is(err, store.ErrNoCase):
		fail(w, http.StatusNotFound, err.Error(), "GET /api/v1/cases lists what there is")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		fail(w, http.StatusServiceUnavailable, "the desk was too busy to answer", "try again; with the same Idempotency-Key nothing is done twice")
	default:
		s.cfg.Log.Error("cannot answer about cases", "error", err)
		fail(w, http.StatusServiceUnavailable, err.Error(), "nothing was changed; try again, and look at the probe's log and its disk")
	}
}

// deskStatus is the status of a command that was not done, and what to do.
func deskStatus(e *alerting.CommandError) (int, string) {
	switch e.Reason {
	case alerting.NotFound:
		return http.StatusNotFound, "GET /api/v1/cases lists what there is"
	case alerting.Conflict:
		return http.StatusConflict, "read the case again, and decide whether the change is still right"
	case alerting.Refused:
		if !e.From.IsZero() {
			return http.StatusConflict, "send it again then: " + e.From.UTC().Format(time.RFC3339)
		}
		return http.StatusConflict, "read the case again: its state does not allow this now"
	}
	if e.Field != "" {
		return http.StatusBadRequest, fmt.Sprintf("put %q right", strings.TrimPrefix(e.Field, "set."))
	}
	return http.StatusBadRequest, "docs/api.md lists what a command may say"
}
