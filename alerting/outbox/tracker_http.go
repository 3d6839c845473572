package outbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"sync"
)

// tracker speaks to a ticket system over HTTP.
type tracker struct {
	client  *client
	base    string      // its address, without a slash at the end
	header  http.Header // of every request: who we are
	grant   *grant      // OAuth 2.0 in its place; nil: header says it
	maxFile int64       // bytes of the largest file that is attached
	denied  string      // what to check when it refuses us
}

// call is one request to a tracker.
type call struct {
	method   string
	path     string // after the base
	query    url.Values
	header   http.Header
	body     any
	file     *File  // the body instead
	kind     string // of the body; "" is JSON
	harmless bool   // see request
	expect   bool   // a place that must be there: 404 means a wrong address, not a ticket that is gone
}

// do makes a request and reads its answer into "into", where there is one to
// be read. A token that has expired is replaced, and the request made again:
// who answers 401 has done nothing.
func (t *tracker) do(ctx context.Context, c call, into any) (*response, error) {
	r := request{method: c.method, url: t.base + c.path, header: http.Header{}, body: c.body, file: c.file, kind: c.kind, harmless: c.harmless || c.method == http.MethodGet}
	if len(c.query) > 0 {
		r.url += "?" + c.query.Encode()
	}
	maps.Copy(r.header, t.header)
	maps.Copy(r.header, c.header)
	r.header.Set("Accept", "application/json")
	answer, err := t.signed(ctx, r)
	if err != nil {
		return answer, t.explain(err, c)
	}
	if into == nil || answer.status == http.StatusNoContent {
		return answer, nil
	}
	err = decode(answer, into)
	var f *Failure
	if r.harmless && errors.As(err, &f) {
		f.Kind = Busy // it may simply be asked again
	}
	return answer, err
}

// signed makes a request with a token, where tokens are granted.
func (t *tracker) signed(ctx context.Context, r request) (*response, error) {
	if t.grant == nil {
		return t.client.do(ctx, r)
	}
	token, err := t.grant.current(ctx, t.client)
	if err != nil {
		return nil, err
	}
	r.header.Set("Authorization", "Bearer "+token)
	answer, err := t.client.do(ctx, r)
	if status(answer) != http.StatusUnauthorized {
		return answer, err
	}
	t.grant.drop(token)
	if token, err = t.grant.current(ctx, t.client); err != nil {
		return nil, err
	}
	r.header.Set("Authorization", "Bearer "+token)
	return t.client.do(ctx, r)
}

// explain says what to do about a failure that a person has to mend.
func (t *tracker) explain(err error, c call) error {
	var f *Failure
	if !errors.As(err, &f) {
		return err
	}
	told := *f
	switch {
	case f.Kind == Denied && t.denied != "":
		told.Text += "; " + t.denied
	case f.Kind == Gone && c.expect:
		told.Kind, told.Text = Denied, f.Text+"; check the url of the destination and what it names"
	default:
		return err
	}
	return &told
}

// grant is the client-credentials grant of OAuth 2.0 (RFC 6749, 4.4). It keeps
// the token that it got until a server refuses it: it has no clock to tell when
// one expires, and servers count how often one is asked for.
type grant struct {
	url    string
	id     string
	secret string

	mu    sync.Mutex
	token string
}

// current is a token: the one that we have, or a new one.
func (g *grant) current(ctx context.Context, c *client) (string, error) {
	g.mu.Lock()
	token := g.token
	g.mu.Unlock()
	if token != "" {
		return token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {g.id}, "client_secret": {g.secret}}
	answer, err := c.do(ctx, request{method: http.MethodPost, url: g.url, header: http.Header{"Accept": {"application/json"}},
		body: []byte(form.Encode()), kind: "application/x-www-form-urlencoded", harmless: true,
		secrets: []string{g.secret}, pretend: `{"access_token":"***"}`})
	if err != nil {
		return "", g.explain(err, status(answer))
	}
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := decode(answer, &granted); err != nil {
		return "", &Failure{Kind: Busy, Code: answer.status, Text: "no access token was granted: " + err.Error()}
	}
	if granted.Token == "" {
		return "", &Failure{Kind: Denied, Code: answer.status, Text: "no access token was granted, though the answer was a success; check token_url"}
	}
	g.mu.Lock()
	g.token = granted.Token
	g.mu.Unlock()
	return granted.Token, nil
}

// explain says what a failure to get a token means for the request that needed
// one: it was not made.
func (g *grant) explain(err error, code int) error {
	kind := Unreached
	switch code {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound: // RFC 6749, 5.2: 400 or 401
		kind = Denied
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		kind = Busy
	}
	told := &Failure{Kind: kind, Code: code, Text: fmt.Sprintf("no access token: %v", err)}
	if kind == Denied {
		told.Text += "; check client_id, the client's secret and token_url"
	}
	var f *Failure
	if errors.As(err, &f) {
		told.After = f.After
	}
	return told
}

// drop forgets a token that was refused, unless another one came meanwhile.
func (g *grant) drop(token string) {
	g.mu.Lock()
	if g.token == token {
		g.token = ""
	}
	g.mu.Unlock()
}

// granted reads the keys of a grant; nil where there are none. The token comes
// from the base address and the path given, unless token_url says otherwise.
func (d *draft) granted(base *url.URL, path string) (*grant, *url.URL) {
	id, secret := d.text("client_id", ""), d.secret("client_secret", true)
	at := d.url("token_url", "")
	if id == "" && secret == "" {
		if at != nil {
			d.fault("token_url", "it goes with client_id and client_secret_file (or client_secret_env), which are missing")
		}
		return nil, nil
	}
	if id == "" || secret == "" {
		d.fault("client_id", "it goes with client_secret_file (or client_secret_env): want both, or neither")
	}
	if at == nil {
		at = base.JoinPath(path)
	}
	return &grant{url: at.String(), id: id, secret: secret}, at
}

// signs reads how requests are signed: by an OAuth grant, by a token, or with a
// user and a password.
func (d *draft) signs(base *url.URL, scheme, tokenPath string) *tracker {
	t := &tracker{base: base.String()}
	var at *url.URL
	if t.grant, at = d.granted(base, tokenPath); t.grant == nil {
		t.header = d.login(scheme)
	} else if d.has("token_file") || d.has("token_env") || d.has("user") || d.has("password_file") || d.has("password_env") {
		d.fault("client_id", "there is another way to sign in too (token, user or password): want one")
	}
	for _, key := range []string{"token", "token_file", "token_env", "password", "password_file", "password_env", "user"} {
		d.asked[key] = true
	}
	t.client = d.client(base, at)
	return t
}
