package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"os"
	"strings"
)

// guard knows who may look. It is immutable.
type guard struct {
	users  []digest // of "user:password"
	tokens []digest
}

// digest is what secrets are compared by, so that no comparison tells how much
// of a secret was right, nor how long it is.
type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// newGuard reads the secrets that a configuration names.
func newGuard(c *ServerConfig) (*guard, error) {
	g := &guard{}
	users, err := readSecrets("users", c.UsersFile)
	if err != nil {
		return nil, err
	}
	for _, line := range users {
		user, password, ok := strings.Cut(line, ":")
		if !ok || user == "" || password == "" {
			return nil, fmt.Errorf("cannot read users from %q: want lines \"user:password\"", c.UsersFile)
		}
		g.users = append(g.users, digestOf(line))
	}
	tokens, err := readSecrets("tokens", c.TokensFile)
	if err != nil {
		return nil, err
	}
	if c.Token != "" {
		tokens = append(tokens, c.Token)
	}
	for _, token := range tokens {
		if len(token) < minToken {
			return nil, fmt.Errorf("a bearer token has %d characters, want %d or more: make one with \"openssl rand -hex 32\"", len(token), minToken)
		}
		g.tokens = append(g.tokens, digestOf(token))
	}
	return g, nil
}

// minToken keeps out tokens that can be guessed.
const minToken = 16

// readSecrets returns the lines of a file of secrets, without blanks around
// them, empty lines and comments. Nobody but its owner and group may read it.
func readSecrets(what, path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", what, err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return nil, fmt.Errorf("cannot use %s of %q: everybody may read it (mode %o); run \"chmod o-rwx %s\"", what, path, info.Mode().Perm(), path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", what, err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("cannot use %s of %q: it holds none", what, path)
	}
	return lines, nil
}

// open reports whether nobody needs to say who he is.
func (g *guard) open() bool { return len(g.users) == 0 && len(g.tokens) == 0 }

// admits reports whether a request may pass.
func (g *guard) admits(r *http.Request) bool {
	if g.open() {
		return true
	}
	if user, password, ok := r.BasicAuth(); ok {
		return holds(g.users, digestOf(user+":"+password))
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	return holds(g.tokens, digestOf(strings.TrimSpace(token)))
}

// holds looks at every secret, whichever fits.
func holds(list []digest, d digest) bool {
	found := 0
	for i := range list {
		found |= subtle.ConstantTimeCompare(list[i][:], d[:])
	}
	return found == 1
}

// challenge says how a request can say who it is from (RFC 9110 11.6.1).
func (g *guard) challenge(w http.ResponseWriter) {
	if len(g.users) > 0 {
		w.Header().Add("WWW-Authenticate", `Basic realm="earshot", charset="UTF-8"`)
	}
	if len(g.tokens) > 0 {
		w.Header().Add("WWW-Authenticate", `Bearer realm="earshot"`)
	}
}
