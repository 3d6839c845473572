// Command callgen writes captures of SIP calls and their RTP, made from a seed,
// and beside each capture a truth file that says what is in it: per stream what
// was sent, lost, repeated and late, per call what happened and when.
//
// It promises two things. The same flags and seed give the same bytes, and the
// truth comes from the generator's own knowledge of every packet's fate, never
// from decoding what it wrote. It streams: a wheel of events ordered by capture time
// holds one entry per live stream and call, so the capture's length costs no memory.
//
// Beside groups of calls it knows site scenarios: sites, an SBC and trunks over
// hours or days, with faults whose labels the truth file bears.
//
// It imports nothing of the monitor that it tests.
package main
