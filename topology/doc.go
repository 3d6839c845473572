// Package topology knows the site: named peers (networks), segments (which
// part of the path an address pair, a trunk, a VLAN or a capture point belongs
// to) and capture points. A Plan is immutable; a reload makes another one.
//
// It knows nothing of packets, calls and files: addresses and names come in,
// numbers go out, and the same question always gets the same answer.
package topology
