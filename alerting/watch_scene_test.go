package alerting

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"earshot/dialog"
	"earshot/rtpstats"
	"earshot/topology"
)

// relayed is a site whose SBC relays every call between three offices and three
// trunks: four streams a call, of which the second carries on the first, and the
// fourth the third. A call of a minute begins every second.
type relayed struct {
	w    *Watch
	plan *topology.Plan
	now  int // the second that comes next
}

// call is one call of the scene; what it is like follows from its number.
type call struct{ n int }

func (c call) office() int { return c.n % 3 }
func (c call) trunk() int  { return c.n / 3 % 3 }
func (c call) codec() string {
	if c.n/9%2 == 0 {
		return "PCMA"
	}
	return "G729"
}
func (c call) phone() string {
	if c.n/18%3 == 0 {
		return "Cisco-CP8851/14.2"
	}
	return "Yealink SIP-T46U 108.86.0.20"
}

// The four streams of a call, by where they are seen.
const (
	fromPhone = iota // access segment, from_peer
	toTrunk          // trunk, to_peer
	fromTrunk        // trunk, from_peer
	toPhone          // access segment, to_peer
)

var offices, trunks = [3]string{"berlin", "hamburg", "munich"}, [3]string{"trunk-a", "trunk-b", "trunk-c"}

func newRelayed(t testing.TB, rules *RuleSet, change func(*WatchConfig)) *relayed {
	t.Helper()
	var cfg topology.Config
	d := &Directory{Segments: map[string]*SegmentFacts{}, Peers: map[string]*PeerFacts{"sbc": {Owner: "operator"}}, Operator: "noc"}
	add := func(segment, peer, network, owner string) {
		cfg.Peers = append(cfg.Peers, topology.PeerConfig{Name: peer, Networks: []netip.Prefix{netip.MustParsePrefix(network)}})
		if segment != "" {
			cfg.Segments = append(cfg.Segments, topology.SegmentConfig{Name: segment, Near: []string{"sbc"}, Far: []string{peer}})
			d.Segments[segment] = &SegmentFacts{Name: segment, Owner: owner}
		}
	}
	add("", "sbc", "192.0.2.16/28", "")
	for i, name := range trunks {
		add(name, "carrier-"+name, fmt.Sprintf("203.0.%d.0/24", i), "owner-"+name)
	}
	for i, name := range offices {
		add("access-"+name, name, fmt.Sprintf("10.%d.0.0/24", i), "customer")
	}
	plan, err := topology.New(cfg, []string{"probe"})
	if err != nil {
		t.Fatal(err)
	}
	if rules == nil {
		if rules, err = DefaultRules(); err != nil {
			t.Fatal(err)
		}
	}
	wc := WatchConfig{Rules: rules, Plan: plan, Directory: d}
	if change != nil {
		change(&wc)
	}
	return &relayed{w: NewWatch(wc), plan: plan}
}

// stream is the observation of one stream of a call in the five seconds up to at.
func (r *relayed) stream(c call, which, at int) *dialog.Observation {
	phone := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(c.office()), 0, byte(1 + c.n%40)}), 4000)
	gate := netip.AddrPortFrom(netip.AddrFrom4([4]byte{203, 0, byte(c.trunk()), 1}), uint16(10_000+c.n*2))
	sbc := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, 17}), uint16(10_000+c.n*2))
	o := &dialog.Observation{
		SSRC: uint32(c.n*2 + which/2), StreamStart: ns(c.n) + int64(which)*1000, Call: fmt.Sprintf("call-%d", c.n),
		Start: ns(at - 5), End: ns(at), Plan: r.plan, Media: rtpstats.MediaAudio, Codec: c.codec(),
		Packets: 250, Expected: 250, JitterMS: 1, MOS: 4.3,
	}
	switch which {
	case fromPhone:
		o.Src, o.Dst, o.Speaker, o.Hop, o.UserAgent = phone, sbc, dialog.SpeakerCaller, 1, c.phone()
	case toTrunk:
		o.Src, o.Dst, o.Speaker, o.Hop, o.UserAgent = sbc, gate, dialog.SpeakerCaller, 2, "Border/7.1"
	case fromTrunk:
		o.Src, o.Dst, o.Speaker, o.Hop, o.UserAgent = gate, sbc, dialog.SpeakerCallee, 2, "Gate 2.0"
	case toPhone:
		o.Src, o.Dst, o.Speaker, o.Hop, o.UserAgent = sbc, phone, dialog.SpeakerCallee, 1, "Border/7.1"
	}
	o.Segment, o.Direction = r.plan.Segment(&topology.Flow{Src: o.Src.Addr(), Dst: o.Dst.Addr()})
	return o
}

// hurt changes what was observed of a stream; nil where all is well.
type hurt func(c call, which int, o *dialog.Observation)

// run plays a number of seconds. What happens to a stream happens to the one that
// carries it on.
func (r *relayed) run(seconds int, h hurt) {
	for range seconds {
		at := r.now
		r.now++
		r.w.Tick(ns(at), Health{Packets: 1000})
		for n := max(0, at-60); n < at; n++ {
			if (at-n)%5 != 0 {
				continue
			}
			for which := range 4 {
				o := r.stream(call{n}, which, at)
				o.Final = at-n == 60
				if h != nil {
					h(call{n}, which, o)
					if which == toTrunk || which == toPhone {
						h(call{n}, which-1, o)
					}
				}
				r.w.Observe(o)
			}
		}
	}
}

// loses is a loss of 8 % for the streams that a condition holds for.
func loses(where func(c call, which int) bool) hurt {
	return func(c call, which int, o *dialog.Observation) {
		if where(c, which) {
			o.Packets, o.Lost, o.MOS = 230, 20, 3.1
		}
	}
}

// jitters is the same with jitter.
func jitters(where func(c call, which int) bool) hurt {
	return func(c call, which int, o *dialog.Observation) {
		if where(c, which) {
			o.JitterMS, o.MOS = 60, 3.3
		}
	}
}

func both(a, b hurt) hurt {
	return func(c call, which int, o *dialog.Observation) { a(c, which, o); b(c, which, o) }
}

// The faults of the scenes.
var (
	trunkBLoses      = loses(func(c call, which int) bool { return which == fromTrunk && c.trunk() == 1 })
	trunkBLosesG729  = loses(func(c call, which int) bool { return which == fromTrunk && c.trunk() == 1 && c.codec() == "G729" })
	hamburgJitters   = jitters(func(c call, which int) bool { return which == fromPhone && c.office() == 1 })
	munichLoses      = loses(func(c call, which int) bool { return which == fromPhone && c.office() == 2 })
	ciscoJitters     = jitters(func(c call, which int) bool { return which == fromPhone && c.phone() == "Cisco-CP8851/14.2" })
	relayLoses       = loses(func(c call, which int) bool { return which == toTrunk && c.trunk() == 2 })
	officesLose      = loses(func(c call, which int) bool { return which == fromPhone })
	hamburgBothWays  = both(loses(func(c call, which int) bool { return which == fromPhone && c.office() == 1 }), hamburgHears)
	everythingJitter = jitters(func(c call, which int) bool { return which == fromPhone || which == fromTrunk })
)

// hamburgHears is a loss on the way to Hamburg's phones alone: what comes in over
// the trunks is whole.
func hamburgHears(c call, which int, o *dialog.Observation) {
	if which == toPhone && c.office() == 1 {
		o.Packets, o.Lost, o.MOS = 230, 20, 3.1
	}
}

// toldOf is what a fault says of where it is.
type toldOf struct {
	segment, direction, owner, peer string
	factors                         string
}

func tellOf(f *Fault) toldOf {
	s := toldOf{f.Verdict.Segment, f.Verdict.Direction, f.Verdict.Owner, f.Verdict.Peer, ""}
	for _, x := range f.Factors {
		s.factors += string(x.Name) + "=" + x.Value + " "
	}
	return s
}

// Each scene is half an hour of good calls, and ten minutes of a fault.
func TestLocate(t *testing.T) {
	for _, tt := range []struct {
		name string
		hurt hurt
		want []toldOf
	}{
		{"one trunk, handed on by the relay", trunkBLoses,
			[]toldOf{{"trunk-b", "from_peer", "owner-trunk-b", "", "segment=trunk-b direction=from_peer "}}},
		{"one codec over one trunk", trunkBLosesG729,
			[]toldOf{{"trunk-b", "from_peer", "owner-trunk-b", "", "segment=trunk-b direction=from_peer codec=G729 "}}},
		{"two faults, some calls with both", both(trunkBLoses, hamburgJitters), []toldOf{
			{"trunk-b", "from_peer", "owner-trunk-b", "", "segment=trunk-b direction=from_peer "},
			{"access-hamburg", "from_peer", "customer", "", "segment=access-hamburg direction=from_peer "}}},
		{"two losses", both(trunkBLoses, munichLoses), []toldOf{
			{"trunk-b", "from_peer", "owner-trunk-b", "", "segment=trunk-b direction=from_peer "},
			{"access-munich", "from_peer", "customer", "", "segment=access-munich direction=from_peer "}}},
		{"phones of one make", ciscoJitters,
			[]toldOf{{"", "from_peer", "customer", "", "user_agent=Cisco-CP8851 "}}},
		{"all offices of one owner", officesLose,
			[]toldOf{{"", "from_peer", "customer", "", "owner=customer direction=from_peer "}}},
		{"both directions of one segment", hamburgBothWays,
			[]toldOf{{"access-hamburg", "", "customer", "", "segment=access-hamburg "}}},
		{"the relay itself", relayLoses,
			[]toldOf{{"", "to_peer", "operator", "sbc", "segment=trunk-c direction=to_peer "}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRelayed(t, nil, nil)
			r.run(1800, nil)
			if n := len(r.w.Faults()); n != 0 {
				t.Fatalf("%d faults before anything is wrong", n)
			}
			r.run(600, tt.hurt)
			faults := r.w.Faults()
			var got []toldOf
			for i := range faults {
				got = append(got, tellOf(&faults[i]))
				if v := faults[i].Verdict; v.Reason == "" || v.Share == 0 && v.Segment != "" {
					t.Errorf("verdict %+v says no reason", v)
				}
			}
			for _, want := range tt.want {
				found := false
				for _, g := range got {
					found = found || g == want
				}
				if !found || len(got) != len(tt.want) {
					t.Fatalf("faults\n got %q\nwant %q", got, tt.want)
				}
			}
		})
	}
}

// Where everything suffers nothing is told apart: no factor, and no segment.
func TestLocateEverything(t *testing.T) {
	r := newRelayed(t, nil, nil)
	r.run(900, nil)
	r.run(900, everythingJitter)
	for _, f := range r.w.Faults() {
		if f.Verdict.Segment != "" && len(f.Factors) == 0 && f.Verdict.Share < nearlyAll {
			t.Errorf("%+v: a guess", f.Verdict)
		}
	}
	if n := len(r.w.Faults()); n != 1 {
		t.Errorf("%d faults, want one", n)
	}
}

// A fault's figures are those of the scene: of one call a second every third one
// is over trunk B. The first interval of the fault ends 5 s after it began at the
// earliest; 20 packets of 250 are 8 %.
func TestFaultFigures(t *testing.T) {
	r := newRelayed(t, nil, nil)
	r.run(1800, nil)
	r.run(600, trunkBLoses)
	r.run(20, trunkBLoses) // until the fault is measured again
	faults := r.w.Faults()
	if len(faults) != 1 {
		t.Fatalf("%d faults, want one", len(faults))
	}
	f := &faults[0]
	if began := f.Began.Unix() - start; began < 1790 || began > 1805 {
		t.Errorf("began at %d, want 1800, less an interval", began)
	}
	if f.Fired.Unix()-start > 1800+10*6+60+60+5 {
		t.Errorf("fired at %d: later than a tenth of the window, and the minute that it must hold", f.Fired.Unix()-start)
	}
	if f.Signals[0] != SignalLoss || f.Signals[len(f.Signals)-1] != SignalMOS {
		t.Errorf("signals %q, want loss first and mos last", f.Signals)
	}
	// Every third call that began from 1740 on, so that its last interval ends in
	// the fault, and 5 s before the last look, which was between 2410 and 2419.
	if n := f.Impact.Calls; n < (2405-1740)/3 || n > (2415-1740)/3 || f.Impact.CallsTotal < n || f.Impact.CallsTotal > n+2 {
		t.Errorf("%d of %d calls, want all of about 220", n, f.Impact.CallsTotal)
	}
	if f.Impact.Users != 120 || len(f.Impact.Sites) != 3 { // 40 numbers of hosts, 3 offices: n%40 and n%3 give 120 pairs
		t.Errorf("%d users, sites %q, want 120 in 3 offices", f.Impact.Users, f.Impact.Sites)
	}
	if f.Inside.Affected != f.Impact.Streams || f.Outside.Affected != 0 || f.Before.Affected != 0 || f.Before.Units < 500 {
		t.Errorf("inside %+v, outside %+v, before %+v: want all of them, none and none", f.Inside, f.Outside, f.Before)
	}
	if l := f.Levels[0]; l != (Level{SignalLoss, 1, 8, 8}) {
		t.Errorf("level %+v, want 8 %% where 1 is allowed", l)
	}
	if len(f.Examples) != maxExamples || len(f.Good) == 0 {
		t.Errorf("%d examples, %d good ones", len(f.Examples), len(f.Good))
	}
	for _, x := range f.Examples {
		if x.Call == "" || x.Value != 8 || !netip.MustParsePrefix("203.0.1.0/24").Contains(x.Src.Addr()) {
			t.Errorf("example %+v is not of trunk B", x)
		}
	}
}

// A fault at three offices of 120 users is worse than its alerts, of which none
// knows who suffers, by a step that asks for three offices; and by none that
// asks for more than there are.
func TestFaultSeverityBySites(t *testing.T) {
	for steps, want := range map[string]Severity{
		"{severity: high, sites: 3}":                 High,
		"{severity: high, sites: 4}":                 Medium,
		"{severity: critical, users: 100}":           Critical,
		"{severity: critical, users: 130, sites: 1}": Medium,
	} {
		rules, err := ParseRules([]byte(`defaults: false
rules:
  - name: loss
    signal: loss
    by: [segment, direction]
    above: 0.10
    window: 10m
    for: 1m
    severity: [` + steps + `, {severity: medium}]
`))
		if err != nil {
			t.Fatal(err)
		}
		r := newRelayed(t, rules, nil)
		r.run(1800, nil)
		r.run(620, trunkBLoses)
		faults := r.w.Faults()
		if len(faults) != 1 || faults[0].Severity != want {
			t.Errorf("%s: %d faults, severity %s, want one of %s", steps, len(faults), faults[0].Severity, want)
		}
		for _, a := range faults[0].Alerts {
			if a.Severity != Medium {
				t.Errorf("%s: alert of severity %s, want medium", steps, a.Severity)
			}
		}
	}
}

// A fault that is over says so by proof, in the resolve time of its rule after the
// window has fallen below its bound; without traffic it goes on for ever.
func TestFaultOver(t *testing.T) {
	r := newRelayed(t, nil, nil)
	r.run(1800, nil)
	r.run(600, trunkBLoses)
	quiet := newRelayed(t, nil, nil)
	quiet.run(1800, nil)
	quiet.run(600, trunkBLoses)

	r.run(1200, nil)
	f := r.w.Faults()[0]
	// Of a window of 600 s 3 % are 18 s: 582 s after 2400, and 300 s to resolve.
	if over := f.Over.Unix() - start; over < 2400+582+300 || over > 2400+600+300+20 {
		t.Errorf("over at %d, want about 3290", over)
	}
	if f.Proof.Units < minGood || f.Proof.Affected != 0 || len(f.Spells) != 1 || f.Spells[0].To != f.Seen || f.Seen.Unix()-start != 2399 {
		t.Errorf("proof %+v, spells %v, seen %d", f.Proof, f.Spells, f.Seen.Unix()-start)
	}
	for at := quiet.now; at < quiet.now+3600*5; at++ { // nobody calls any more
		quiet.w.Tick(ns(at), Health{})
	}
	g := quiet.w.Faults()
	if len(g) != 1 || !g[0].Over.IsZero() || g[0].Proof.Units != 0 || g[0].Seen.Unix()-start != 2399 {
		t.Fatalf("after hours without traffic: %+v", g)
	}
	if len(g[0].Examples) != maxExamples || g[0].Impact.Calls < 200 {
		t.Errorf("what was known is forgotten: %d examples, %d calls", len(g[0].Examples), g[0].Impact.Calls)
	}
	r.run(3700, nil)
	if n := len(r.w.Faults()); n != 0 {
		t.Errorf("%d faults, an hour after the last one was over", n)
	}
}

// What comes and goes is one fault with a history: five minutes of every ten.
func TestFaultFlaps(t *testing.T) {
	r := newRelayed(t, nil, nil)
	r.run(1800, nil)
	for range 4 {
		r.run(300, trunkBLoses)
		r.run(300, nil)
	}
	faults := r.w.Faults()
	if len(faults) != 1 || len(faults[0].Spells) != 4 || !faults[0].Over.IsZero() {
		t.Fatalf("%d faults, spells %v: want one with four", len(faults), faults[0].Spells)
	}
	for i, s := range faults[0].Spells {
		if from, to := s.From.Unix()-start, s.To.Unix()-start; from < int64(1795+600*i) || from > int64(1815+600*i) || to != int64(2099+600*i) {
			t.Errorf("spell %d: %d to %d, want %d to %d", i, from, to, 1800+600*i, 2099+600*i)
		}
	}
}

// A watch that takes over from another one keeps its faults, and proves them over
// by its own traffic; the same packets go on to give the same fault.
func TestWatchRestores(t *testing.T) {
	r := newRelayed(t, nil, nil)
	r.run(1800, nil)
	r.run(600, trunkBLoses)
	before := r.w.Faults()
	text, err := json.Marshal(struct {
		Alerts []Alert
		Faults []Fault
	}{r.w.Alerts(), before})
	if err != nil {
		t.Fatal(err)
	}
	var kept struct {
		Alerts []Alert
		Faults []Fault
	}
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	again := newRelayed(t, nil, nil)
	again.now = r.now + 30 // it was away
	again.w.Restore(ns(again.now), kept.Alerts, kept.Faults)
	again.run(60, trunkBLoses)
	after := again.w.Faults()
	if len(after) != 1 || after[0].ID != before[0].ID || tellOf(&after[0]) != tellOf(&before[0]) {
		t.Fatalf("after the restart %+v\nwant %+v", after, before)
	}
	if a, b := after[0].Impact, before[0].Impact; a.Calls <= b.Calls || a.Users != b.Users || len(a.Sites) != len(b.Sites) {
		t.Errorf("impact %+v, want more than %+v", a, b)
	}
	again.run(1500, nil)
	if f := again.w.Faults(); len(f) != 1 || f[0].Over.IsZero() || f[0].Proof.Units < minGood || len(f[0].Spells) != 1 {
		t.Errorf("not proved over: %+v", f[0].Proof)
	}
}

// With room for few units a sample of the calls tells the same.
func TestWatchSamples(t *testing.T) {
	r := newRelayed(t, nil, func(cfg *WatchConfig) { cfg.MaxUnits = 6000 })
	r.run(1800, nil)
	r.run(900, trunkBLoses)
	s := r.w.Stats()
	if s.Sampling < 2 || s.Units > 6000 || s.Unsampled == 0 {
		t.Errorf("%+v: want a sample", s)
	}
	faults := r.w.Faults()
	want := toldOf{"trunk-b", "from_peer", "owner-trunk-b", "", "segment=trunk-b direction=from_peer "}
	if len(faults) != 1 || tellOf(&faults[0]) != want {
		t.Fatalf("%d faults, %+v", len(faults), faults)
	}
	// (900+60)/3 calls; a sample of a few hundred tells it to a quarter.
	if n := faults[0].Impact.Calls; n < 240 || n > 400 {
		t.Errorf("%d calls, want about 320", n)
	}
}

// Work on a segment excuses what others hand on from it, and ends with its window.
func TestMaintenanceElsewhere(t *testing.T) {
	from, to := time.Unix(0, ns(1700)), time.Unix(0, ns(2700))
	r := newRelayed(t, nil, func(cfg *WatchConfig) {
		cfg.InMaintenance = func(at time.Time, segment string) bool {
			return segment == "trunk-b" && !at.Before(from) && at.Before(to)
		}
	})
	r.run(1800, nil)
	r.run(600, trunkBLoses)
	if len(r.w.Alerts()) == 0 {
		t.Fatal("no alert fires: the offices hear the loss")
	}
	r.run(1500, nil)
	if f := r.w.Faults(); len(f) != 0 {
		t.Fatalf("%d faults, want none: %+v", len(f), f[0].Verdict)
	}
	// A fault that outlasts the window is one from then on.
	s := newRelayed(t, nil, func(cfg *WatchConfig) {
		cfg.InMaintenance = func(at time.Time, segment string) bool {
			return segment == "trunk-b" && !at.Before(from) && at.Before(to)
		}
	})
	s.run(1800, nil)
	s.run(900+600, trunkBLoses)
	f := s.w.Faults()
	if len(f) != 1 || f[0].Verdict.Segment != "trunk-b" {
		t.Fatalf("%d faults, want one of trunk-b", len(f))
	}
	if began := f[0].Began.Unix() - start; began < 2694 || began > 2710 {
		t.Errorf("began at %d, within the window", began)
	}
}

// The probe's own trouble is one fault, and says nothing of the network.
func TestFaultOfProbe(t *testing.T) {
	r := newRelayed(t, nil, nil)
	r.run(600, nil)
	for range 120 {
		r.w.Tick(ns(r.now), Health{Packets: 1000, Lost: 120, Shed: 60})
		r.now++
	}
	faults := r.w.Faults()
	if len(faults) != 1 || !faults[0].Probe || faults[0].Verdict.Segment != "" || faults[0].Verdict.Owner != "noc" || len(faults[0].Alerts) != 2 {
		t.Fatalf("%+v: want one fault of the probe with two alerts", faults)
	}
}

// What an endpoint sends back as it was received carries the same gaps: the fault
// is where it came in, whichever alert fires first.
func TestLocateEcho(t *testing.T) {
	r := newRelayed(t, nil, nil)
	echo := func(c call, which int, o *dialog.Observation) {
		if which == fromTrunk || which == toPhone {
			o.SSRC = uint32(c.n * 2)
		}
		if c.trunk() == 1 && c.office() == 0 {
			o.Packets, o.Lost, o.MOS = 230, 20, 3.1 // all four streams, since the first one
		}
	}
	r.run(900, func(c call, which int, o *dialog.Observation) {
		if which == fromTrunk || which == toPhone {
			o.SSRC = uint32(c.n * 2)
		}
	})
	r.run(600, echo)
	faults := r.w.Faults()
	if len(faults) != 1 || faults[0].Verdict.Segment != "access-berlin" || faults[0].Verdict.Direction != "from_peer" {
		for i := range faults {
			t.Logf("%+v", tellOf(&faults[i]))
		}
		t.Errorf("%d faults, want one, of what comes in from Berlin", len(faults))
	}
}

// A fault whose rule is taken away is judged by nobody, and no longer shown; one
// whose rule stays goes on.
func TestWatchSetRules(t *testing.T) {
	rules := func(text string) *RuleSet {
		set, err := ParseRules([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	r := newRelayed(t, nil, nil)
	r.run(1800, nil)
	r.run(600, both(trunkBLoses, hamburgJitters))
	if n := len(r.w.Faults()); n != 2 {
		t.Fatalf("%d faults, want two", n)
	}
	r.w.SetRules(rules("disable: [loss, heavy-loss-of-few, burst-loss, low-mos]\n"))
	r.run(30, both(trunkBLoses, hamburgJitters))
	f := r.w.Faults()
	if len(f) != 1 || f[0].Verdict.Segment != "access-hamburg" || !f[0].Over.IsZero() {
		t.Errorf("%d faults, want that of Hamburg alone", len(f))
	}
	r.run(1200, nil)
	if f := r.w.Faults(); len(f) != 1 || f[0].Over.IsZero() {
		t.Errorf("it is not proved over: %+v", f)
	}
}
