// Package rig is what the live measurements share: two network namespaces with
// a veth pair between them, a sender that puts frames or datagrams on the wire
// at a rate or at the times of a capture, traffic for it, and a probe that runs
// in the other namespace and is asked for its metrics.
//
// It needs root and Linux. What it makes it also deletes.
package rig
