// Package pipeline moves packets from sources to records: lanes, rings,
// shards, the correlator and the recorder, one goroutine each.
//
// It is a one-way street. A lane reads one source, decodes, and hands 64-byte
// RTP records to the shard that owns their destination, and SIP and RTCP to
// the correlator. Shards keep the streams and report on them at ticks; the
// correlator keeps dialogs, calls and the binding between them, and gives
// finished records to the recorder, which calls the Sink. Nothing flows back;
// shutdown is "close from the left": each stage ends, after a last flush, when
// its inputs have ended.
//
// Every mutable thing has one writer, so there is no mutex here: the only
// atomics are ring cursors, parking flags, the snapshot pointer and the
// progress counters. Time is packet time; ticks travel in-band, one whenever
// packet time crosses a second, and the correlator applies what the shards
// report only when a tick has come from all of them, in sorted order. The same
// packets therefore give the same records whatever the number of shards, the
// size of batches or the speed of the machine.
//
// The package knows nothing of files, interfaces, printing or alerts: sources
// come in as capture.Source, records leave through the injected Sink.
package pipeline
