package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
)

// client makes HTTP requests to the hosts of one destination and to no others:
// redirects elsewhere are refused, certificates are verified, answers bounded.
// Each request gets a connection of its own and is made once. No error that it
// returns holds a header, a query or a body that we sent.
type client struct {
	http  *http.Client
	hosts []string
	agent string
}

// request is one request.
type request struct {
	method   string
	url      string
	header   http.Header // beside what body needs
	body     any         // marshalled as JSON; []byte as it is; nil none
	file     *File       // the body instead
	kind     string      // of the body; "" is application/json
	harmless bool        // it changes nothing that counts, as a search: where it fails, nothing was done
	accept   []int       // statuses that mean success; none: 200 to 299
	secrets  []string    // in the address or the body; what is in headers for it is known to be secret
	pretend  string      // what a dry run takes for the answer's body and goes on with; "" ends it here
}

// response is the answer.
type response struct {
	status int
	header http.Header
	body   []byte // at most 1 MiB
}

// The bounds of what is read of an answer.
const (
	maxAnswer       = 1 << 20
	maxAnswerHeader = 64 << 10
	maxRedirects    = 3
)

// newClient makes a client. No proxy is taken from the environment: where the
// text of a case goes must follow from the configuration alone.
func newClient(c clientConfig) *client {
	hosts := slices.Clone(c.Hosts)
	agent := "earshot"
	if c.Version != "" {
		agent += "/" + c.Version
	}
	t := &http.Transport{
		TLSClientConfig:        c.TLS,
		TLSHandshakeTimeout:    c.Timeout,
		MaxResponseHeaderBytes: maxAnswerHeader,
		DisableCompression:     true,
		// A connection that was kept may turn out to be closed once the request
		// is on its way, and nobody could tell whether it arrived.
		DisableKeepAlives: true,
	}
	dialable := hosts
	if c.Proxy != nil {
		t.Proxy = http.ProxyURL(c.Proxy)
		dialable = append(slices.Clone(hosts), strings.ToLower(c.Proxy.Hostname()))
	}
	dialer := &net.Dialer{Timeout: c.Timeout}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(dialable, strings.ToLower(host)) {
			return nil, &strangerError{host}
		}
		return dialer.DialContext(ctx, network, address)
	}
	return &client{http: &http.Client{Timeout: c.Timeout, Transport: t, CheckRedirect: follow}, hosts: hosts, agent: agent}
}

// strangerError says that a host is none of those that may be spoken to.
type strangerError struct{ host string }

// Error names the host.
func (e *strangerError) Error() string {
	return fmt.Sprintf("host %q is none of those that this destination names", e.host)
}

// follow allows redirects of what only reads, within one server. Everything
// else is for a person to see: the answer with the redirect is returned.
func follow(next *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet && first.Method != http.MethodHead ||
		next.URL.Scheme != first.URL.Scheme || !strings.EqualFold(next.URL.Host, first.URL.Host) || len(via) > maxRedirects {
		return http.ErrUseLastResponse
	}
	return nil
}

// do makes a request once. An answer that is no success is a *Failure, with the
// response beside it.
func (c *client) do(ctx context.Context, r request) (*response, error) {
	body, err := r.content()
	if err != nil {
		return nil, &Failure{Kind: Refused, Text: fmt.Sprintf("cannot write the request: %v", err)}
	}
	q, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(body))
	if err != nil {
		return nil, &Failure{Kind: Refused, Text: r.masked("cannot make the request: " + inner(err).Error())}
	}
	c.head(q, &r, body)
	if !slices.Contains(c.hosts, strings.ToLower(q.URL.Hostname())) {
		return nil, &Failure{Kind: Refused, Text: r.told(q, (&strangerError{q.URL.Hostname()}).Error())}
	}
	if w := dryWriter(ctx); w != nil {
		return r.show(w, q, body)
	}
	if err := r.open(q); err != nil {
		return nil, err
	}
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	a, err := c.http.Do(q.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if err != nil {
		return nil, r.broke(q, inner(err), connected.Load())
	}
	defer a.Body.Close()
	got := &response{status: a.StatusCode, header: a.Header}
	if got.body, err = io.ReadAll(io.LimitReader(a.Body, maxAnswer)); err != nil && r.accepts(a.StatusCode) {
		return got, r.broke(q, err, true)
	}
	if !r.accepts(a.StatusCode) {
		return got, r.failure(q, got)
	}
	return got, nil
}

// content is the body as octets; empty where a file is sent.
func (r *request) content() ([]byte, error) {
	switch b := r.body.(type) {
	case nil:
		return nil, nil
	case []byte:
		return b, nil
	}
	return jsonOf(r.body)
}

// jsonOf is the JSON of a value, on one line and with < and & as they are.
func jsonOf(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// head sets the headers.
func (c *client) head(q *http.Request, r *request, body []byte) {
	q.Header.Set("User-Agent", c.agent)
	q.Header.Set("Accept", "application/json")
	kind := r.kind
	if kind == "" {
		kind = "application/json"
	}
	if len(body) > 0 || r.file != nil {
		q.Header.Set("Content-Type", kind)
	}
	for name, values := range r.header {
		q.Header[http.CanonicalHeaderKey(name)] = values
	}
	if r.file != nil {
		q.ContentLength = r.file.Bytes
	}
}

// open makes the file the body.
func (r *request) open(q *http.Request) error {
	if r.file == nil {
		return nil
	}
	body, err := r.file.Open()
	if err != nil {
		return &Failure{Kind: Unreached, Text: fmt.Sprintf("cannot read file %q: %v", r.file.Name, err)}
	}
	q.Body, q.GetBody = body, nil
	return nil
}

// accepts reports whether a status means success.
func (r *request) accepts(status int) bool {
	if len(r.accept) > 0 {
		return slices.Contains(r.accept, status)
	}
	return status >= 200 && status <= 299
}

// changesNothing reports whether nothing was done when the request fails, whatever became
// of it. That a request may simply be sent again is not enough: whoever believes
// that it was not done may never send it again.
func (r *request) changesNothing() bool {
	return r.harmless || r.method == http.MethodGet || r.method == http.MethodHead
}

// inner is an error without the address that net/http writes before it: that
// may hold a query, or be a secret itself.
func inner(err error) error {
	for {
		unwrapped := errors.Unwrap(err)
		if !isAddressed(err) || unwrapped == nil {
			return err
		}
		err = unwrapped
	}
}
