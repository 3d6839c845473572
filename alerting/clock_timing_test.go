package alerting

import "testing"

// What a case costs whenever something happens to it; between that the driver
// waits for Next.
func BenchmarkCaseClocks(b *testing.B) {
	office := calendarsOf(b, testCalendars)["office"]
	plan := BuiltinPlans()[Care]
	events := []CaseEvent{
		{At: instantOf(b, "2026-03-10T10:00+01:00"), What: CaseOpened, Severity: Medium},
		{At: instantOf(b, "2026-03-11T10:00+01:00"), What: CustomerAwaited},
		{At: instantOf(b, "2026-03-13T12:00+01:00"), What: CustomerAnswered},
	}
	now, due := instantOf(b, "2026-03-20T10:00+01:00"), instantOf(b, "2026-04-27T12:00+02:00") // 30 bd, two of them and two hours later
	b.ReportAllocs()
	for b.Loop() {
		clocks := plan.Clocks(office, events)
		if got := clocks.At(now)[Resolution].Due; !got.Equal(due) {
			b.Fatalf("due %s, want %s", got, due)
		}
	}
}

func BenchmarkMaintenanceCovers(b *testing.B) {
	m := maintenanceOf(b, testMaintenance)
	now, where := instantOf(b, "2026-11-20T12:00+01:00"), Where{"acme", "sbc-a"}
	b.ReportAllocs()
	for b.Loop() {
		if m.Covers(now, where) {
			b.Fatal("covered")
		}
	}
}
