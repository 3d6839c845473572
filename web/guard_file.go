package web

import (
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"earshot/alerting"
)

// account is somebody who may come in.
type account struct {
	name   string // "" is a token without one
	secret digest // of "user:password" or of the token
	level  level
}

// secretLine is a line of a file of secrets.
type secretLine struct {
	text  string
	level level
	plain bool // before the first section: as such files always were
}

// The bounds of secrets.
const (
	minToken    = 16 // characters: keeps out tokens that can be guessed
	minPassword = 8  // characters, of accounts in a section
	maxName     = 100
)

// readUsers reads lines "user:password".
func readUsers(path string) ([]account, error) {
	lines, err := readLevels("users", path)
	if err != nil {
		return nil, err
	}
	var list []account
	levelOf := map[string]level{}
	for _, line := range lines {
		user, password, ok := strings.Cut(line.text, ":")
		if !ok || user == "" || password == "" {
			return nil, fmt.Errorf("cannot read users from %q: want lines \"user:password\", and [read-write] or another level above those who have it", path)
		}
		a := account{user, digestOf(line.text), line.level}
		if err := a.check(line.plain); err != nil {
			return nil, fmt.Errorf("cannot use users of %q: %w", path, err)
		}
		if !line.plain && utf8.RuneCountInString(password) < minPassword {
			return nil, fmt.Errorf("cannot use users of %q: the password of %q has %d characters, want %d or more", path, user, utf8.RuneCountInString(password), minPassword)
		}
		if before, twice := levelOf[user]; twice && before != a.level {
			return nil, fmt.Errorf("cannot use users of %q: %q is there as %s and as %s", path, user, before, a.level)
		}
		levelOf[user] = a.level
		list = append(list, a)
	}
	return list, nil
}

// readTokens reads lines "token" or "name token".
func readTokens(path string) ([]account, error) {
	lines, err := readLevels("tokens", path)
	if err != nil {
		return nil, err
	}
	var list []account
	for _, line := range lines {
		name, token := "", line.text
		if i := strings.LastIndexFunc(line.text, unicode.IsSpace); i >= 0 {
			name, token = strings.TrimSpace(line.text[:i]), strings.TrimSpace(line.text[i:])
		}
		if err := checkToken(token); err != nil {
			return nil, err
		}
		a := account{name, digestOf(token), line.level}
		if name == "" && line.level >= readWrite {
			return nil, fmt.Errorf("cannot use tokens of %q: a token with the level %s has no name; write \"name token\", the name signs what it changes", path, line.level)
		}
		if err := a.check(line.plain); err != nil {
			return nil, fmt.Errorf("cannot use tokens of %q: %w", path, err)
		}
		list = append(list, a)
	}
	return list, nil
}

func checkToken(token string) error {
	if len(token) < minToken {
		return fmt.Errorf("a bearer token has %d characters, want %d or more: make one with \"openssl rand -hex 32\"", len(token), minToken)
	}
	return nil
}

// check says whether an account's name can sign changes. Those of files that
// know no sections change nothing, so theirs may be anything.
func (a *account) check(plain bool) error {
	if plain {
		return nil
	}
	return checkName("the name", a.name)
}

// checkName says whether a name can sign changes.
func checkName(what, name string) error {
	switch {
	case utf8.RuneCountInString(name) > maxName:
		return fmt.Errorf("%s has %d characters, want at most %d", what, utf8.RuneCountInString(name), maxName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%s %q holds what cannot be printed", what, name)
	case strings.EqualFold(strings.TrimSpace(name), alerting.MonitorAuthor):
		return fmt.Errorf("%s is %q, by which the monitor signs: choose another one", what, name)
	}
	return nil
}

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

// readLevels is readSecrets for a file with sections of levels.
func readLevels(what, path string) ([]secretLine, error) {
	texts, err := readSecrets(what, path)
	if err != nil || len(texts) == 0 {
		return nil, err
	}
	var lines []secretLine
	current, plain := readOnly, true
	for _, text := range texts {
		l, begins, err := section(text)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s from %q: %w", what, path, err)
		}
		if begins {
			current, plain = l, false
			continue
		}
		lines = append(lines, secretLine{text, current, plain})
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("cannot use %s of %q: it holds none", what, path)
	}
	return lines, nil
}
