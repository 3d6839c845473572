package rtpstats

import "time"

// MiddleNTP returns the middle 32 bits of an NTP timestamp, which is how
// report blocks quote the sender report that they answer (LSR, RFC 3550 6.4.1).
func MiddleNTP(ntp uint64) uint32 { return uint32(ntp >> 16) }

// DLSRMS turns a delay since last SR, counted in 1/65536 s, into milliseconds.
func DLSRMS(dlsr uint32) float64 { return float64(dlsr) * 1000 / 65536 }

// maxRoundTripMS bounds a believable round trip; beyond it some clock jumped or
// an old LSR was quoted.
const maxRoundTripMS = 10_000

// HalfRoundTripMS returns the round trip between the tap and the reporter of a
// reception report, in ms: the tap saw the sender report at sr and the report
// that quotes it at rr (both ns), and the reporter held it for dlsr. Half of
// the whole path's round trip comes from each direction, and the sum of both
// is the round trip between the ends. It reports false for what can't be.
func HalfRoundTripMS(sr, rr int64, dlsr uint32) (float64, bool) {
	ms := float64(rr-sr)/float64(time.Millisecond) - DLSRMS(dlsr)
	return ms, ms > 0 && ms <= maxRoundTripMS
}
