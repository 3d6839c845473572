package web

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"earshot/alerting"
)

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
