package store

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"earshot/dialog"
)

// Query says which records are wanted: those that meet every condition that is
// set. The zero value wants every call.
type Query struct {
	// Number is looked for in the caller's and the called number: anywhere in
	// it; with a * at the end only at its begin, with a * in front only at its end.
	Number    string
	Addresses netip.Prefix // that touch it, with signalling or media; the zero Prefix: all
	CallID    string       // a Call-ID, or the record's id or its begin

	After, Before time.Time // that start at or after, before; zero: no bound

	MOSBelow  float64 // whose worst MOS is below; 0: any
	LossAbove float64 // with a stream that lost a larger share; 0: any, negative: any stream at all

	Finding     string // its code
	Disposition dialog.Disposition
	Status      int    // the final response
	Segment     string // in either direction
	Peer        string // on either side
	Tenant      string // whose segment it passed

	Streams bool   // streams of no call too
	Oldest  bool   // the oldest first; otherwise the newest
	From    Cursor // those that were written before this one, with Oldest after it; the zero Cursor: all
	Limit   int    // at most so many; 0: no limit
}

// Cursor is the place of a record: what was written before it is older.
type Cursor struct {
	Day Day
	N   int64
}

// String is the cursor as 2006-01-02/17.
func (c Cursor) String() string { return c.Day.String() + "/" + strconv.FormatInt(c.N, 10) }

// ParseCursor reads what String writes.
func ParseCursor(s string) (Cursor, error) {
	day, n, _ := strings.Cut(s, "/")
	d, err := ParseDay(day)
	number, nErr := strconv.ParseInt(n, 10, 64)
	if err != nil || nErr != nil || number < 1 {
		return Cursor{}, fmt.Errorf("%q is no place in the store, want one like 2026-11-22/17", s)
	}
	return Cursor{d, number}, nil
}

// Check says what a query cannot ask.
func (q *Query) Check() error {
	number := strings.Trim(q.Number, "*")
	switch {
	case q.Number != "" && (number == "" || strings.Contains(number, "*") || len(q.Number) > len(number)+1):
		return fmt.Errorf("the number is %q, want digits like 4711, with one * before or behind them at most", q.Number)
	case len(number) > longestNumber:
		return fmt.Errorf("the number has %d characters, want at most %d", len(number), longestNumber)
	case q.MOSBelow != 0 && !(q.MOSBelow >= 1 && q.MOSBelow <= 5):
		return fmt.Errorf("the MOS is %v, want 1 to 5", q.MOSBelow)
	case !(q.LossAbove <= 1):
		return fmt.Errorf("the loss is %v, want a ratio up to 1", q.LossAbove)
	case q.Finding != "" && !slices.Contains(dialog.FindingCodes(), q.Finding):
		return fmt.Errorf("there is no finding %q; there are %s", q.Finding, strings.Join(dialog.FindingCodes(), ", "))
	case q.Disposition != "" && !slices.Contains(Dispositions(), q.Disposition):
		return fmt.Errorf("there is no disposition %q; there are %s", q.Disposition, joined(Dispositions()))
	case q.Status != 0 && (q.Status < 100 || q.Status > 699):
		return fmt.Errorf("the final response is %d, want 100 to 699", q.Status)
	case !q.After.IsZero() && !q.Before.IsZero() && !q.After.Before(q.Before):
		return fmt.Errorf("nothing can start at or after %s and before %s", q.After.Format(time.RFC3339), q.Before.Format(time.RFC3339))
	case q.Limit < 0:
		return fmt.Errorf("the limit is %d, want 0 or more", q.Limit)
	}
	return nil
}

// Dispositions lists how calls come out.
func Dispositions() []dialog.Disposition {
	return []dialog.Disposition{
		dialog.Answered, dialog.Busy, dialog.NoAnswer, dialog.Cancelled, dialog.Rejected, dialog.Failed, dialog.Redirected, dialog.InProgress,
	}
}

func joined(list []dialog.Disposition) string {
	var texts []string
	for _, d := range list {
		texts = append(texts, string(d))
	}
	return strings.Join(texts, ", ")
}

// reaches reports whether a day can hold records that the query wants. A
// record lies in the day of its end, so a later day may hold an early start.
func (q *Query) reaches(d Day) bool {
	if q.From != (Cursor{}) && d != q.From.Day && (d < q.From.Day) == q.Oldest {
		return false
	}
	return q.After.IsZero() || d >= DayOf(q.After)
}
