package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"earshot/alerting"
)

// maxHook bounds what another system may post at once, in octets: 10,000 alerts
// of some 1,500.
const maxHook = 16 << 20

// Hooks takes what other systems tell. It is called from any goroutine.
type Hooks interface {
	// Foreign takes alerts, and counts those that Earshot sent itself; the answer comes when what became of them is kept. An
	// error says that nothing was taken.
	Foreign(ctx context.Context, alerts []alerting.ForeignAlert, ours int) (alerting.ForeignTaken, error)
	// Intake says how labels are understood.
	Intake() *alerting.Intake
}

// alertmanagerSource is what cases call whoever posts to its hook.
const alertmanagerSource = "alertmanager"

// hookAlertmanager takes the webhook of an Alertmanager. Only an answer of 200
// says that the alerts are kept; after 5xx the sender tries again, after 4xx it
// does not: that is for what will never be understood.
func (s *Server) hookAlertmanager(w http.ResponseWriter, r *http.Request) {
	if s.probe.Hooks == nil {
		fail(w, http.StatusNotFound, "this probe opens no cases", "set alerting.cases: true and start it again")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxHook))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			fail(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("more than %d octets at once", maxHook), "group alerts by more labels")
		}
		return // else the sender has left
	}
	alerts, ours, err := s.probe.Hooks.Intake().Read(alertmanagerSource, body)
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "docs/integrations.md shows the receiver to configure")
		return
	}
	taken, err := s.probe.Hooks.Foreign(r.Context(), alerts, ours)
	if err != nil {
		fail(w, http.StatusServiceUnavailable, err.Error(), "nothing was taken; the sender tries again")
		return
	}
	s.answer(w, r, &taken)
}
