package outbox

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxSaid is how many characters of the other side's own message are told.
const maxSaid = 200

// maxAfter bounds what the other side may ask us to wait.
const maxAfter = 24 * time.Hour

// isAddressed reports whether an error is one that begins with an address.
func isAddressed(err error) bool {
	_, ok := err.(*url.Error)
	return ok
}

// broke is a request without an answer, or with half of one. Before there was a
// connection nothing can have been done.
func (r *request) broke(q *http.Request, err error, connected bool) *Failure {
	f := &Failure{Kind: Doubtful, Text: r.told(q, reason(err))}
	switch {
	case connected && isAlert(err): // with TLS 1.3 it comes after our side is done
		f.Kind = Denied
	case !connected || r.changesNothing():
		f.Kind = Unreached
	}
	return f
}

// isAlert reports whether the other side ended the TLS connection with an alert;
// crypto/tls names it so.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// reason says why there was no answer, and what to look at.
func reason(err error) string {
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var timeout interface{ Timeout() bool }
	switch {
	case isAlert(err):
		return fmt.Sprintf("%v; does the server want a client certificate (tls_cert_file)?", err)
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("there is no host %q", dns.Name)
	case errors.As(err, &unknown):
		return "its certificate is signed by an authority that is not trusted: name that one in tls_ca"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "there was no answer in time"
	}
	return err.Error()
}

// failure is an answer that is no success.
func (r *request) failure(q *http.Request, a *response) *Failure {
	f := &Failure{Kind: r.kindOf(a), Code: a.status}
	if f.Kind == Busy {
		f.After = retryAfter(a.header)
	}
	text := strings.TrimSpace(strconv.Itoa(a.status) + " " + http.StatusText(a.status))
	if to := a.header.Get("Location"); a.status >= 300 && a.status <= 399 && to != "" {
		text += ", a redirect to " + addressOf(q.URL, to) + " that is not followed: give the final address"
	}
	if said := said(a); said != "" {
		text += ": " + said
	}
	f.Text = r.told(q, text)
	return f
}

// kindOf says what a status means for the request.
func (r *request) kindOf(a *response) FailureKind {
	switch s := a.status; {
	case s == http.StatusUnauthorized, s == http.StatusForbidden, s == http.StatusProxyAuthRequired:
		return Denied
	case s == http.StatusNotFound, s == http.StatusGone:
		return Gone
	case s == http.StatusConflict, s == http.StatusPreconditionFailed:
		return Conflict
	case s == http.StatusTooManyRequests, s == http.StatusRequestTimeout, s == http.StatusTooEarly,
		s == http.StatusServiceUnavailable && a.header.Get("Retry-After") != "":
		return Busy
	case s >= 500 && r.changesNothing():
		return Busy
	case s >= 500, s == http.StatusSeeOther && !r.changesNothing(), s < 300:
		return Doubtful // 303 says that something was done; 2xx that we did not expect too
	}
	return Refused
}

// retryAfter is when the other side wants us back (RFC 9110 10.2.3): seconds, or
// a date, which counts from the answer's own: clocks differ.
func retryAfter(h http.Header) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseUint(v, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, maxAfter)
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), maxAfter)
}

// said is the other side's own message: of JSON the usual places, else the text.
func said(a *response) string {
	var object map[string]any
	text := string(a.body)
	if json.Unmarshal(a.body, &object) == nil {
		var parts []string
		for _, key := range []string{"message", "error_description", "error", "detail", "description", "details", "errorMessages", "errors"} {
			if part := flat(object[key]); part != "" {
				parts = append(parts, part)
			}
		}
		if len(parts) > 0 {
			text = strings.Join(parts, "; ")
		}
	} else if strings.Contains(a.header.Get("Content-Type"), "html") {
		text = title(text)
	}
	return fit(oneLine(text), maxSaid)
}

// flat is a value of JSON as text; "" where nothing is in it.
func flat(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		var parts []string
		for _, one := range v {
			parts = append(parts, flat(one))
		}
		return strings.Join(parts, "; ")
	case map[string]any:
		if len(v) == 0 {
			return ""
		}
	}
	text, err := jsonOf(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// title is the title of an HTML page, which says what a proxy or a server thinks.
func title(page string) string {
	_, rest, found := strings.Cut(page, "<title>")
	if !found {
		return ""
	}
	text, _, _ := strings.Cut(rest, "</title>")
	return text
}

// told is an error's text: what was asked of whom, and what came of it.
func (r *request) told(q *http.Request, text string) string {
	return r.masked(fmt.Sprintf("%s %s://%s%s: %s", q.Method, q.URL.Scheme, q.URL.Host, q.URL.EscapedPath(), oneLine(text)))
}

// addressOf is where a redirect leads, without its query.
func addressOf(from *url.URL, to string) string {
	u, err := from.Parse(to)
	if err != nil {
		return "a place that is no address"
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}
