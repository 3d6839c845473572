package alerting

import "testing"

func TestParseSeverity(t *testing.T) {
	for _, test := range []struct {
		text string
		want Severity
		name string
	}{
		{"1", Critical, "critical"}, {"Critical", Critical, "critical"}, {"2", High, "high"}, {"HIGH", High, "high"},
		{"3", Medium, "medium"}, {"medium", Medium, "medium"}, {"4", Low, "low"}, {"low", Low, "low"},
	} {
		got, err := ParseSeverity(test.text)
		if err != nil || got != test.want || got.String() != test.name {
			t.Errorf("%q is %s (%v), want %s", test.text, got, err, test.name)
		}
	}
	for text, want := range map[string]string{
		"hihg": `"hihg" is no severity: want critical, high, medium, low, or 1 to 4 (did you mean "high"?)`,
		"0":    `"0" is no severity: want critical, high, medium, low, or 1 to 4`,
		"none": `"none" is no severity: want critical, high, medium, low, or 1 to 4`,
	} {
		if _, err := ParseSeverity(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestSeverityText(t *testing.T) {
	for s := Severity(0); s < Severities; s++ {
		text, err := s.MarshalText()
		var back Severity
		if err != nil || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%s becomes %q (%v), and %s again", s, text, err, back)
		}
	}
	if _, err := Severity(5).MarshalText(); err == nil || Severity(5).Valid() || Severity(0).Valid() {
		t.Error("5 or 0 is a severity")
	}
}
