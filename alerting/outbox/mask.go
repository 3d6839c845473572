package outbox

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
)

// Mask copies a case without what points to a person: numbers, users, Call-IDs
// and the ends of addresses are masked in all that it says. What comes from the
// configuration stays: tenant, segment, owner; and so do figures, times and our
// own ids of calls and streams.
func Mask(c *alerting.Case) *alerting.Case {
	return newMask(false, c).kase(c)
}

// mask copies cases without what points to a person.
type mask struct {
	callIDs bool              // Call-IDs stay: who looks into the calls on the other side needs them
	calls   *strings.Replacer // known Call-IDs with the word before them, to our own ids
	ids     map[string]bool   // of ours, in the examples
}

// newMask makes a mask that knows our own ids of the examples of a case.
func newMask(callIDs bool, c *alerting.Case) *mask {
	m := &mask{callIDs: callIDs, ids: map[string]bool{}}
	var pairs []string
	if c != nil {
		for _, x := range slices.Concat(c.Examples, c.Good) {
			m.ids[x.Call], m.ids[x.Stream] = isID(x.Call), isID(x.Stream)
			if x.CallID != "" && isID(x.Call) && !callIDs {
				pairs = append(pairs, "Call-ID "+x.CallID+",", "call "+x.Call+",")
			}
		}
	}
	m.calls = strings.NewReplacer(pairs...)
	return m
}

// kase copies a case; nil stays nil.
func (m *mask) kase(c *alerting.Case) *alerting.Case {
	if c == nil {
		return nil
	}
	return m.copied(reflect.ValueOf(c), "").Interface().(*alerting.Case)
}

// updates copies entries of a timeline.
func (m *mask) updates(list []alerting.Update) []alerting.Update {
	return m.copied(reflect.ValueOf(list), "").Interface().([]alerting.Update)
}

// ours are the fields, by struct and name, that hold the operator's own words
// and hashes. A field that is not listed is masked, so that a new one is too.
var ours = map[string]bool{
	"Case.Tenant": true, "Case.Service": true, "Case.Environment": true, "Case.Segment": true, "Case.Segments": true,
	"Case.Owner": true, "Case.Maintenance": true, "Case.Alerts": true, "Attachment.SHA256": true,
}

// copied copies a value of a case deeply; field is the struct's and the field's
// name that it stands in. Types of their own that are texts are words of ours.
func (m *mask) copied(v reflect.Value, field string) reflect.Value {
	switch x := v.Interface().(type) {
	case time.Time:
		return v
	case netip.AddrPort:
		return reflect.ValueOf(netip.AddrPortFrom(networkOf(x.Addr()), x.Port()))
	case netip.Addr:
		return reflect.ValueOf(networkOf(x))
	case string:
		return reflect.ValueOf(m.field(field, x))
	}
	dup := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			dup.Set(reflect.New(v.Type().Elem()))
			dup.Elem().Set(m.copied(v.Elem(), field))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() { // others are nobody's to show
				dup.Field(i).Set(m.copied(v.Field(i), v.Type().Name()+"."+f.Name))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			dup.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		for i := range v.Len() {
			dup.Index(i).Set(m.copied(v.Index(i), field))
		}
	case reflect.Array:
		for i := range v.Len() {
			dup.Index(i).Set(m.copied(v.Index(i), field))
		}
	case reflect.Map:
		if !v.IsNil() {
			dup.Set(reflect.MakeMap(v.Type()))
		}
		for key, value := range v.Seq2() {
			dup.SetMapIndex(m.copied(key, field), m.copied(value, field))
		}
	default: // numbers, flags and words of ours
		dup.Set(v)
	}
	return dup
}

// field masks the text of one field.
func (m *mask) field(name, text string) string {
	switch {
	case ours[name]:
		return text
	case name == "Example.CallID" && m.callIDs:
		return text
	case name == "Example.CallID" && text != "":
		return masked
	case name == "Example.Call" || name == "Example.Stream":
		if text == "" || isID(text) {
			return text
		}
		return masked // the Call-ID of a registration
	}
	return m.text(text)
}

// idLength is that of an id of ours.
const idLength = 16

// isID reports an id of ours: hex digits, of which one is a letter, so that no
// number of somebody is one.
func isID(text string) bool {
	return len(text) == idLength && strings.Trim(text, "0123456789abcdef") == "" && strings.ContainsAny(text, "abcdef")
}

// The parts of addresses that stay: what a site, or a provider's network, has.
const (
	networkBits4 = 24
	networkBits6 = 48
)

// networkOf is the network of an address, as an address. Loopback and the
// unspecified address say nothing of anybody.
func networkOf(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if !a.IsValid() || a.IsLoopback() || a.IsUnspecified() {
		return a
	}
	bits := networkBits6
	if a.Is4() {
		bits = networkBits4
	}
	return netip.PrefixFrom(a, bits).Masked().Addr()
}
