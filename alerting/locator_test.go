package alerting

import (
	"math"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"earshot/dialog"
)

func TestMakeOf(t *testing.T) {
	for agent, want := range map[string]string{
		"Cisco-CP8851/14.2":               "Cisco-CP8851",
		"Yealink SIP-T46U 108.86.0.20":    "Yealink SIP-T46U",
		"PolyEdge-E350-UA/8.1.1":          "PolyEdge-E350-UA",
		"Zoiper rv2.8.30-mod":             "Zoiper rv2.8.30-mod",
		"Asterisk PBX 18.9-cert3":         "Asterisk PBX",
		"Asterisk PBX v1.6.2":             "Asterisk PBX",
		"snomD785/10.1.64.14 000413A1B2C": "snomD785",
		"2.0":                             "",
		"":                                "",
	} {
		if got := makeOf(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

func TestSubnets(t *testing.T) {
	for _, tt := range []struct{ addr, narrow, wide string }{
		{"10.40.7.9", "10.40.7.0/24", "10.40.0.0/16"},
		{"::ffff:10.40.7.9", "10.40.7.0/24", "10.40.0.0/16"},
		{"2001:db8:17:3::9", "2001:db8:17::/48", "2001:db8::/32"},
		{"fe80::1%eth0", "fe80::/48", "fe80::/32"},
	} {
		d := newDictionary()
		var e end
		d.subnet(&e, colSource, netip.MustParseAddr(tt.addr))
		d.subnet(&e, colSink, netip.MustParseAddr(tt.addr))
		for _, x := range []struct {
			col  column
			want string
		}{{colSource, tt.narrow}, {colSourceWide, tt.wide}, {colSink, tt.narrow}, {colSinkWide, tt.wide}} {
			f := d.factor(item{x.col, e[x.col]})
			if f.Value != x.want || columnOf(f) != x.col {
				t.Errorf("%s: %v, want %s", tt.addr, f, x.want)
			}
		}
	}
}

// group is a number of members that are alike.
type group struct {
	segment, direction, codec, agent uint32
	n, affected                      int
}

func membersOf(groups []group) []member {
	var list []member
	for _, g := range groups {
		e := end{colSegment: g.segment, colDirection: g.direction, colCodec: g.codec, colAgent: g.agent}
		for i := range g.n {
			list = append(list, member{ends: []end{e}, affected: i < g.affected, weight: 1})
		}
	}
	return list
}

func TestExplain(t *testing.T) {
	const a, b, c = 1, 2, 3
	for _, tt := range []struct {
		name   string
		groups []group
		want   []item
	}{
		{"one segment", []group{{segment: a, n: 30, affected: 28}, {segment: b, n: 60}, {segment: c, n: 60}}, []item{{colSegment, a}}},
		{"one direction of it", []group{{segment: a, direction: 1, n: 30, affected: 28}, {segment: a, direction: 2, n: 30}, {segment: b, direction: 1, n: 60}},
			[]item{{colSegment, a}, {colDirection, 1}}},
		{"one codec everywhere: the broad factor, not two places", []group{
			{segment: a, codec: 1, n: 20, affected: 19}, {segment: b, codec: 1, n: 20, affected: 20}, {segment: a, codec: 2, n: 40}, {segment: b, codec: 2, n: 40}},
			[]item{{colCodec, 1}}},
		{"one codec in one segment", []group{
			{segment: a, codec: 1, n: 20, affected: 19}, {segment: b, codec: 1, n: 20}, {segment: a, codec: 2, n: 40}, {segment: b, codec: 2, n: 40}},
			[]item{{colSegment, a}, {colCodec, 1}}},
		{"codec and segment are the same calls: the segment is told", []group{{segment: a, codec: 1, n: 20, affected: 19}, {segment: b, codec: 2, n: 40}}, []item{{colSegment, a}}},
		{"a make of phone is told only where it tells more than the segment", []group{{segment: a, agent: 1, n: 20, affected: 20}, {segment: b, agent: 2, n: 40}}, []item{{colSegment, a}}},
		{"one in twenty, all in one place", []group{{segment: a, n: 400, affected: 20}, {segment: b, n: 400}}, []item{{colSegment, a}}},
		{"all alike: nothing", []group{{segment: a, n: 100, affected: 10}, {segment: b, n: 200, affected: 20}, {segment: c, n: 300, affected: 30}}, nil},
		{"everybody: nothing", []group{{segment: a, n: 10, affected: 10}, {segment: b, n: 10, affected: 10}}, nil},
		{"a single one: chance", []group{{segment: a, n: 10, affected: 1}, {segment: b, n: 10}}, nil},
		{"two of eight: chance", []group{{segment: a, n: 4, affected: 2}, {segment: b, n: 4}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := explain(membersOf(tt.groups))
			if x == nil {
				x = &explanation{}
			}
			if !slices.Equal(x.items, tt.want) {
				t.Errorf("%v, want %v", x.items, tt.want)
			}
		})
	}
}

// A call has a set of factors where one of its ends has all of them, not where
// one end has one and the other end another.
func TestExplainEnds(t *testing.T) {
	var list []member
	for i := range 60 {
		from := end{colSegment: 1, colDirection: 1}
		to := end{colSegment: 2 + uint32(i%2), colDirection: 2}
		if i%4 > 1 {
			from[colDirection], to[colDirection] = 2, 1 // the other way
		}
		list = append(list, member{ends: []end{from, to}, affected: i%4 == 0, weight: 1})
	}
	x := explain(list)
	if want := []item{{colSegment, 2}, {colDirection, 2}}; x == nil || !slices.Equal(x.items, want) || x.inside != (count{15, 15}) {
		t.Errorf("%+v, want %v with 15 of 15", x, want)
	}
}

// Surprise by hand: 1 of 4 has -ln(1/4) - 3 ln(3/4) = 1.386294 + 0.863046.
func TestSurprise(t *testing.T) {
	if got := (count{1, 4}).surprise(); math.Abs(got-2.249341) > 1e-6 {
		t.Errorf("%g, want 2.249341", got)
	}
	for _, c := range []count{{}, {0, 9}, {9, 9}} {
		if c.surprise() != 0 {
			t.Errorf("%v is a surprise of %g, want none", c, c.surprise())
		}
	}
}

// The order of members does not matter, nor does it when all of them come twice.
func TestExplainOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var groups []group
		for range rapid.IntRange(1, 12).Draw(t, "groups") {
			g := group{
				segment: rapid.Uint32Range(0, 3).Draw(t, "segment"), direction: rapid.Uint32Range(0, 2).Draw(t, "direction"),
				codec: rapid.Uint32Range(0, 2).Draw(t, "codec"), agent: rapid.Uint32Range(0, 2).Draw(t, "agent"), n: rapid.IntRange(1, 20).Draw(t, "n"),
			}
			g.affected = rapid.IntRange(0, g.n).Draw(t, "affected")
			groups = append(groups, g)
		}
		list := membersOf(groups)
		first := explain(list)
		second := explain(rapid.Permutation(list).Draw(t, "order"))
		if (first == nil) != (second == nil) || first != nil && (!slices.Equal(first.items, second.items) || first.score != second.score) {
			t.Fatalf("%+v, in another order %+v", first, second)
		}
		if first == nil {
			return
		}
		if len(first.items) > maxFactors || first.inside.share() <= (count{first.inside.affected + first.outside.affected, first.inside.total + first.outside.total}).share() {
			t.Fatalf("%+v explains nothing", first)
		}
	})
}

// When a fault began: good until 40, then bad; one that was bad long before is no
// beginning; a faint one that began with the first of its few is told from there.
func TestChangeOf(t *testing.T) {
	var list []showing
	add := func(from, to, every int) {
		for at := from; at < to; at++ {
			list = append(list, showing{uint32(at), every > 0 && (at-from)%every == 0})
		}
	}
	add(1, 40, 0)
	add(40, 80, 1)
	if got := changeOf(list); got != 40 {
		t.Errorf("began at %d, want 40", got)
	}
	list[5].affected = true
	if got := changeOf(list); got != 40 {
		t.Errorf("with one bad one long before: began at %d, want 40", got)
	}
	list = nil
	add(1, 200, 0)
	add(200, 600, 50)
	if got := changeOf(list); got != 200 {
		t.Errorf("one of fifty: began at %d, want 200", got)
	}
	if got := changeOf(list[:150]); got != 0 {
		t.Errorf("nothing is wrong since %d", got)
	}
}

// Which stream of a call feeds another one.
func TestUpstream(t *testing.T) {
	stream := func(src, dst string, ssrc uint32, start int64, who dialog.Speaker, hop uint8) *streamUnit {
		u := &streamUnit{speaker: who, hop: hop}
		o := dialog.Observation{Src: netip.MustParseAddrPort(src), Dst: netip.MustParseAddrPort(dst), SSRC: ssrc, StreamStart: start}
		u.key = keyOf(&o)
		return u
	}
	const phone, sbc, inner, gate = "10.0.0.1:4000", "192.0.2.1:5000", "192.0.2.99:6000", "203.0.113.1:7000"
	caller, callee, unknown := dialog.SpeakerCaller, dialog.SpeakerCallee, dialog.SpeakerUnknown
	for _, tt := range []struct {
		name string
		a, b *streamUnit
		want bool // a is upstream of b
	}{
		{"caller's hops", stream(phone, sbc, 1, 0, caller, 1), stream(inner, gate, 2, 0, caller, 2), true},
		{"callee's hops count backwards", stream(gate, inner, 1, 0, callee, 2), stream(sbc, phone, 2, 0, callee, 1), true},
		{"the relay's host, without hops", stream(phone, sbc, 1, 5, unknown, 0), stream(sbc, gate, 2, 0, unknown, 0), true},
		{"the two voices of one hop", stream(phone, sbc, 1, 0, unknown, 0), stream(sbc, phone, 2, 0, unknown, 0), false},
		{"different speakers", stream(phone, sbc, 1, 0, caller, 1), stream(sbc, gate, 1, 1, callee, 2), false},
		{"the same SSRC heard earlier", stream(phone, sbc, 7, 0, unknown, 0), stream(inner, gate, 7, 1, unknown, 0), true},
		{"an echo", stream(phone, sbc, 7, 0, caller, 1), stream(sbc, phone, 7, 1, callee, 1), true},
		{"strangers", stream(phone, sbc, 7, 0, unknown, 0), stream(inner, gate, 8, 1, unknown, 0), false},
	} {
		if got := tt.a.upstreamOf(tt.b); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if tt.want && tt.b.upstreamOf(tt.a) {
			t.Errorf("%s: both ways", tt.name)
		}
	}
}

// A table that is full keeps whole calls of a sample, which stand for the others.
func TestUnitTableSamples(t *testing.T) {
	table := newUnitTable(1000)
	table.rejudge(make(judgements, 3), make(judgements, 2))
	kept := map[uint64]bool{}
	for n := range 10_000 {
		key := callKey(string(rune('a'+n%26)) + string(rune(n)))
		c := table.call(key, int64(n))
		if c == none {
			continue
		}
		kept[key] = true
		for s := range 2 {
			table.stream(c, &streamKey{0: byte(s)})
		}
	}
	if table.size() > 1000+2 || table.level == 0 || table.sampled == 0 {
		t.Fatalf("%d units at level %d, %d left out", table.size(), table.level, table.sampled)
	}
	calls := 0
	for i := range table.calls {
		c := &table.calls[i]
		if !c.used {
			continue
		}
		calls += 1 << c.level
		streams := 0
		for s := c.first; s != none; s = table.streams[s].next {
			streams++
		}
		if c.key&(1<<table.level-1) != 0 || streams != 2 || c.level != table.level {
			t.Fatalf("%+v with %d streams at level %d", c, streams, table.level)
		}
	}
	if calls < 8500 || calls > 11_500 {
		t.Errorf("the sample stands for %d calls, want about 10,000", calls)
	}
	for range 120 {
		table.sweep(int64(10_000)+2*unitKept, func(int32) {})
	}
	if table.size() != 0 || len(table.byKey) != 0 {
		t.Errorf("%d units are left after hours", table.size())
	}
}
