package outbox

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"earshot/alerting"
)

// What ticket systems have in common: how they are signed in to, how a severity
// and an owner become words of theirs, and how a note is known again.

// severity is that of the case; of a summary it is the worst of its cases.
func (c *Content) severity() alerting.Severity {
	if c.Case != nil {
		return c.Case.Severity
	}
	worst := alerting.Low
	for _, one := range c.Cases {
		if one.Severity.Valid() {
			worst = min(worst, one.Severity)
		}
	}
	return worst
}

// owner is that of the case; of a summary it is the one that all its cases
// share, "" where they do not.
func (c *Content) owner() string {
	if c.Case != nil {
		return c.Case.Owner
	}
	owner := ""
	for i, one := range c.Cases {
		if i > 0 && one.Owner != owner {
			return ""
		}
		owner = one.Owner
	}
	return owner
}

// body is the text for a ticket, with the link to the case.
func (c *Content) body() string {
	if c.Link == "" || strings.Contains(c.Text, c.Link) {
		return plain(c.Text)
	}
	return plain(c.Text) + "\n\n" + c.Link
}

// noteMark names what a note tells, so that it is known again on the other
// side: nobody can tell otherwise whether a note whose answer was lost arrived.
func noteMark(t *Ticket, c *Content) string {
	last := 0
	for _, n := range c.Notes {
		last = max(last, n.Seq)
	}
	return fmt.Sprintf("[earshot %s-%d]", t.Key[:min(len(t.Key), 8)], last)
}

// marked is a note in so many characters with its mark at the end, whatever is
// cut.
func marked(t *Ticket, c *Content, most int) string {
	mark := "\n\n" + noteMark(t, c)
	return fit(plain(c.Note), most-len(mark)) + mark
}

// bySeverity reads the words of the other side for severities: a mapping, the
// presets standing for what it does not name.
func (d *draft) bySeverity(key string, presets ...string) [alerting.Severities]string {
	var words [alerting.Severities]string
	copy(words[alerting.Critical:], presets)
	for name, word := range d.table(key) {
		s, err := alerting.ParseSeverity(name)
		if err != nil {
			d.fault(key, "%v", err)
			continue
		}
		words[s] = word
	}
	return words
}

// numbers reads a mapping of words to whole numbers, as groups by owner.
func (d *draft) numbers(key string) map[string]int64 {
	table := map[string]int64{}
	for name, word := range d.table(key) {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			d.fault(key, "%s is %q, want a whole number", name, word)
			continue
		}
		table[name] = n
	}
	return table
}

// login reads how requests are signed: a token, or a user with a password. The
// scheme is the word before a token, as "Bearer".
func (d *draft) login(scheme string) http.Header {
	token, password, user := d.secret("token", true), d.secret("password", true), d.text("user", "")
	h := http.Header{}
	switch {
	case token != "" && (password != "" || user != ""):
		d.fault("token_file", "a user or a password is there too: want a token, or a user with a password")
	case token != "":
		h.Set("Authorization", scheme+" "+token)
	case user != "" && password != "":
		h.Set("Authorization", basic(user, password))
	case !d.has("token_file") && !d.has("token_env") || user != "" || password != "":
		d.fault("token_file", "it is missing: want token_file (or token_env), or user and password_file (or password_env)")
	}
	return h
}

// basic is the value of an Authorization header (RFC 7617).
func basic(user, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
}

// base reads the address of the other side, without a slash at its end.
func (d *draft) base() *url.URL {
	u := d.url("url", must)
	if u == nil {
		return &url.URL{}
	}
	if u.RawQuery != "" {
		d.fault("url", "it has a query (?), want only the address of the server")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u
}

// reserved notes extra fields that the destination sets itself.
func (d *draft) reserved(key string, fields map[string]string, own ...string) {
	for name := range fields {
		if slices.ContainsFunc(own, func(o string) bool { return strings.EqualFold(o, name) }) {
			d.fault(key, "%s is set by Earshot itself", name)
		}
	}
}

// decode reads the JSON of an answer. One that is none leaves in doubt what the
// request did: most often a proxy answered in place of the server.
func decode(r *response, into any) error {
	if err := json.Unmarshal(r.body, into); err != nil {
		return &Failure{Kind: Doubtful, Code: r.status, Text: fmt.Sprintf("the answer (HTTP %d) is not the JSON that the interface promises; "+
			"is the address that of the server, and no sign-in page before it?", r.status)}
	}
	return nil
}

// double is what a ticket is told that is closed because another one has its
// key: a request was done twice on its way.
func double(of Remote) string {
	return "The same as " + of.Name + ", made by a request that arrived twice. Closed by Earshot."
}

// undoable reports whether a failure is for good: a double that cannot be closed
// must not keep the first ticket from being found.
func undoable(err error) bool {
	var f *Failure
	return errors.As(err, &f) && (f.Kind == Denied || f.Kind == Refused || f.Kind == Gone)
}

// nameless is what an answer is that names no ticket where it has to: to a
// request that only reads, so that it may be asked again.
func nameless(r *response) error {
	return &Failure{Kind: Busy, Code: status(r), Text: "the answer names no ticket, as the interface promises; is the address that of the server?"}
}

// gone reports whether a failure says that the ticket is not there.
func gone(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Kind == Gone
}

// status is the HTTP status of an answer; 0 where there was none.
func status(r *response) int {
	if r == nil {
		return 0
	}
	return r.status
}

// fits refuses a file that is past the limit.
func fits(f *File, most int64) error {
	if f.Bytes > most {
		return &Failure{Kind: Refused, Text: fmt.Sprintf("file %q has %d bytes; max_file of the destination allows %d", f.Name, f.Bytes, most)}
	}
	return nil
}

// mediaType is the type of a file, as a header has it.
func mediaType(f *File) string {
	return cmp.Or(f.Type, "application/octet-stream")
}

// content reads a file of evidence that the limit allows.
func content(f *File, most int64) ([]byte, error) {
	if err := fits(f, most); err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, &Failure{Kind: Unreached, Text: fmt.Sprintf("cannot read file %q: %v", f.Name, err)}
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, &Failure{Kind: Unreached, Text: fmt.Sprintf("cannot read file %q: %v", f.Name, err)}
	}
	if int64(len(data)) > most {
		return nil, &Failure{Kind: Refused, Text: fmt.Sprintf("file %q is longer than the %d bytes that max_file of the destination allows", f.Name, most)}
	}
	return data, nil
}

// maxFile reads the size up to which files are attached, in MiB.
func (d *draft) maxFile(preset int) int64 {
	return int64(d.number("max_file", 1, 1024, preset)) << 20
}
