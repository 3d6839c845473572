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
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"earshot/alerting"
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
// sends JSON to another origin, and says where a request comes from. Where it
// does not pass, it is answered.
func harmless(w http.ResponseWriter, r *http.Request) bool {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		fail(w, http.StatusForbidden, "a page of another site sent this", "use the probe's own address, or a program that is no browser")
		return false
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		fail(w, http.StatusUnsupportedMediaType, fmt.Sprintf("the body is %q", r.Header.Get("Content-Type")),
			"send JSON with the header \"Content-Type: application/json\"")
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

// lineKey is a text of one line.
func lineKey(name string, into *string) bodyKey {
	return bodyKey{name, func(value json.RawMessage) error { return readText(value, into, maxLine, "") }}
}

// proseKey is a text of several lines.
func proseKey(name string, into *string) bodyKey {
	return bodyKey{name, func(value json.RawMessage) error { return readText(value, into, maxProse, "\n\r\t") }}
}

func readText(value json.RawMessage, into *string, most int, controls string) error {
	var text *string
	if json.Unmarshal(value, &text) != nil || text == nil {
		return fmt.Errorf("got %s, want a text", printable(string(value)))
	}
	if err := checkText(*text, most, controls); err != nil {
		return err
	}
	*into = strings.TrimSpace(*text)
	return nil
}

func checkText(text string, most int, controls string) error {
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Errorf("it has %d characters, want at most %d", n, most)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune(controls, r) }); i >= 0 {
		return fmt.Errorf("it holds the control character %q", text[i:i+1])
	}
	return nil
}

// severityKey is a severity by its name or number.
func severityKey(into *alerting.Severity) bodyKey {
	return bodyKey{"severity", func(value json.RawMessage) error {
		s, err := alerting.ParseSeverity(strings.Trim(string(value), `"`))
		if err != nil {
			return err
		}
		*into = s
		return nil
	}}
}

// flagKey is true or false.
func flagKey(name string, into *bool) bodyKey {
	return bodyKey{name, func(value json.RawMessage) error {
		if json.Unmarshal(value, into) != nil || string(value) == "null" {
			return fmt.Errorf("got %s, want true or false", printable(string(value)))
		}
		return nil
	}}
}

// numberKey is a whole number from 1 on: the number or the version of a case.
func numberKey(name string, into *int) bodyKey {
	return bodyKey{name, func(value json.RawMessage) error {
		if json.Unmarshal(value, into) != nil || *into < 1 {
			return fmt.Errorf("got %s, want a whole number from 1 on", printable(string(value)))
		}
		return nil
	}}
}

// timeKey is a moment.
func timeKey(name string, into *time.Time) bodyKey {
	return bodyKey{name, func(value json.RawMessage) error {
		if json.Unmarshal(value, into) != nil || into.IsZero() {
			return fmt.Errorf("got %s, want a time like \"2026-11-22T14:30:00Z\"", printable(string(value)))
		}
		return nil
	}}
}

// setTextKey is a further field of a case, a text.
func setTextKey(name string, set *map[string]string) bodyKey {
	return bodyKey{name, func(value json.RawMessage) error {
		var text string
		if err := readText(value, &text, maxProse, "\n\r\t"); err != nil {
			return err
		}
		put(set, name, text)
		return nil
	}}
}

// setFlagKey is a further field of a case, true or false.
func setFlagKey(name string, set *map[string]string) bodyKey {
	var yes bool
	k := flagKey(name, &yes)
	read := k.read
	k.read = func(value json.RawMessage) error {
		if err := read(value); err != nil {
			return err
		}
		put(set, name, strconv.FormatBool(yes))
		return nil
	}
	return k
}

func put(set *map[string]string, name, value string) {
	if *set == nil {
		*set = map[string]string{}
	}
	(*set)[name] = value
}
