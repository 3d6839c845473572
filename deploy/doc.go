// Package deploy holds what is installed around the binary: the systemd unit,
// the Debian package, Prometheus rules and the Grafana dashboard. Its tests run
// every query of rules and dashboard against real servers, and install the
// package into a scratch root. It exports nothing.
package deploy
