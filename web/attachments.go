package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/store"
)

// Attachments keeps the files of cases. It is called from any goroutine.
type Attachments interface {
	// Open opens a file that a case has.
	Open(number int, f *alerting.Attachment) (io.ReadSeekCloser, error)
	// Receive takes a part of an upload, and returns how much of it is here.
	Receive(u *store.Upload, offset int64, r io.Reader) (int64, error)
	// Finish keeps an upload that is whole. A capture is sanitised, and gets
	// another sum; asIs says that it was already.
	Finish(ctx context.Context, u *store.Upload, asIs bool) (alerting.Attachment, error)
	// Stats says what the files take.
	Stats() store.AttachmentStats
}

// UploadAnswer says how far an upload is.
type UploadAnswer struct {
	Received   int64                `json:"received"`             // octets that are here
	Attachment *alerting.Attachment `json:"attachment,omitempty"` // of the case, when all of them were
	Error      string               `json:"error,omitempty"`
	Hint       string               `json:"hint,omitempty"`
}

// transferTime is how long one download, or one part of an upload, may take.
const transferTime = 10 * time.Minute

// hasAttachments answers where there are none.
func (s *Server) hasAttachments(w http.ResponseWriter) bool {
	if s.probe.Attachments == nil {
		fail(w, http.StatusNotFound, "this probe keeps no attachments", "name a folder for them: store.dir in the configuration")
		return false
	}
	return s.hasDesk(w)
}

// attachedCase finds the case of a request.
func (s *Server) attachedCase(w http.ResponseWriter, r *http.Request) *alerting.Case {
	number, ok := caseNumber(w, r)
	if !ok || !s.hasAttachments(w) {
		return nil
	}
	c, err := s.probe.Desk.Case(r.Context(), number)
	if err == nil && c == nil {
		err = orMissing(nil, number)
	}
	if err != nil {
		s.failDesk(w, err)
		return nil
	}
	return c
}

// getAttachment sends a file of a case, or a range of it.
func (s *Server) getAttachment(w http.ResponseWriter, r *http.Request) {
	c := s.attachedCase(w, r)
	if c == nil {
		return
	}
	name := r.PathValue("name")
	i := slices.IndexFunc(c.Attachments, func(a alerting.Attachment) bool { return a.Name == name })
	if i < 0 {
		fail(w, http.StatusNotFound, fmt.Sprintf("case %d has no file %q", c.Number, printable(name)), fmt.Sprintf("GET /api/v1/cases/%d lists its attachments", c.Number))
		return
	}
	a := &c.Attachments[i]
	f, err := s.probe.Attachments.Open(c.Number, a)
	switch {
	case errors.Is(err, store.ErrNoAttachment):
		fail(w, http.StatusGone, err.Error(), "evidence.keep_days says how long they are kept")
		return
	case err != nil:
		s.cfg.Log.Error("cannot open an attachment", "case", c.Number, "file", a.Name, "error", err)
		fail(w, http.StatusInternalServerError, "the file cannot be opened", "the probe's log says why")
		return
	}
	defer f.Close()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(transferTime)) // a recorder in tests has none
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream") // no browser shows what somebody has brought
	h.Set("Content-Disposition", `attachment; filename="`+a.Name+`"`)
	h.Set("ETag", `"`+a.SHA256+`"`)
	http.ServeContent(w, r, "", time.Time{}, f)
}

// uploadParameters are those of an upload.
var uploadParameters = []string{"bytes", "sha256", "offset", "as_is", "author"}

// readUpload reads what a request says of an upload.
func readUpload(values url.Values, u *store.Upload) (offset int64, asIs bool, err error) {
	for name, given := range values {
		if !slices.Contains(uploadParameters, name) || len(given) != 1 {
			return 0, false, fmt.Errorf("there is no parameter %q, or not more than once: there are %s", printable(name), strings.Join(uploadParameters, ", "))
		}
	}
	if !alerting.SafeName(u.Name) {
		return 0, false, fmt.Errorf("%q is no name for a file: letters, digits and . - _ + of ASCII", printable(u.Name))
	}
	if u.Bytes, err = octets(values, "bytes", ""); err != nil {
		return 0, false, err
	}
	if offset, err = octets(values, "offset", "0"); err != nil {
		return 0, false, err
	}
	u.SHA256 = values.Get("sha256")
	if len(u.SHA256) != 64 || strings.Trim(u.SHA256, "0123456789abcdef") != "" {
		return 0, false, errors.New("sha256 is the sum of the whole file: 64 hexadecimal digits")
	}
	switch text := values.Get("as_is"); text {
	case "", "false":
	case "true":
		asIs = true
	default:
		return 0, false, fmt.Errorf("as_is is true or false, not %q", printable(text))
	}
	return offset, asIs, nil
}

// octets reads a number of octets.
func octets(values url.Values, name, preset string) (int64, error) {
	text := cmp.Or(values.Get(name), preset)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s is a number of octets, not %q", name, printable(text))
	}
	return n, nil
}

// putAttachment takes a file, or a part of it.
func (s *Server) putAttachment(w http.ResponseWriter, r *http.Request) {
	c := s.attachedCase(w, r)
	if c == nil {
		return
	}
	u := &store.Upload{Case: c.Number, Attachment: alerting.Attachment{Name: r.PathValue("name")}}
	command := &alerting.Command{Kind: alerting.CommandAttach, Case: c.Number, Behalf: r.URL.Query().Get("author")}
	offset, asIs, err := readUpload(r.URL.Query(), u)
	if err == nil {
		err = sign(command, visitorOf(r))
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "docs/api.md says how files are attached")
		return
	}
	if c.Status == alerting.StatusClosed {
		fail(w, http.StatusConflict, fmt.Sprintf("case %d is closed", c.Number), "reopen it, and attach the file then")
		return
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(transferTime)) // a recorder in tests has none
	_ = control.SetWriteDeadline(time.Now().Add(transferTime))
	have, err := s.probe.Attachments.Receive(u, offset, r.Body)
	if err != nil {
		s.failUpload(w, r, have, err)
		return
	}
	if have < u.Bytes {
		s.answerJSON(w, r, http.StatusAccepted, &UploadAnswer{Received: have})
		return
	}
	made, err := s.probe.Attachments.Finish(r.Context(), u, asIs)
	if err != nil {
		s.failUpload(w, r, 0, err)
		return
	}
	command.Files = []alerting.Attachment{made}
	if _, err := s.probe.Desk.Do(r.Context(), *command); err != nil {
		s.failDesk(w, err)
		return
	}
	s.cfg.Log.Info("file attached", "case", c.Number, "file", made.Name, "octets", made.Bytes, "author", command.Signed(), "client", r.RemoteAddr)
	s.answerJSON(w, r, http.StatusCreated, &UploadAnswer{Received: u.Bytes, Attachment: &made})
}

// ErrUnfit says that a file may not be kept as it is.
var ErrUnfit = errors.New("web: this file is not attached as it is")

// failUpload says why a part was not taken, and from where to go on.
func (s *Server) failUpload(w http.ResponseWriter, r *http.Request, have int64, err error) {
	status, hint := http.StatusInternalServerError, "the probe's log says why"
	var offset *store.OffsetError
	switch {
	case errors.As(err, &offset):
		status, hint = http.StatusConflict, "go on from there"
	case errors.Is(err, store.ErrUploadBusy):
		status, hint = http.StatusConflict, "wait for it, or ask again in a minute"
	case errors.Is(err, store.ErrSum):
		status, hint = http.StatusUnprocessableEntity, "nothing of it was kept: send it again from the beginning"
	case errors.Is(err, store.ErrNoRoom):
		status, hint = http.StatusRequestEntityTooLarge, "evidence.case_mb and evidence.total_mb say how much room there is"
	case errors.Is(err, ErrUnfit):
		status, hint = http.StatusUnprocessableEntity, "attach the captures themselves, which are sanitised here; or add as_is=true if nothing in it has to be"
	case errors.Is(err, io.ErrUnexpectedEOF):
		status, hint = http.StatusBadRequest, "the body ended too early: go on from what was received"
	default:
		s.cfg.Log.Error("cannot take a file", "error", err)
		err = errors.New("the file cannot be kept")
	}
	s.answerJSON(w, r, status, &UploadAnswer{Received: have, Error: err.Error(), Hint: hint})
}
