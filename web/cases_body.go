package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"earshot/spelling"
)

// The bounds of what a request may say.
const (
	maxBody  = 64 << 10 // octets
	maxLine  = 300      // characters of a subject, a name, a reference
	maxProse = 20_000   // characters of a note or a description
)

// bodyKey is a key that a body may have, and how its value is read.
type bodyKey struct {
	name string
	read func(value json.RawMessage) error
}

// errTooLarge says that a body is above its cap.
var errTooLarge = fmt.Errorf("the body has more than %d octets", maxBody)

// harmless lets pass what no foreign page can send: a browser asks before it
// sends JSON, or plain octets, to another origin, and says where a request comes from. Where it
// does not pass, it is answered.
func harmless(w http.ResponseWriter, r *http.Request, want string) bool {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		fail(w, http.StatusForbidden, "a page of another site sent this", "use the probe's own address, or a program that is no browser")
		return false
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != want {
		fail(w, http.StatusUnsupportedMediaType, fmt.Sprintf("the body is %q", r.Header.Get("Content-Type")),
			fmt.Sprintf("send it with the header \"Content-Type: %s\"", want))
		return false
	}
	return true
}

// readBody reads an object strictly: known keys, each once, nothing behind it.
func readBody(body io.Reader, keys []bodyKey) (given []string, err error) {
	text, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read the body: %w", err)
	case len(text) > maxBody:
		return nil, errTooLarge
	}
	d := json.NewDecoder(bytes.NewReader(text))
	fault := func(err error) error {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("the body ends too early")
		}
		return fmt.Errorf("the body is no JSON: %w", err)
	}
	if begin, err := d.Token(); err != nil {
		return nil, fault(err)
	} else if begin != json.Delim('{') {
		return nil, errors.New("the body is no JSON object")
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, fault(err)
		}
		name, _ := t.(string) // the decoder lets nothing else be a key
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fault(err)
		}
		if err := readKey(keys, given, name, value); err != nil {
			return nil, err
		}
		given = append(given, name)
	}
	if _, err := d.Token(); err != nil {
		return nil, fault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	return given, nil
}

func readKey(keys []bodyKey, given []string, name string, value json.RawMessage) error {
	i := slices.IndexFunc(keys, func(k bodyKey) bool { return k.name == name })
	if i < 0 {
		names := keyNames(keys)
		return fmt.Errorf("there is no key %q%s: there are %s", printable(name), spelling.Hint(name, names), strings.Join(names, ", "))
	}
	if slices.Contains(given, name) {
		return fmt.Errorf("the key %q is there twice", name)
	}
	if err := keys[i].read(value); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func keyNames(keys []bodyKey) []string {
	var names []string
	for _, k := range keys {
		names = append(names, k.name)
	}
	return names
}

// printable cuts what somebody sent down to what an error may repeat.
func printable(s string) string {
	r := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '.'
	}, s))
	if len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return string(r)
}
