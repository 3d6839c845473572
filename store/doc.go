// Package store keeps what calls and streams became, and the cases that came of
// them, and finds both again.
//
// Records lie in one SQLite file for each UTC day, so that keeping for a time
// is deleting a file, and a damaged file costs a day at most. A call's record is
// kept as the JSON lines of the records' contract, its streams before it,
// compressed. Beside it stand a few columns to choose by and one full-text
// index of words: pieces of numbers, addresses, findings, names.
//
// Cases, changes of the network and the audit log lie in one file of their own,
// a journal of the desk a transaction.
//
// It starts no goroutine and reads no clock: whoever writes and sweeps says
// when, records from one goroutine, cases from one. Readers may look at the
// same folder at any time, in another process too. What was committed survives
// the death of the process; a loss of power may take the last seconds of
// records, and never a file, nor a case.
package store
