// Package store keeps what calls and streams became, and finds it again: one
// SQLite file for each UTC day, so that keeping for a time is deleting a file,
// and a damaged file costs a day at most.
//
// A call's record is kept as the JSON lines of the records' contract, its
// streams before it, compressed. Beside it stand a few columns to choose by and
// one full-text index of words: pieces of numbers, addresses, findings, names.
//
// It starts no goroutine and reads no clock: whoever calls Write and Sweep says
// when, from one goroutine. A Reader may look at the same folder at any time,
// in another process too. A committed record survives the death of the process;
// a loss of power may take the last seconds, and never the file.
package store
