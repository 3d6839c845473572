// Package mos is the arithmetic of the E-model: from loss, burst ratio, delay
// and codec to R and MOS, by ITU-T G.107 (narrowband), G.107.1 (wideband) and
// G.107.2 (fullband), with the table of what is published about each codec.
//
// It promises the recommendations' equations to the last digit, scores that
// never improve when loss or delay grows, and an error instead of a guess
// where nobody published a value. It refuses to know packets, streams, clocks
// and jitter buffers: those make the numbers that it is fed with.
//
// [Params] holds the raw equations with every parameter. [LQ] and [CQ] are
// what a monitor asks: the listening quality, and the conversational quality
// that also counts the delay, with the models' limits of validity applied.
// Both leave echo out, for a passive tap cannot see it (T = Tr = 0).
package mos
