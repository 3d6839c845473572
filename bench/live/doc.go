// Command live measures the probe on the wire: it has earshot run in a network
// namespace of its own, sends it traffic that callgen made over a veth pair
// from another, and writes what it saw to bench/LIVE.md: the highest rates
// without a drop, processor time, memory, HEP, and what a scrape costs.
//
// Run it from the root of the repository, as root: make bench-live.
package main
