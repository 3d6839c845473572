package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"earshot/alerting"
	"earshot/spelling"
)

// sign makes the visitor the author of a command. Who has signed in may speak
// for somebody else; who needs not sign in says who he is.
func sign(c *alerting.Command, v visitor) error {
	if v.known {
		c.Author = v.name
		if c.Behalf == c.Author {
			c.Behalf = ""
		}
		if c.Author == "" {
			return errors.New("your token has no name to sign with")
		}
	} else {
		c.Author, c.Behalf = c.Behalf, ""
		if c.Author == "" {
			return errors.New("there is no \"author\": nobody signs in here, so the body says who changes something")
		}
	}
	if err := checkName("the author", c.Author); err != nil {
		return err
	}
	return checkName("the author", c.Behalf)
}

func (s *Server) openCase(w http.ResponseWriter, r *http.Request) {
	s.command(w, r, &alerting.Command{Kind: alerting.CommandOpen})
}

func (s *Server) recordChange(w http.ResponseWriter, r *http.Request) {
	s.command(w, r, &alerting.Command{Kind: alerting.CommandChange})
}

func (s *Server) changeCase(w http.ResponseWriter, r *http.Request) {
	number, ok := caseNumber(w, r)
	if !ok {
		return
	}
	kind := alerting.CommandKind(r.PathValue("action"))
	if !slices.Contains(caseActions, kind) {
		var names []string
		for _, k := range caseActions {
			names = append(names, string(k))
		}
		fail(w, http.StatusNotFound, fmt.Sprintf("nothing does %q to a case%s", printable(string(kind)), spelling.Hint(string(kind), names)),
			"there are "+strings.Join(names, ", "))
		return
	}
	s.command(w, r, &alerting.Command{Kind: kind, Case: number})
}

// command reads a command, does it once, and answers.
func (s *Server) command(w http.ResponseWriter, r *http.Request, c *alerting.Command) {
	if !s.hasDesk(w) {
		return
	}
	v := visitorOf(r)
	err := readCommand(r, c)
	if errors.Is(err, errTooLarge) {
		fail(w, http.StatusRequestEntityTooLarge, err.Error(), "long texts belong into an attachment of your ticket system")
		return
	}
	if err == nil {
		err = sign(c, v)
	}
	if err == nil {
		err = readHeaders(r, c)
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "docs/api.md lists what a command may say")
		return
	}
	if _, holds := c.Set[holdName]; holds && !may(w, r, admin) {
		return
	}
	if c.Kind == alerting.CommandChange && c.At.IsZero() {
		c.At = s.now().UTC()
	}
	s.obey(w, r, c)
}

// readHeaders reads the version that a command insists on, and its key.
func readHeaders(r *http.Request, c *alerting.Command) (err error) {
	if changes(c) {
		version, err := readEntityTag(r.Header.Get("If-Match"), c.Case)
		if err != nil {
			return err
		}
		if version > 0 {
			c.Version = version
		}
	}
	c.Key = r.Header.Get("Idempotency-Key")
	return checkKey(c.Key)
}

// obey does a command that is understood, unless its key says that it was done.
func (s *Server) obey(w http.ResponseWriter, r *http.Request, c *alerting.Command) {
	status := http.StatusCreated
	if changes(c) {
		status = http.StatusOK
	}
	if c.Key == "" {
		made, err := s.probe.Desk.Do(r.Context(), *c)
		s.answerCommand(w, r, status, c, made, err)
		return
	}
	wish, first, err := s.wish(r.Context(), c)
	if err != nil {
		s.failWish(w, err)
		return
	}
	if !first {
		w.Header().Set("Idempotency-Replayed", "true")
		s.answerAgain(w, r, status, c, wish)
		return
	}
	made, err := s.probe.Desk.Do(r.Context(), *c)
	s.wishes.done(wish, made, c, err)
	s.answerCommand(w, r, status, c, made, err)
}

// answerCommand answers what became of a command.
func (s *Server) answerCommand(w http.ResponseWriter, r *http.Request, status int, c *alerting.Command, made *alerting.Case, err error) {
	var wrong *alerting.CommandError
	switch {
	case errors.As(err, &wrong) && wrong.Reason == alerting.Conflict && r.Header.Get("If-Match") != "":
		_, hint := deskStatus(wrong)
		fail(w, http.StatusPreconditionFailed, wrong.Text, hint) // RFC 9110 13.1.1
	case err != nil:
		s.failDesk(w, err)
	case c.Kind == alerting.CommandChange:
		s.answerChange(w, r, c)
	case made == nil:
		s.failDesk(w, orMissing(nil, c.Case))
	default:
		s.cfg.Log.Info("case changed", "case", made.Number, "what", string(c.Kind), "author", c.Signed(), "client", r.RemoteAddr)
		s.answerCase(w, r, status, made)
	}
}
