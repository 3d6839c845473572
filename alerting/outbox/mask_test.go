package outbox

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"earshot/alerting"
)

func TestMaskText(t *testing.T) {
	m := newMask(false, nil)
	for _, tt := range []struct{ text, want string }{
		// Numbers of people, as they are written.
		{"Calls to +49 30 4711 crackle", "Calls to …11 crackle"},
		{"+49 30 1234567", "…67"},
		{"+49-30-1234567, again", "…67, again"},
		{"0049301234567", "…67"},
		{"030/1234567", "…67"},
		{"(030) 123-4567", "…67"},
		{"01.23.45.67.89", "…89"},
		{"415 555 0123", "…23"},
		{"call 123456 or 12345", "call …56 or 12345"},
		{"030 123, 03 12", "…23, 03 12"},
		{"555-0123", "…23"},
		{"+1 (415) 555-0123.", "…23."},
		{"user4930123456789", "user…89"},
		{"tel:110", "tel:…"},
		{"ext. 4711 and ext 12", "ext. … and ext …"},
		{"Durchwahl 99", "Durchwahl …"},
		{"٠٣٠١٢٣٤٥٦٧", "…٦٧"}, // digits of another script
		// Users, and who they say they are.
		{"sip:1234@pbx.example", "sip:…@pbx.example"},
		{"<sip:+4930123@10.2.3.4:5060;user=phone>", "<sip:…@10.2.3.x:5060;user=phone>"},
		{`"Anna Muster" <sip:anna@pbx.example>`, `"…" <sip:…@pbx.example>`},
		{"ask ada@acme.example, or bob@acme.example", "ask …@acme.example, or …@acme.example"},
		{"Call-ID a84b4c76e66710@pc33, at 2026-01-06 08:07:00 UTC", "Call-ID …, at 2026-01-06 08:07:00 UTC"},
		{"Call-ID 7b2bbd942067fb283bda3f9f, then", "Call-ID …, then"},
		// Addresses keep their networks.
		{"203.0.113.65:16468 → 192.0.2.17:17392", "203.0.113.x:16468 → 192.0.2.x:17392"},
		{"10.2.0.5/32, 10.2.0.0/24, 10.2.3.4/16", "10.2.0.x, 10.2.0.0/24, 10.2.0.0/16"},
		{"2001:db8:a:1::5", "2001:db8:a::x"},
		{"[2001:db8:a::5]:5060", "[2001:db8:a::x]:5060"},
		{"2001:db8:0:1:2:3:4:5", "2001:db8::x"},
		{"2001:db8:a::/48 and 2001:db8:a:b::/64", "2001:db8:a::/48 and 2001:db8:a::x"},
		{"fe80::1%eth0", "fe80::x"},
		{"::ffff:203.0.113.65", "203.0.113.x"},
		{"00:15:65:aa:bb:cc, 0015.65aa.bbcc, 805ec0123456", "…, …, …"},
		{"127.0.0.1, ::1, 0.0.0.0", "127.0.0.1, ::1, 0.0.0.0"},
		// What a desk needs stays.
		{"Since 2026-01-06 08:50 UTC: 20 of 20 streams (100 %)", "Since 2026-01-06 08:50 UTC: 20 of 20 streams (100 %)"},
		{"1,234,567 of 2,000,000 calls", "1,234,567 of 2,000,000 calls"},
		{"--after 2026-01-06T08:50:05.123Z", "--after 2026-01-06T08:50:05.123Z"},
		{"on 6.1.2026 and 06.01.2026 at 8:50", "on 6.1.2026 and 06.01.2026 at 8:50"},
		{"case 17, #123, 3.15 MOS, 0.13 bd, 160 ms", "case 17, #123, 3.15 MOS, 0.13 bd, 160 ms"},
		{"Cisco-CP8851 19 of 20, snom 8851 101 of 200", "Cisco-CP8851 19 of 20, snom 8851 101 of 200"},
		{"MediaGateway/8.0 instead of MediaGateway/7.20", "MediaGateway/8.0 instead of MediaGateway/7.20"},
		{"std::string, a::", "std::string, a::x"},
		{"", ""},
		{"a " + strings.Repeat("::", 300) + " b", "a … b"}, // no word of anybody
	} {
		got := m.text(tt.text)
		if got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
		if again := m.text(got); again != got {
			t.Errorf("%q: masked twice it is %q, once %q", tt.text, again, got)
		}
	}
}

// ends are the places of the golden texts that point to somebody.
var ends = regexp.MustCompile(`Call-ID \S+,|\b\d+\.\d+\.\d+\.\d+\b(/\d+)?|\+49 30 4711`)

// The texts that cases are made of keep all their figures: nothing is masked in
// them but Call-IDs, ends of addresses and a number that somebody wrote.
func TestMaskKeepsGoldenTexts(t *testing.T) {
	files, err := filepath.Glob("../testdata/questions/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("found %d texts, %v", len(files), err)
	}
	m := newMask(false, nil)
	for _, name := range append(files, "../../docs/cases.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		masked := 0
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			want := ends.ReplaceAllStringFunc(line, func(s string) string {
				switch {
				case strings.HasPrefix(s, "Call-ID"):
					masked++
					return "Call-ID …,"
				case strings.HasPrefix(s, "+"):
					masked++
					return "…11"
				case strings.HasSuffix(s, "/24"), strings.HasSuffix(s, "/16"):
					return s
				}
				masked++
				return s[:strings.LastIndexByte(s, '.')] + ".x"
			})
			if got := m.text(line); got != want {
				t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
			}
		}
		if strings.HasSuffix(name, "cases.md") && masked < 20 {
			t.Errorf("%s: %d places were masked, so that this shows little", name, masked)
		}
	}
}

// canary is what must be found nowhere.
const canary = "4930987654321"

// plant fills every field of a value with a text that holds the canary, and
// returns how many there were.
func plant(v reflect.Value) int {
	n := 0
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		n += plant(v.Elem())
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[netip.AddrPort]() {
			v.Set(reflect.ValueOf(netip.MustParseAddrPort("198.51.100.77:5060")))
			return 1
		}
		if v.Type().PkgPath() != "earshot/alerting" {
			return 0 // times
		}
		for i := range v.NumField() {
			n += plant(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			n += plant(v.Index(i))
		}
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString("ann " + canary + " at 198.51.100.77")
			return 1
		}
	}
	return n
}

// Whatever a field of a case is called, the canary comes through none of them but
// those that the operator fills.
func TestMaskCanary(t *testing.T) {
	c := &alerting.Case{}
	if n := plant(reflect.ValueOf(c)); n < 60 {
		t.Fatalf("planted %d canaries, want them in every field", n)
	}
	for _, text := range []*string{&c.Tenant, &c.Service, &c.Environment, &c.Segment, &c.Owner, &c.Maintenance} {
		*text = "our-word"
	}
	c.Segments, c.Alerts = []string{"our-word"}, []string{"our-word"}
	for i := range c.Attachments {
		c.Attachments[i].SHA256 = "our-word"
	}
	before := fmt.Sprintf("%+v", c)
	got := fmt.Sprintf("%+v", Mask(c))
	for _, secret := range []string{canary, "198.51.100.77", canary[2:]} {
		if strings.Contains(got, secret) {
			at := strings.Index(got, secret)
			t.Errorf("%s came through: …%s", secret, got[max(0, at-200):at+20])
		}
	}
	if !strings.Contains(got, "ann …21 at 198.51.100.x") || !strings.Contains(got, "198.51.100.0:5060") {
		t.Errorf("want texts masked, not emptied: %.300s", got)
	}
	if strings.Count(got, "our-word") != 10 {
		t.Errorf("want the operator's words as they are: %d of 10", strings.Count(got, "our-word"))
	}
	if after := fmt.Sprintf("%+v", c); after != before {
		t.Error("the case itself was changed")
	}
}

// Our own ids of calls and streams stay, and stand for Call-IDs.
func TestMaskExamples(t *testing.T) {
	c := &alerting.Case{
		Examples: []alerting.Example{{CallID: "a84b4c@10.1.2.3", Call: "7b2bbd942067fb28", Stream: "e220837b347a1c54"}, {Call: "reg-4930@pbx"}, {Call: "4930987654321098"}},
		Questions: []alerting.Answer{{Text: "- Call-ID a84b4c@10.1.2.3, at 2026-01-06 08:07:00 UTC\n- stream e220837b347a1c54 (of no call that was heard)\n" +
			"- call e99094930987654f, of nobody here"}},
	}
	got := Mask(c)
	if x := got.Examples[0]; x.CallID != "…" || x.Call != "7b2bbd942067fb28" || x.Stream != "e220837b347a1c54" {
		t.Errorf("got %+v", x)
	}
	if got.Examples[1].Call != "…" || got.Examples[2].Call != "…" {
		t.Errorf("a registration's Call-ID came through: %+v", got.Examples)
	}
	want := "- call 7b2bbd942067fb28, at 2026-01-06 08:07:00 UTC\n- stream e220837b347a1c54 (of no call that was heard)\n- call e…54f, of nobody here"
	if text := got.Questions[0].Text; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	// Who looks into the calls on the other side is shown their Call-IDs.
	open := newMask(true, c).kase(c)
	if open.Examples[0].CallID != "a84b4c@10.1.2.3" || !strings.Contains(open.Questions[0].Text, "Call-ID a84b4c@10.1.2.3, at") {
		t.Errorf("call_ids: got %+v", open)
	}
}

func TestMaskNothing(t *testing.T) {
	if Mask(nil) != nil {
		t.Error("got a case out of none")
	}
	empty := &alerting.Case{}
	if got := Mask(empty); got == empty || !reflect.DeepEqual(got, empty) {
		t.Errorf("got %+v", got)
	}
}

// However the digits of a number are grouped, they do not come through.
func TestMaskGrouped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`0[1-9][0-9]{7,12}`).Draw(t, "digits")
		var b strings.Builder
		if rapid.Bool().Draw(t, "plus") {
			b.WriteString("+")
			digits = "49" + digits[1:]
		}
		since := 0 // every group has two digits at least
		for i, r := range digits {
			if since >= 2 && len(digits)-i >= 2 && rapid.IntRange(0, 2).Draw(t, "gap") == 0 {
				b.WriteString(rapid.SampledFrom([]string{" ", "-", "/", ".", "\u00a0"}).Draw(t, "mark"))
				since = 0
			}
			b.WriteRune(r)
			since++
		}
		text := rapid.SampledFrom([]string{"", "call ", "from ", "10 of 20 streams, ", "(", "Ann: "}).Draw(t, "before") + b.String() +
			rapid.SampledFrom([]string{"", " crackles", ", 08:50", ") said", "."}).Draw(t, "after")
		got := newMask(false, nil).text(text)
		only := strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) {
				return r
			}
			return -1
		}, strings.NewReplacer("10 of 20", "", "08:50", "").Replace(got))
		if len(only) > 4 { // an address that the number looks like keeps its network
			if !strings.Contains(got, ".x") {
				t.Fatalf("%q: %q shows %d digits", text, got, len(only))
			}
		}
	})
}

// FuzzMask: a number of eight digits or more never survives, wherever it stands,
// and what is masked once is masked.
func FuzzMask(f *testing.F) {
	f.Add("Calls to ", " crackle")
	f.Add("2001:db8::", ".1.2.3")
	f.Add("…1", "@host")
	f.Add("call 7b2", "f")
	f.Add("\"Ann ", "\" <sip:x@y>")
	f.Add("2026-01-06 08:50:05.", "")
	f.Add("Call-ID ", "…٣")
	f.Fuzz(func(t *testing.T, before, after string) {
		m := newMask(false, nil)
		got := m.text(before + canary + after)
		if strings.Contains(got, canary) || strings.Contains(got, canary[:8]) && !strings.Contains(before+after, canary[:8]) {
			t.Errorf("%q: the number came through in %q", before+canary+after, got)
		}
		if again := m.text(got); again != got {
			t.Errorf("%q: masked once it is %q, twice %q", before+canary+after, got, again)
		}
	})
}
