package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"math"
	"net"
	"net/http"
	"strings"
	"time"
)

// guard knows who may come in, and what he may do. It is immutable.
type guard struct {
	users  []account
	tokens []account
}

// digest is what secrets are compared by, so that no comparison tells how much
// of a secret was right, nor how long it is.
type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// newGuard reads the secrets that a configuration names.
func newGuard(c *ServerConfig) (*guard, error) {
	g := &guard{}
	var err error
	if g.users, err = readUsers(c.UsersFile); err != nil {
		return nil, err
	}
	if g.tokens, err = readTokens(c.TokensFile); err != nil {
		return nil, err
	}
	if c.Token != "" {
		if err := checkToken(c.Token); err != nil {
			return nil, err
		}
		g.tokens = append(g.tokens, account{secret: digestOf(c.Token), level: readOnly})
	}
	return g, nil
}

// open reports whether nobody needs to say who he is.
func (g *guard) open() bool { return len(g.users) == 0 && len(g.tokens) == 0 }

// find looks at every secret, whichever fits.
func find(list []account, d digest) *account {
	found := -1
	for i := range list {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(list[i].secret[:], d[:]), i, found)
	}
	if found < 0 {
		return nil
	}
	return &list[found]
}

// hasUser reports whether somebody has a name.
func (g *guard) hasUser(name string) bool {
	for i := range g.users {
		if g.users[i].name == name {
			return true
		}
	}
	return false
}

// guarded lets in who may come in; next finds its visitor in the request.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g := s.guard.Load()
		if g.open() {
			if !s.cfg.Insecure && !isAddress(r.Host) {
				fail(w, http.StatusForbidden, "no names without authentication",
					"use http://127.0.0.1 or http://localhost: a foreign page's script could come by any other name")
				return
			}
			next.ServeHTTP(w, s.stranger(r).enter(r))
			return
		}
		if v, ok := s.signIn(w, r, g); ok {
			next.ServeHTTP(w, v.enter(r))
		}
	})
}

// stranger is somebody who needs not say who he is. Whoever is on this machine
// may work with cases; whoever comes from elsewhere, past the firewall that
// "insecure" vouches for, may look.
func (s *Server) stranger(r *http.Request) visitor {
	if s.cfg.Insecure && !isLoopback(r.RemoteAddr) {
		return visitor{level: readOnly}
	}
	return visitor{level: readWrite}
}

// signIn finds out who asks; where that is nobody, it has answered.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, g *guard) (visitor, bool) {
	if user, password, ok := r.BasicAuth(); ok && len(g.users) > 0 {
		return s.signInUser(w, r, g, user, password)
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if strings.EqualFold(scheme, "Bearer") {
		if a := find(g.tokens, digestOf(strings.TrimSpace(token))); a != nil {
			return visitor{a.name, a.level, true}, true
		}
	}
	s.refuse(w, g)
	return visitor{}, false
}

// signInUser checks a password. A name may hold no colon (RFC 7617 2), so the
// account is told by the first, wherever the client cut.
func (s *Server) signInUser(w http.ResponseWriter, r *http.Request, g *guard, user, password string) (visitor, bool) {
	login := user + ":" + password
	name, _, _ := strings.Cut(login, ":")
	now := s.now()
	if until := s.locks.until(name, now); !until.IsZero() {
		s.metrics.refused.Add(1)
		w.Header().Set("Retry-After", fmt.Sprint(int(math.Ceil(until.Sub(now).Seconds()))))
		fail(w, http.StatusTooManyRequests, fmt.Sprintf("the account is locked after %d failed sign-ins", mostFailures),
			fmt.Sprintf("wait until %s; if it was not you who failed, tell the administrator", until.UTC().Format(time.RFC3339)))
		return visitor{}, false
	}
	if a := find(g.users, digestOf(login)); a != nil {
		s.locks.succeeded(name)
		return visitor{a.name, a.level, true}, true
	}
	if s.locks.failed(name, g.hasUser(name), now) {
		s.metrics.locked.Add(1)
		if g.hasUser(name) {
			s.cfg.Log.Warn("account locked after failed sign-ins", "user", name, "client", r.RemoteAddr, "for", lockedFor)
		}
	}
	s.refuse(w, g)
	return visitor{}, false
}

// refuse says how a request can say who it is from (RFC 9110 11.6.1).
func (s *Server) refuse(w http.ResponseWriter, g *guard) {
	s.metrics.refused.Add(1)
	if len(g.users) > 0 {
		w.Header().Add("WWW-Authenticate", `Basic realm="earshot", charset="UTF-8"`)
	}
	if len(g.tokens) > 0 {
		w.Header().Add("WWW-Authenticate", `Bearer realm="earshot"`)
	}
	fail(w, http.StatusUnauthorized, "who are you?", "send a user and password, or a bearer token, that the probe's configuration names")
}

// isAddress reports whether a Host header is an address or localhost. A name
// could be one that a web page had pointed here to read the API with the
// visitor's browser (DNS rebinding).
func isAddress(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || net.ParseIP(host) != nil
}
