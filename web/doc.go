// Package web is what people and machines see of a running probe, and what they
// want of its cases: metrics, the JSON API, health, and the push to a metrics
// store.
//
// It promises metric names, types and labels as docs/metrics.md lists them,
// label values from closed sets only, a number of series that is reckoned
// before the start and held, counters that never decrease, and that reading
// never makes the data path wait. It reads snapshots and counters; it refuses
// to know packets, and keeps nothing that a snapshot or a record does not say.
//
// Cases belong to a Desk. What somebody may do is held by path (routes.go), who
// somebody is by guard.go: no command is obeyed that a foreign page could send,
// that has no author, or that was done before.
package web
