package rtpstats

import (
	"encoding/binary"
	"math"
	"math/rand"
	"testing"
)

// fuzzOp is how many octets make one step of FuzzTable.
const fuzzOp = 12

// fuzzPacket builds a packet from one step: few sources and destinations, so
// that streams come about, and arbitrary everything else.
func fuzzPacket(op []byte, at int64) Packet {
	p := testPacket(binary.BigEndian.Uint16(op[2:]))
	p.At = at
	p.SSRC = uint32(op[1] & 3)
	p.DstPort = 4000 + uint16(op[1]>>2&3)
	p.Timestamp = binary.BigEndian.Uint32(op[4:])
	p.MarkerPT = op[8]
	p.PayloadLen = uint16(op[9])
	p.Link = op[10] & 0x8f
	p.Head = [2]uint8{op[10], op[11]}
	p.TTL = op[11] >> 6
	return p
}

// FuzzTable drives a small table with arbitrary packets, hints, ticks and time
// jumps. Nothing may panic, bounds hold, and every report is consistent.
func FuzzTable(f *testing.F) {
	steady := []byte{}
	for i := range byte(40) {
		steady = append(steady, 0, 0, 0, i, 0, 0, byte(int(i)*160>>8), i*160, 0, 160, 0, 0)
	}
	f.Add(steady)
	f.Add([]byte("\x00\x01\xff\xff\x00\x00\x00\x00\x08\xa0\x00\x00\xf0\x00\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00"))
	f.Fuzz(driveTable)
}

// TestRandomOperations runs FuzzTable's steps on streams that are mostly sane,
// so that sequence and timing are exercised more than the guard against junk.
func TestRandomOperations(t *testing.T) {
	rng := rand.New(rand.NewSource(12))
	for range 600 {
		var data []byte
		var seq [16]uint16
		for range 300 {
			op := make([]byte, fuzzOp)
			rng.Read(op)
			if rng.Intn(20) != 0 {
				op[0] &= 0x0f
				n := op[1] & 15
				seq[n] += 1 + uint16(rng.Intn(12)/11)*uint16(rng.Intn(200)-100)
				if rng.Intn(60) == 0 {
					seq[n] = uint16(rng.Uint32())
				}
				binary.BigEndian.PutUint16(op[2:], seq[n])
				binary.BigEndian.PutUint32(op[4:], uint32(seq[n])*160+uint32(rng.Intn(50)/49)*rng.Uint32())
				op[8] = [...]byte{0, 0, 0, 8, 101, 13, 0x80, op[8]}[rng.Intn(8)]
				op[10] &= 0x7f | op[11]&0x80
			}
			data = append(data, op...)
		}
		driveTable(t, data)
	}
}

// driveTable reads data as steps.
func driveTable(t *testing.T, data []byte) {
	table, k := NewTable(Config{MaxStreams: 6, MaxProbation: 5}), newKeeper()
	emit := func(r *Report) {
		checkReport(t, r)
		k.keep(r)
	}
	at := int64(1_700_000_000e9)
	var batch []Packet
	for ; len(data) >= fuzzOp; data = data[fuzzOp:] {
		op := data[:fuzzOp]
		switch op[0] >> 4 {
		default:
			at += int64(op[0]&15) * 4e6
			batch = append(batch, fuzzPacket(op, at))
			continue
		case 12: // time runs backwards a little
			at -= int64(op[1]) * 1e6
			continue
		case 13: // a jump to anywhere
			at = int64(binary.BigEndian.Uint64(op[4:]))
			continue
		case 14, 15:
		}
		table.UpdateBatch(batch, nil)
		batch = batch[:0]
		if op[0]>>4 == 14 {
			h := pcmuHint()
			p := fuzzPacket(op, at)
			h.At, h.Endpoint, h.Owner, h.Kind, h.SRTP = at, p.Destination(), uint64(op[2]), MediaKind(op[3]&3), op[3]&4 != 0
			h.Formats = append(h.Formats, Format{PayloadType: op[8], Encoding: string(op[9:11]), ClockRate: int(int32(binary.BigEndian.Uint32(op[4:])))})
			table.Hint(&h)
			continue
		}
		at += int64(op[1]) * 1e9
		table.Tick(at, uint64(op[2]&1), emit)
	}
	table.UpdateBatch(batch, nil)
	table.Close(emit)
	if c := table.Counters(); c.Streams != 0 || c.Probation != 0 || table.index.used != 0 || table.chunks.live() != 0 || c.Endpoints > 12 {
		t.Errorf("after Close: %+v, %d index entries, %d chunks", c, table.index.used, table.chunks.live())
	}
	for i := range k.final {
		checkCounts(t, &k.final[i], k.intervals[i])
	}
}

// checkReport holds what is true of every report.
func checkReport(t *testing.T, r *Report) {
	t.Helper()
	if r.Lost > r.Expected || r.Expected-r.Lost > r.Packets || r.End < r.Start || r.Packets == 0 {
		t.Errorf("impossible counts: %+v", r)
	}
	if n := r.Bursts.BurstPackets + r.Bursts.GapPackets; n != r.Expected {
		t.Errorf("bursts and gaps hold %d packets of %d expected", n, r.Expected)
	}
	if bad := r.Bursts.BurstBad + r.Bursts.GapBad; bad < r.Lost {
		t.Errorf("bursts and gaps hold %d bad packets of %d lost", bad, r.Lost)
	}
	for _, v := range []float64{
		r.Jitter.Last, r.Jitter.Mean, r.Jitter.Max, r.DeltaMaxMS, r.BufferMeanMS, r.PTimeMS, r.Bursts.BurstRatio,
		r.Bursts.BurstDensity, r.Bursts.GapDensity, r.Bursts.BurstMS, r.Bursts.GapMS, r.Mode.BitrateKbps, r.Interval.JitterMS, r.Interval.BufferMS,
	} {
		if !(v >= 0) || math.IsInf(v, 0) {
			t.Errorf("impossible figure %v in %+v", v, r)
		}
	}
	if math.IsNaN(r.SkewPPM) || len(r.PayloadTypes) == 0 || len(r.PayloadTypes) != len(r.Codecs) {
		t.Errorf("skew %v, payload types %v of codecs %v", r.SkewPPM, r.PayloadTypes, r.Codecs)
	}
}
