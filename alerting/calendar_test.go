package alerting

import (
	"reflect"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"go.yaml.in/yaml/v3"
)

// These calendars are those of the tests of business time.
const testCalendars = `
- {name: office, zone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}, holidays: de}
- name: lunch
  zone: Europe/Berlin
  hours: {mon-thu: ["08:00-12:00", "13:00-17:00"], fri: "08:00-14:00"}
- {name: nights, zone: Europe/Berlin, hours: {daily: "22:00-06:00"}}
- {name: weeknights, zone: Europe/Berlin, hours: {mon-fri: "22:00-06:00"}, holidays: de}
- {name: newyork, zone: America/New_York, hours: {mon-fri: "08:00-18:00", sat: "10:00-14:00"}, holidays: us}
- {name: always, zone: Australia/Lord_Howe, hours: {daily: "00:00-24:00"}}
- {name: own, hours: {mon-fri: "09:00-17:00"}, closed: ["12-24", 2026-11-23], holidays: [us], without: [Columbus Day]}
`

func calendarsOf(t testing.TB, text string) map[string]*Calendar {
	t.Helper()
	calendars, err := DecodeCalendars(nodeOf(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return calendars
}

func nodeOf(t testing.TB, text string) *yaml.Node {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// instantOf reads "2026-03-10T10:00+01:00"; seconds are optional.
func instantOf(t testing.TB, text string) time.Time {
	t.Helper()
	for _, layout := range []string{"2006-01-02T15:04Z07:00", time.RFC3339Nano} {
		if moment, err := time.Parse(layout, text); err == nil {
			return moment
		}
	}
	t.Fatalf("no time: %q", text)
	return time.Time{}
}

func amountOf(t testing.TB, text string) Amount {
	t.Helper()
	a, err := ParseAmount(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Each row says why; the dates are those of a wall calendar. In 2026 clocks of
// Berlin are put forward on 29 March and back on 25 October, those of New York
// forward on 8 March and back on 1 November.
func TestAdd(t *testing.T) {
	calendars := calendarsOf(t, testCalendars)
	for _, test := range []struct{ calendar, from, amount, want, why string }{
		{"lunch", "2026-06-10T11:30+02:00", "1 bh", "2026-06-10T13:30+02:00", "30 min until 12:00, 30 min from 13:00"},
		{"lunch", "2026-06-10T11:00+02:00", "1 bh", "2026-06-10T12:00+02:00", "hours end with working time, not with the next opening"},
		{"lunch", "2026-06-11T16:00+02:00", "7 bh", "2026-06-12T14:00+02:00", "1 h on Thursday, all 6 h of Friday"},
		{"lunch", "2026-06-11T12:30+02:00", "1 bd", "2026-06-12T11:00+02:00", "from Thursday 13:00, half of its 8 h, to half of Friday's 6 h"},
		{"lunch", "2026-06-12T11:00+02:00", "1 bd", "2026-06-15T13:00+02:00", "half of Friday to half of Monday: 4 h are over at 12:00, work goes on at 13:00"},
		{"lunch", "2026-06-12T14:00+02:00", "1 bd", "2026-06-16T08:00+02:00", "Friday is over at 14:00: Monday's opening to Tuesday's"},

		{"nights", "2026-03-28T22:00+01:00", "7 bh", "2026-03-29T06:00+02:00", "that night has 7 hours"},
		{"nights", "2026-03-28T22:00+01:00", "8 bh", "2026-03-29T23:00+02:00", "the eighth is in the next night"},
		{"nights", "2026-10-24T22:00+02:00", "9 bh", "2026-10-25T06:00+01:00", "that night has 9 hours"},
		{"nights", "2026-10-25T02:30+02:00", "1 bh", "2026-10-25T02:30+01:00", "an hour after the first 02:30 it is 02:30 again"},
		{"nights", "2026-03-28T22:00+01:00", "1 bd", "2026-03-29T22:00+02:00", "one night is one business day, however long"},
		{"nights", "2026-03-28T23:00+01:00", "1 bd", "2026-03-29T23:08:34.285714286+02:00", "1 of 7 h to 1/7 of 8 h = 1 h 8 min 34 2/7 s"},
		{"nights", "2026-06-10T12:00+02:00", "2 bh", "2026-06-11T00:00+02:00", "over midnight"},
		{"weeknights", "2026-12-25T05:00+01:00", "1 bh", "2026-12-25T06:00+01:00", "the night of the 24th, a working day, goes on into Christmas"},
		{"weeknights", "2026-12-25T05:00+01:00", "2 bh", "2026-12-28T23:00+01:00", "none begins on Christmas, a Friday, nor at the weekend"},

		{"newyork", "2026-03-06T17:00-05:00", "2 bh", "2026-03-07T11:00-05:00", "1 h on Friday, 1 h on Saturday from 10:00"},
		{"newyork", "2026-03-06T17:00-05:00", "6 bh", "2026-03-09T09:00-04:00", "1 + 4 h, 1 h on Monday after clocks were put forward"},
		{"newyork", "2026-10-31T13:00-04:00", "1 bd", "2026-11-02T15:30-05:00", "3 of Saturday's 4 h to 7.5 of Monday's 10, after clocks were put back"},
		{"newyork", "2026-07-02T17:30-04:00", "1 bh", "2026-07-06T08:30-04:00", "Independence Day, a Saturday, is kept on Friday; both are off"},
		{"newyork", "2027-12-30T17:30-05:00", "1 bh", "2028-01-03T08:30-05:00", "New Year 2028, a Saturday, is kept on the Friday before, in 2027"},

		{"own", "2026-11-20T16:00Z", "1 bd", "2026-11-24T16:00Z", "Monday 23 November is closed that year"},
		{"own", "2026-12-23T16:00Z", "2 bh", "2026-12-28T10:00Z", "Christmas Eve is closed every year, the 25th a Friday"},
		{"own", "2026-10-09T16:00Z", "1 bd", "2026-10-12T16:00Z", "Columbus Day is worked"},
		{"own", "2026-10-10T16:00Z", "0 bh", "2026-10-10T16:00Z", "nothing is nothing"},

		{"always", "2026-04-04T12:00+11:00", "24 bh", "2026-04-05T11:30+10:30", "clocks of Lord Howe are put back by half an hour on 5 April"},
		{"always", "2026-04-04T12:00+11:00", "24 h", "2026-04-05T11:30+10:30", "clock time does not know of it"},
		{"office", "2026-03-28T12:00+01:00", "1 d", "2026-03-29T13:00+02:00", "a day of clock time is 24 h"},
		{"", "2026-11-20T16:30Z", "1 bh", "2026-11-23T09:30Z", "no calendar: Monday to Friday, 09:00 to 17:00 UTC"},
		{"", "2026-12-25T10:00Z", "1 bd", "2026-12-28T10:00Z", "and no holidays"},
	} {
		amount := Amount{unit: BusinessHours}
		if test.amount != "0 bh" {
			amount = amountOf(t, test.amount)
		}
		got := calendars[test.calendar].Add(instantOf(t, test.from), amount)
		if want := instantOf(t, test.want); !got.Equal(want) {
			t.Errorf("%s: %s + %s = %s, want %s: %s", test.calendar, test.from, test.amount, got.In(want.Location()).Format(time.RFC3339Nano), test.want, test.why)
		}
	}
}

func TestBetween(t *testing.T) {
	calendars := calendarsOf(t, testCalendars)
	for _, test := range []struct {
		calendar, a, b string
		unit           Unit
		want           float64
	}{
		{"office", "2026-03-27T16:00+01:00", "2026-03-30T10:00+02:00", BusinessHours, 2}, // 1 h on Friday, 1 h on Monday
		{"office", "2026-03-27T16:00+01:00", "2026-03-30T10:00+02:00", Hours, 65},        // 66 h on the wall, one of them skipped
		{"office", "2026-04-02T09:00+02:00", "2026-04-07T17:00+02:00", BusinessDays, 2},  // Easter between: Thursday and Tuesday
		{"office", "2026-04-04T09:00+02:00", "2026-04-06T17:00+02:00", BusinessDays, 0},
		{"lunch", "2026-06-11T10:00+02:00", "2026-06-12T11:00+02:00", BusinessDays, 1.25}, // 6 of 8 h, 3 of 6 h
		{"nights", "2026-10-24T22:00+02:00", "2026-10-25T06:00+01:00", BusinessHours, 9},
		{"nights", "2026-03-28T12:00+01:00", "2026-03-29T12:00+02:00", BusinessHours, 7},
		{"nights", "2026-03-28T12:00+01:00", "2026-03-29T12:00+02:00", BusinessDays, 1},
		{"nights", "2026-06-11T02:00+02:00", "2026-06-11T12:00+02:00", BusinessDays, 0.5}, // half of the night that began on the 10th
		{"office", "2026-12-31T16:00+01:00", "2027-01-04T10:00+01:00", BusinessHours, 2},  // New Year is a Friday
		{"always", "2026-10-03T00:00+10:30", "2026-10-05T00:00+11:00", BusinessHours, 47.5},
	} {
		a, b := instantOf(t, test.a), instantOf(t, test.b)
		c := calendars[test.calendar]
		if got := c.Between(a, b, test.unit).Float(); got != test.want {
			t.Errorf("%s: from %s to %s are %v %s, want %v", test.calendar, test.a, test.b, got, test.unit, test.want)
		}
		if got := c.Between(b, a, test.unit).Float(); got != -test.want {
			t.Errorf("%s: from %s back to %s are %v %s, want %v", test.calendar, test.b, test.a, got, test.unit, -test.want)
		}
	}
}

func TestOpen(t *testing.T) {
	calendars := calendarsOf(t, testCalendars)
	for _, test := range []struct{ calendar, at, opens string }{
		{"office", "2026-06-10T09:00+02:00", "2026-06-10T09:00+02:00"}, // the first instant is open
		{"office", "2026-06-10T17:00+02:00", "2026-06-11T09:00+02:00"}, // the last is not
		{"office", "2026-06-12T17:00+02:00", "2026-06-15T09:00+02:00"},
		{"lunch", "2026-06-10T12:00+02:00", "2026-06-10T13:00+02:00"},
		{"weeknights", "2026-12-25T05:59+01:00", "2026-12-25T05:59+01:00"},
		{"weeknights", "2026-12-25T23:00+01:00", "2026-12-28T22:00+01:00"},
		{"office", "2026-12-24T18:00+01:00", "2026-12-28T09:00+01:00"},
	} {
		moment, want := instantOf(t, test.at), instantOf(t, test.opens)
		c := calendars[test.calendar]
		if got := c.NextOpening(moment); !got.Equal(want) {
			t.Errorf("%s: from %s it opens %s, want %s", test.calendar, test.at, got, test.opens)
		}
		if got := c.Open(moment); got != moment.Equal(want) {
			t.Errorf("%s: open at %s: %v", test.calendar, test.at, got)
		}
	}
}

// The dates are those that governments publish.
func TestHolidays(t *testing.T) {
	for _, test := range []struct{ set, date, want string }{
		{"de", "2026-04-03", "Karfreitag"},
		{"de", "2026-04-06", "Ostermontag"},
		{"de", "2026-05-14", "Christi Himmelfahrt"},
		{"de", "2026-05-25", "Pfingstmontag"},
		{"de", "2026-06-04", ""},
		{"de-by", "2026-06-04", "Fronleichnam"},
		{"DE-BE", "2026-03-08", "Frauentag"},
		{"de", "2075-12-25", "Weihnachtstag"}, // reckoned when asked for
		{"de", "2001-10-03", "Tag der Deutschen Einheit"},
		{"de", "2075-12-27", ""},
		{"us", "2026-07-03", "Independence Day"}, // a Saturday, kept on Friday
		{"us", "2026-07-04", "Independence Day"},
		{"us", "2026-11-26", "Thanksgiving Day"},
		{"us", "2027-12-31", "New Year's Day"}, // of 2028, a Saturday
		{"us", "2070-12-31", ""},               // 2071 begins on a Thursday
		{"gb", "2026-12-28", "Boxing Day"},     // the 26th is a Saturday
		{"fr", "2026-07-14", "Fête Nationale"},
		{"ecb", "2026-04-03", "Good Friday"},
	} {
		c := calendarsOf(t, "- {name: c, zone: Asia/Tokyo, holidays: "+test.set+"}")["c"]
		noon := instantOf(t, test.date+"T12:00+09:00")
		if got := c.Holiday(noon); got != test.want {
			t.Errorf("%s: %s is %q, want %q", test.set, test.date, got, test.want)
		}
	}
}

// Instants at which clocks show a time, by the rules of the time zone database.
func TestWallTime(t *testing.T) {
	for _, test := range []struct{ zone, date, clock, want, why string }{
		{"Europe/Berlin", "2026-03-29", "01:59", "2026-03-29T00:59Z", "before the change"},
		{"Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00Z", "skipped"},
		{"Europe/Berlin", "2026-03-29", "03:00", "2026-03-29T01:00Z", "the change"},
		{"Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30Z", "the first of two"},
		{"Europe/Berlin", "2026-10-25", "03:00", "2026-10-25T02:00Z", "after both"},
		{"Europe/Berlin", "2026-10-25", "24:00", "2026-10-25T23:00Z", "the end of a day of 25 h"},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00Z", "skipped"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30Z", "the first of two"},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30Z", "half an hour is skipped"},
		{"Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45Z", "half an hour comes twice"},
		{"America/Sao_Paulo", "2018-11-04", "00:00", "2018-11-04T03:00Z", "a day that begins at 01:00"},
		{"Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00Z", "a day that was skipped"},
		{"Pacific/Kiritimati", "2026-01-01", "00:00", "2025-12-31T10:00Z", "the greatest offset"},
		{"Asia/Kathmandu", "2026-01-01", "06:00", "2026-01-01T00:15Z", "quarters of an hour"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		date := instantOf(t, test.date+"T00:00Z")
		minutes, _ := parseClock(test.clock)
		if got, want := wallTime(dayOf(date.Date()), minutes, zone), instantOf(t, test.want); !got.Equal(want) {
			t.Errorf("%s %s %s is %s, want %s: %s", test.zone, test.date, test.clock, got.UTC(), test.want, test.why)
		}
	}
}

// Holidays do not depend on the zone of the machine, as they would where clocks
// are put forward at midnight.
func TestHolidaysHaveNoZone(t *testing.T) {
	reckon := func(local string) map[string]map[day]string {
		zone, err := time.LoadLocation(local)
		if err != nil {
			t.Fatal(err)
		}
		cal.DefaultLoc = zone // what the library starts with
		known := map[string]map[day]string{}
		for _, name := range holidaySetNames() {
			h := holidays{sets: holidaySets[name]}
			h.prepare()
			known[name] = h.known
		}
		return known
	}
	want := reckon("UTC")
	for _, local := range []string{"America/Santiago", "America/Havana", "Pacific/Apia"} {
		if got := reckon(local); !reflect.DeepEqual(got, want) {
			t.Errorf("holidays are others on a machine in %s", local)
		}
	}
}
