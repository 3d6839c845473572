package web

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"earshot/spelling"
)

// level is what somebody may do; each may do all that those before it may.
type level uint8

// The levels, by what each adds.
const (
	nothing   level = iota
	basic           // figures without customer data
	readOnly        // calls, streams, cases
	readWrite       // open, change, close and reopen cases; download packets
	admin           // legal hold
	levels
)

var levelNames = [levels]string{"nothing", "basic", "read-only", "read-write", "admin"}

func (l level) String() string { return levelNames[l] }

// section reads a line that begins a part of a file of secrets: "[read-write]".
// Neither a user nor a token looks like one: the one has a colon, the other
// has minToken characters.
func section(line string) (l level, ok bool, err error) {
	name, ok := strings.CutPrefix(line, "[")
	if !ok || !strings.HasSuffix(name, "]") || strings.Contains(name, ":") || len(line) >= minToken {
		return nothing, false, nil
	}
	name = strings.TrimSuffix(name, "]")
	known := levelNames[basic:]
	if i := slices.Index(known, name); i >= 0 {
		return basic + level(i), true, nil
	}
	return nothing, true, fmt.Errorf("there is no level [%s]: want one of [%s]%s", name, strings.Join(known, "], ["), spelling.Hint(name, known))
}

// visitor is who asks.
type visitor struct {
	name  string // "" where nobody said who he is
	level level
	known bool // he has signed in
}

// visitorKey is where a request's context keeps its visitor.
type visitorKey struct{}

func (v visitor) enter(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), visitorKey{}, v))
}

func visitorOf(r *http.Request) visitor {
	v, _ := r.Context().Value(visitorKey{}).(visitor)
	return v
}

// may reports whether the visitor of a request has a level; where he has not, it
// has answered.
func may(w http.ResponseWriter, r *http.Request, want level) bool {
	v := visitorOf(r)
	if v.level >= want {
		return true
	}
	who := "whoever has not signed in"
	if v.known {
		who = fmt.Sprintf("%q", v.name)
	}
	fail(w, http.StatusForbidden, fmt.Sprintf("%s has the level %s, and this takes %s", who, v.level, want),
		fmt.Sprintf("an administrator can grant it: a section [%s] in web.users_file or web.tokens_file", want))
	return false
}

// logGrants records who may do what from now on that could not before, and the
// other way round.
func (s *Server) logGrants(before, after *guard) {
	was, is := before.grants(), after.grants()
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if is[name] != was[name] {
			s.cfg.Log.Info("access granted", "to", name, "level", is[name].String(), "before", was[name].String())
		}
	}
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if _, stays := is[name]; !stays {
			s.cfg.Log.Info("access withdrawn", "from", name, "level", was[name].String())
		}
	}
}

// grants are the levels by "user NAME" and "token NAME".
func (g *guard) grants() map[string]level {
	list := map[string]level{}
	for _, a := range g.users {
		list["user "+a.name] = a.level
	}
	for _, a := range g.tokens {
		list["token "+a.name] = max(list["token "+a.name], a.level)
	}
	return list
}
