// Package rtpstats measures RTP streams as RFC 3550 and RFC 3611 define it.
//
// A [Table] holds the streams of one shard: it takes packets in capture order,
// hints from signalling and ticks of packet time, and gives cumulative reports.
// A stream keeps sequence accounting (RFC 3550 A.1, A.3, with unique loss from
// a window of seen sequence numbers), interarrival jitter (A.8), bursts and
// gaps (RFC 3611 4.7.2), two jitter-buffer models, clock skew, packet time and
// the marks that it met on its way.
//
// One goroutine drives a table. The package knows no wall clock, no SIP and no
// score: the same packets, hints and ticks always give the same reports.
package rtpstats
