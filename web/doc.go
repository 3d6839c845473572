// Package web is what people and machines see of a running probe: /metrics,
// the JSON API, health. It reads snapshots and counters and never touches the
// data path.
package web
