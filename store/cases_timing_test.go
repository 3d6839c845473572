package store

import (
	"fmt"
	"testing"
	"time"

	"earshot/alerting"
)

// fillCases keeps n cases of a year, a tenth of them open.
func fillCases(tb testing.TB, c *Cases, n int) {
	tb.Helper()
	var j alerting.Journal
	for i := 1; i <= n; i++ {
		one := makeCase(i, 20)
		one.Opened = noon.Add(-time.Duration(n-i) * (365 * 24 * time.Hour / time.Duration(n)))
		one.Subject = fmt.Sprintf("Loss on trunk %d", i%97)
		if i%10 != 0 {
			one.Status, one.Closed = alerting.StatusClosed, one.Opened.Add(time.Hour)
		}
		j.Cases = append(j.Cases, one)
		j.Audit = append(j.Audit, alerting.AuditEntry{Seq: int64(i), At: one.Opened, Who: "ann", What: "case.open", Case: i})
		if len(j.Cases) == 500 || i == n {
			commit(tb, c, &j)
			j = alerting.Journal{}
		}
	}
}

// BenchmarkCasesCommit keeps one case with its audit entry: what a command waits for.
func BenchmarkCasesCommit(b *testing.B) {
	c := openCases(b, b.TempDir())
	b.ReportAllocs()
	for i := 1; b.Loop(); i++ {
		commit(b, c, &alerting.Journal{Cases: []*alerting.Case{makeCase(1+i%100, 20)}, Audit: []alerting.AuditEntry{{Seq: int64(i), At: noon, Case: 1}}})
	}
}

// BenchmarkCasesFind looks among 10,000 cases.
func BenchmarkCasesFind(b *testing.B) {
	c := openCases(b, b.TempDir())
	fillCases(b, c, 10_000)
	for _, tt := range []struct {
		name string
		q    CaseQuery
		want int
	}{
		{"open", CaseQuery{Status: alerting.StatusOpen, Limit: 50}, 50},
		{"a number", CaseQuery{Number: 4711}, 1},
		{"a day", CaseQuery{OpenedSince: noon.AddDate(0, 0, -1), Limit: 50}, 28}, // 10,000 of 365 days, the last at noon itself
		{"a text", CaseQuery{Text: "trunk 42", Limit: 50}, 50},
		{"no such text", CaseQuery{Text: "no such text"}, 0},
	} {
		b.Run(tt.name, func(b *testing.B) {
			for b.Loop() {
				if got, err := c.Find(b.Context(), &tt.q); err != nil || len(got) != tt.want {
					b.Fatalf("got %d, %v, want %d", len(got), err, tt.want)
				}
			}
		})
	}
}
