package rtpstats

import (
	"math/rand"
	"reflect"
	"slices"
	"testing"
)

func TestIntervalsFollowTheGrid(t *testing.T) {
	s := newScript(1)
	s.p.At = 1_700_000_003e9 + 5e8
	s.send(400, 20, 8000) // 3.5 s to 11.5 s
	s.pass(60_000, 8000)  // silent for a minute: no empty intervals
	s.send(10, 20, 8000)  // 71.5 s
	final, intervals := run(t, Config{Idle: 100e9}, s.ps, pcmuHint())
	checkIntervals(t, &final[0], intervals[0])
	type span struct {
		start, end int64
		packets    uint32
	}
	const origin, ms = int64(1_700_000_000e9), int64(1e6)
	want := []span{{3500 * ms, 5000 * ms, 75}, {5000 * ms, 10000 * ms, 250}, {10000 * ms, 15000 * ms, 75}, {70000 * ms, 71680 * ms, 10}}
	var got []span
	for _, v := range intervals[0] {
		got = append(got, span{v.Start - origin, v.End - origin, v.Packets})
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestLateArrivalRepairsEarlierInterval(t *testing.T) {
	s := newScript(1).send(300, 20, 8000)
	lost := s.ps[245]
	lost.At = s.ps[252].At + 1
	s.ps = append(append(append([]Packet(nil), s.ps[:245]...), s.ps[246:253]...), append([]Packet{lost}, s.ps[253:]...)...)
	final, intervals := run(t, Config{}, s.ps, pcmuHint())
	checkIntervals(t, &final[0], intervals[0])
	if v := intervals[0]; len(v) != 2 || v[0].Lost != 1 || v[1].Lost != -1 || final[0].Lost != 0 {
		t.Errorf("intervals %+v, want losses of 1 and -1", v)
	}
}

func TestDropsMarkTheOpenInterval(t *testing.T) {
	table, k := NewTable(Config{}), newKeeper()
	hint := pcmuHint()
	table.Hint(&hint)
	s := newScript(1).send(500, 20, 8000)
	at := s.p.At - 10e9
	table.UpdateBatch(s.ps[:200], nil)
	table.Tick(at+4e9, 7, k.keep)
	table.UpdateBatch(s.ps[200:250], nil)
	table.Tick(at+5e9, 0, k.keep)
	table.UpdateBatch(s.ps[250:], nil)
	table.Close(k.keep)
	v := k.intervals[0]
	if len(v) != 2 || !v[0].Suspect || v[1].Suspect || k.final[0].CaptureDrops != 1 {
		t.Errorf("intervals %+v, drops %d; want the first one suspect and 1", v, k.final[0].CaptureDrops)
	}
}

func TestIdleStreamsEnd(t *testing.T) {
	table, k := NewTable(Config{}), newKeeper()
	hint := pcmuHint()
	table.Hint(&hint)
	s := newScript(1).send(10, 20, 8000)
	table.UpdateBatch(s.ps, nil)
	end := s.ps[9].At
	table.Tick(end+60e9-1, 0, k.keep)
	if len(k.final) != 0 {
		t.Fatalf("ended before the idle time")
	}
	table.Tick(end+60e9, 0, k.keep)
	if len(k.final) != 1 || k.final[0].End != end || table.Counters().Streams != 0 {
		t.Errorf("%d final reports, %d streams left", len(k.final), table.Counters().Streams)
	}
	if table.index.used != 0 {
		t.Errorf("%d index entries left", table.index.used)
	}
	s.send(10, 20, 8000)
	table.UpdateBatch(s.ps[10:], nil)
	table.Close(k.keep)
	if len(k.final) != 2 || k.final[1].Packets != 10 {
		t.Errorf("a stream that comes back is a new one")
	}
}

func TestTimeJumps(t *testing.T) {
	table, k := NewTable(Config{}), newKeeper()
	hint := pcmuHint()
	table.Hint(&hint)
	s := newScript(1).send(100, 20, 8000)
	for _, at := range []int64{0, 1 << 62, -1 << 62, 5, 1<<63 - 1} {
		for i := range s.ps {
			s.ps[i].At = at + int64(i)*20e6
		}
		table.UpdateBatch(s.ps, nil)
		table.Tick(at, 0, k.keep)
	}
	table.Close(k.keep)
	for i := range k.final {
		checkIntervals(t, &k.final[i], k.intervals[i])
		if r := k.final[i]; r.End < r.Start || r.DeltaMaxMS < 0 || r.Jitter.Max < 0 {
			t.Errorf("stream %d ends before it starts: %+v", i, r)
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	table := NewTable(Config{MaxStreams: 3})
	hint := pcmuHint()
	table.Hint(&hint)
	for i := range uint32(10) {
		p := testPacket(1)
		p.SSRC = i
		table.UpdateBatch([]Packet{p, p}, nil)
	}
	if c := table.Counters(); c.Streams != 3 || c.RefusedStreams != 14 {
		t.Errorf("streams %d refused %d, want 3 and 14 packets", c.Streams, c.RefusedStreams)
	}
}

// TestFloodTowardsAnnouncedPort: made-up SSRCs, a packet each, may not take the
// place of streams; one that behaves still gets in.
func TestFloodTowardsAnnouncedPort(t *testing.T) {
	table, k := NewTable(Config{}), newKeeper()
	hint := pcmuHint()
	table.Hint(&hint)
	p := testPacket(1)
	for i := range uint32(50_000) {
		p.SSRC = i
		p.At += 1000
		table.UpdateBatch([]Packet{p}, nil)
	}
	if c := table.Counters(); c.Streams != trustedStreams {
		t.Errorf("%d streams, want %d", c.Streams, trustedStreams)
	}
	s := newScript(1)
	s.p.At = p.At
	s.p.SSRC = 1 << 30
	table.UpdateBatch(s.send(10, 20, 8000).ps, nil)
	if c := table.Counters(); c.Streams != trustedStreams+1 {
		t.Errorf("%d streams, want one more: ten packets in sequence", c.Streams)
	}
	table.Tick(s.p.At+100e9, 0, k.keep)
	if c := table.Counters(); c.Streams != 0 || c.Probation != 0 || c.Rejected != 50_000-trustedStreams {
		t.Errorf("after a while: %+v", c)
	}
}

func TestCaptureCopies(t *testing.T) {
	s := newScript(1)
	for range 20 {
		s.send(1, 20, 8000)
		copied := s.ps[len(s.ps)-1]
		copied.Link |= LinkCopy
		s.ps = append(s.ps, copied)
	}
	r := s.report(t, pcmuHint())
	if r.Packets != 20 || r.CaptureCopies != 20 || r.Duplicates != 0 || r.Jitter.Max > 1e-9 {
		t.Errorf("packets %d copies %d duplicates %d", r.Packets, r.CaptureCopies, r.Duplicates)
	}
}

// TestReportsAreSorted: the order of reports is that of the keys, whatever the
// order of arrival and the seed of the hash.
func TestReportsAreSorted(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	ps := roundRobin(300)
	var many []Packet
	for round := range 300 {
		advance(ps, round)
		many = append(many, ps...)
	}
	rng.Shuffle(300, func(i, j int) { many[i], many[j] = many[j], many[i] })
	first, _ := run(t, Config{}, many)
	again, _ := run(t, Config{}, many)
	if len(first) != 300 || len(again) != 300 {
		t.Fatalf("got %d and %d streams, want 300", len(first), len(again))
	}
	for i := range first {
		if first[i].Src != again[i].Src || first[i].SSRC != again[i].SSRC || first[i].Jitter != again[i].Jitter {
			t.Fatalf("report %d differs between runs", i)
		}
		if i > 0 && first[i].Src.Compare(first[i-1].Src) < 0 {
			t.Fatalf("report %d out of order", i)
		}
	}
}

// TestBatchesDoNotMatter: however the packets are cut into batches, the reports
// are the same.
func TestBatchesDoNotMatter(t *testing.T) {
	n := impair(rand.New(rand.NewSource(4)), 3000, 0.03, 0.02, 0.02)
	hint := pcmuHint()
	var want Report
	for _, size := range []int{1, 7, 64, 65, 1000, len(n.packets)} {
		table, k := NewTable(Config{}), newKeeper()
		table.Hint(&hint)
		for ps := n.packets; len(ps) > 0; ps = ps[min(size, len(ps)):] {
			table.UpdateBatch(ps[:min(size, len(ps))], nil)
		}
		table.Close(k.keep)
		if size == 1 {
			want = k.final[0]
		}
		if got := k.final[0]; !reflect.DeepEqual(got, want) {
			t.Errorf("batches of %d: got %+v\nwant %+v", size, got, want)
		}
	}
}

// TestBadRuns: three runs of loss, two of them in the first interval.
func TestBadRuns(t *testing.T) {
	s := newScript(1).send(400, 20, 8000)
	ps := slices.Concat(s.ps[:50], s.ps[51:100], s.ps[103:300], s.ps[310:])
	final, intervals := run(t, Config{}, ps, pcmuHint())
	r, v := final[0], intervals[0]
	checkIntervals(t, &r, v)
	if len(v) != 2 || v[0].BadRuns != 2 || v[1].BadRuns != 1 || v[0].Lost != 4 || v[1].Lost != 10 {
		t.Errorf("intervals %+v, want 2 and 1 runs of 4 and 10 packets", v)
	}
	if l := r.LossRuns; l.Runs != 3 || l.Longest != 10 || l.Count != [10]uint32{0: 1, 2: 1, 9: 1} {
		t.Errorf("loss runs %+v", l)
	}
	// Mean run of 14/3 packets, 14 of 400 lost: G.107's BurstR is 14/3 (1 - 14/400).
	if !near(r.Bursts.BurstRatio, 14.0/3*(1-14.0/400), 1e-12) || r.Bursts.Bursts != 2 {
		t.Errorf("bursts %+v", r.Bursts)
	}
}

func TestIndexAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	x := newIndex()
	want := map[ref]uint32{}
	for i := range 50_000 {
		r := streamRef(uint32(rng.Intn(3000)))
		if h, ok := want[r]; ok {
			x.remove(h, r)
			delete(want, r)
			continue
		}
		h := rng.Uint32() & 0xff // long probe sequences
		if rng.Intn(2) == 0 {
			h = rng.Uint32()
		}
		x.insert(h, r)
		want[r] = h
		if i%5000 == 0 {
			checkIndex(t, &x, want)
		}
	}
	checkIndex(t, &x, want)
}

func checkIndex(t *testing.T, x *index, want map[ref]uint32) {
	t.Helper()
	if x.used != len(want) {
		t.Fatalf("%d entries, want %d", x.used, len(want))
	}
	for r, h := range want {
		i := h & x.mask()
		for x.slots[i].ref != r {
			if x.slots[i].ref == 0 {
				t.Fatalf("entry %d of hash %x is not found", r, h)
			}
			i = (i + 1) & x.mask()
		}
	}
}

func TestNoAllocations(t *testing.T) {
	table := NewTable(Config{})
	ps := roundRobin(64)
	round := 0
	step := func() {
		round++
		advance(ps, round)
		if round%7 == 0 { // loss, duplicates and reordering cost no memory either
			ps[3].Seq++
			ps[5].Seq--
		}
		table.UpdateBatch(ps, nil)
	}
	emit := func(*Report) {}
	for range 300 {
		step()
		table.Tick(ps[0].At, 0, emit)
	}
	if n := testing.AllocsPerRun(500, step); n != 0 {
		t.Errorf("UpdateBatch allocates %v times", n)
	}
	if n := testing.AllocsPerRun(500, func() { step(); table.Tick(ps[0].At, 0, emit) }); n != 0 {
		t.Errorf("Tick allocates %v times", n)
	}
}
