// Package alerting turns what was measured into alerts and cases: rules and
// their windows, severities, plans of targets and their clocks in business
// time, maintenance windows, escalation and follow-up.
//
// Time is always an argument and follows from packets or events; the package
// starts no goroutine, reads no clock and draws no lots, so the same events
// give the same alerts and the same due times. It delivers nothing: where
// alerts and cases go is for those who drive it.
package alerting
