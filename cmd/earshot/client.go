package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"earshot/web"
)

// clientFlags is how a running probe is reached.
type clientFlags struct {
	url, tokenFile, userFile, caFile string
}

func (f *clientFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.url, "url", "http://"+listenPreset, "the probe's `URL`")
	fs.StringVar(&f.tokenFile, "token-file", "", "log in with the bearer token in `FILE`")
	fs.StringVar(&f.userFile, "user-file", "", "log in with the line user:password in `FILE`")
	fs.StringVar(&f.caFile, "ca-file", "", "trust the certificate authorities in `FILE` (PEM) for https")
}

// client talks to a running probe.
type client struct {
	http  *http.Client
	base  string // URL without a slash at its end
	token string
	user  []string // name and password
}

// answerLimit bounds what is read of a JSON answer.
const answerLimit = 64 << 20

func (f *clientFlags) open() (*client, error) {
	u, err := url.Parse(f.url)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usageError("--url: got %q, want one like http://%s", f.url, listenPreset)
	}
	c := &client{http: &http.Client{}, base: strings.TrimRight(f.url, "/")}
	token, err := secret(f.tokenFile, "")
	if err != nil {
		return nil, usageError("--token-file: %v", err)
	}
	if words := strings.Fields(token); len(words) > 0 {
		c.token = words[len(words)-1] // as in web.tokens_file, a name may stand before it
	}
	if login, err := secret(f.userFile, ""); err != nil {
		return nil, usageError("--user-file: %v", err)
	} else if login != "" {
		name, password, found := strings.Cut(login, ":")
		if !found {
			return nil, usageError("--user-file: want a line user:password in %q", f.userFile)
		}
		c.user = []string{name, password}
	}
	if f.caFile != "" {
		pool, err := authorities(f.caFile)
		if err != nil {
			return nil, usageError("--ca-file: %v", err)
		}
		c.http.Transport = &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool}}
	}
	return c, nil
}

// request makes a request with the login.
func (c *client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	q, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	switch {
	case c.token != "":
		q.Header.Set("Authorization", "Bearer "+c.token)
	case c.user != nil:
		q.SetBasicAuth(c.user[0], c.user[1])
	}
	return q, nil
}

// do asks for a path; the answer's status is 200 and its body the caller's to close.
func (c *client) do(ctx context.Context, path string) (*http.Response, error) {
	q, err := c.request(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	a, err := c.http.Do(q)
	if err != nil {
		return nil, c.unreachable(err)
	}
	if a.StatusCode == http.StatusOK {
		return a, nil
	}
	defer a.Body.Close()
	return nil, c.refused(a)
}

// loggedIn reports whether requests say who they are from.
func (c *client) loggedIn() bool { return c.token != "" || c.user != nil }

// unreachable says why there was no answer, and what to look at.
func (c *client) unreachable(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	hint := "is the --url right?"
	if errors.Is(err, syscall.ECONNREFUSED) {
		hint = `is "earshot run" running, and does it listen there (web.listen)?`
	}
	return fmt.Errorf("cannot reach the probe at %s: %w; %s", c.base, err, hint)
}

// refused turns an answer that is no success into words.
func (c *client) refused(a *http.Response) error {
	var body web.ErrorBody
	_ = json.NewDecoder(io.LimitReader(a.Body, 64<<10)).Decode(&body) // without it the status says enough
	switch {
	case a.StatusCode == http.StatusUnauthorized && c.loggedIn():
		return fmt.Errorf("the probe at %s does not know this login; is it that of this probe?", c.base)
	case a.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("the probe at %s wants a login: --token-file or --user-file", c.base)
	case body.Error != "" && body.Hint != "":
		return fmt.Errorf("%s; %s", printable(body.Error), printable(body.Hint))
	case body.Error != "":
		return errors.New(printable(body.Error))
	}
	return fmt.Errorf("the probe at %s answers %s; is it earshot that listens there?", c.base, printable(a.Status))
}

// askFor is how long a small answer may take.
const askFor = 10 * time.Second

// get asks for a path and decodes its JSON.
func (c *client) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	a, err := c.do(ctx, path)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if err := json.NewDecoder(io.LimitReader(a.Body, answerLimit)).Decode(into); err != nil {
		return fmt.Errorf("cannot understand the answer of %s: %w; is it earshot that listens there?", c.base, err)
	}
	return nil
}

// save asks for a path and writes the answer to a file, or to w where the name is "-".
func (c *client) save(ctx context.Context, path, name string, w io.Writer) (int64, error) {
	a, err := c.do(ctx, path)
	if err != nil {
		return 0, err
	}
	defer a.Body.Close()
	if name == "-" {
		return io.Copy(w, a.Body)
	}
	f, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(f, a.Body)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		os.Remove(name)
		return 0, fmt.Errorf("cannot write %q: %w", name, err)
	}
	return n, nil
}
