package alerting

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// keeper is a store in memory: what was committed, as text.
type keeper struct {
	cases   map[int]string
	changes map[int64]string
	audit   map[int64]string
}

func newKeeper() *keeper {
	return &keeper{map[int]string{}, map[int64]string{}, map[int64]string{}}
}

// commit keeps a journal; again is the same.
func (k *keeper) commit(t *rapid.T, j *Journal) {
	text := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for _, c := range j.Cases {
		k.cases[c.Number] = text(c)
	}
	for _, n := range j.Changes {
		k.changes[n.ID] = text(n)
	}
	for _, a := range j.Audit {
		if old, known := k.audit[a.Seq]; known && old != text(a) {
			t.Fatalf("audit entry %d is two: %s and %s", a.Seq, old, text(a))
		}
		k.audit[a.Seq] = text(a)
	}
}

// load is what a desk begins with after a crash.
func (k *keeper) load(t *rapid.T) *Memory {
	m := &Memory{NextAudit: int64(len(k.audit)) + 1}
	for n := range k.cases { // in any order
		var c Case
		if err := json.Unmarshal([]byte(k.cases[n]), &c); err != nil {
			t.Fatal(err)
		}
		m.Cases = append(m.Cases, &c)
	}
	for id := range k.changes {
		var n NetworkChange
		if err := json.Unmarshal([]byte(k.changes[id]), &n); err != nil {
			t.Fatal(err)
		}
		m.Changes = append(m.Changes, &n)
	}
	return m
}

func (k *keeper) String() string {
	var b strings.Builder
	for _, n := range slices.Sorted(maps.Keys(k.cases)) {
		fmt.Fprintln(&b, k.cases[n])
	}
	for _, id := range slices.Sorted(maps.Keys(k.changes)) {
		fmt.Fprintln(&b, k.changes[id])
	}
	for _, seq := range slices.Sorted(maps.Keys(k.audit)) {
		fmt.Fprintln(&b, k.audit[seq])
	}
	return b.String()
}

// A desk that is killed between any two words, and begins again from what was
// committed, does what one does that lives: the same cases, the same entries.
func TestDeskIsItsMemory(t *testing.T) {
	directories := []*Directory{testDirectory(t), testDirectory(t)}
	directories[1].Tenants["acme"].Plan = BuiltinPlans()[Care]
	maintenance := maintenanceOf(t, testMaintenance)
	rapid.Check(t, func(t *rapid.T) {
		cfg := DeskConfig{Directory: directories[0], Maintenance: maintenance, MaxUpdates: 12, MaxOpen: 5, MaxChanges: 5}
		w := &wordsOfDesk{now: time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC), directories: directories}
		lives, dies := NewDesk(cfg), NewDesk(cfg)
		kept, kept2 := newKeeper(), newKeeper()
		for range rapid.IntRange(1, 100).Draw(t, "words") {
			word := w.draw(t)
			got, got2 := word(lives), word(dies)
			if got != got2 {
				t.Fatalf("answered %s, after a crash %s", got, got2)
			}
			ticks := rapid.Bool().Draw(t, "ticks")
			if ticks {
				lives.Tick(w.now)
				dies.Tick(w.now)
				prompt(t, lives, w.now)
			}
			j, j2 := lives.Take(), dies.Take()
			kept.commit(t, &j)
			kept2.commit(t, &j2)
			sameLines(t, kept.String(), kept2.String())
			invariants(t, lives, cfg)
			if rapid.Bool().Draw(t, "killed") {
				kept2.commit(t, &j2) // what was not acknowledged is committed again
				again := cfg
				again.Memory, again.Directory = kept2.load(t), dies.cfg.Directory
				dies = NewDesk(again)
			}
		}
	})
}

// sameLines fails with the first lines that differ, and from where on.
func sameLines(t *rapid.T, a, b string) {
	if a == b {
		return
	}
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(la), len(lb)) {
		if x, y := la[i], lb[i]; x != y {
			at := 0
			for at < min(len(x), len(y)) && x[at] == y[at] {
				at++
			}
			from := max(0, at-100)
			t.Fatalf("kept ...%s\nafter a crash ...%s", x[from:min(len(x), at+200)], y[from:min(len(y), at+200)])
		}
	}
	t.Fatalf("kept %d lines, after a crash %d", len(la), len(lb))
}

// invariants hold of every desk.
func invariants(t *rapid.T, d *Desk, cfg DeskConfig) {
	stats := d.Stats()
	if stats.Open > cfg.MaxOpen {
		t.Fatalf("%d open cases", stats.Open)
	}
	for _, c := range d.Cases() {
		closed := c.SubStatus == SubResolved || c.SubStatus == SubCancelled
		if (c.Status == StatusClosed) != closed || c.Closed.IsZero() == closed || (c.Closure == "") == closed {
			t.Fatalf("case %d: %s %s, closed %s, %q", c.Number, c.Status, c.SubStatus, c.Closed, c.Closure)
		}
		if (c.SubStatus == SubAwaiting) == c.FollowUp.Awaiting.IsZero() || c.SubStatus == SubRestored && c.Restored.IsZero() {
			t.Fatalf("case %d: %s, awaiting since %s, restored %s", c.Number, c.SubStatus, c.FollowUp.Awaiting, c.Restored)
		}
		if c.SubStatus == SubNew && c.happened(CaseAnswered) || !c.Modified.Equal(c.Updates[len(c.Updates)-1].At) {
			t.Fatalf("case %d: %s, modified %s", c.Number, c.SubStatus, c.Modified)
		}
		for i := 1; i < len(c.Updates); i++ {
			if a, b := &c.Updates[i-1], &c.Updates[i]; a.Seq >= b.Seq || a.At.After(b.At) {
				t.Fatalf("case %d: update %d at %s, then %d at %s", c.Number, a.Seq, a.At, b.Seq, b.At)
			}
		}
		if !slices.IsSortedFunc(c.Events, func(a, b CaseEvent) int { return a.At.Compare(b.At) }) {
			t.Fatalf("case %d: events %v", c.Number, c.Events)
		}
		if seqs := len(c.Updates); seqs > 2*cfg.MaxUpdates+1 {
			t.Fatalf("case %d: %d updates", c.Number, seqs)
		}
		p := d.cfg.Directory.of(c)
		if c.Status == StatusClosed {
			for g, r := range clocksOf(&p, c).At(c.Modified) {
				if r.State == ClockRunning || r.State == ClockWarning || r.State == ClockPaused {
					t.Fatalf("case %d is closed and its %s clock is %s", c.Number, Goal(g), r.State)
				}
			}
		}
	}
}

// prompt holds after a tick: what is due is done, what is late is told.
func prompt(t *rapid.T, d *Desk, now time.Time) {
	for _, c := range d.Cases() {
		if c.Status == StatusClosed {
			continue
		}
		p := d.cfg.Directory.of(c)
		now := latest(now, c.Modified)
		for g, r := range clocksOf(&p, c).At(now) {
			goal := Goal(g).String()
			if !r.Breached.IsZero() && !slices.Contains(c.FollowUp.Breached, goal) {
				t.Fatalf("case %d: nobody was told that %s was missed at %s", c.Number, goal, r.Breached)
			}
			if r.State == ClockWarning && !slices.Contains(c.FollowUp.Warned, goal+" "+r.Target.String()) {
				t.Fatalf("case %d: nobody was warned of %s at %s", c.Number, goal, r.WarnAt)
			}
		}
		situation := c.situation()
		for _, due := range p.plan.Due(p.calendar, &situation, now) {
			if due.Step == Remind || due.Step == CloseUnanswered || due.Step == MayEscalate && c.FollowUp.MayEscalate.IsZero() {
				t.Fatalf("case %d: %s is due since %s", c.Number, due.Step, due.At)
			}
		}
		_, on := d.cfg.Maintenance.Current(now, Where{c.Tenant, c.Segment})
		if _, stopped := c.maintained(); stopped != on {
			t.Fatalf("case %d: in maintenance %t, its clocks stand still %t", c.Number, on, stopped)
		}
	}
}

func clocksOf(p *party, c *Case) *CaseClocks {
	clocks := p.plan.Clocks(p.calendar, c.Events)
	return &clocks
}

// wordsOfDesk draws what a desk is told: time, levels of faults, commands.
type wordsOfDesk struct {
	now    time.Time
	faults []Fault
	next   int

	directories []*Directory
}

var drawnSegments = []string{"trunk-b", "sbc-a", "lan", ""}

func (w *wordsOfDesk) draw(t *rapid.T) func(*Desk) string {
	w.now = w.now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 59, 61, 3600, 4 * 3600, 86_400, 40 * 86_400}).Draw(t, "seconds")) * time.Second)
	now := w.now
	switch rapid.IntRange(0, 9).Draw(t, "word") {
	case 0:
		return func(d *Desk) string { d.Tick(now); return "" }
	case 1:
		list := []NetworkChange{{At: now.Add(-time.Hour), Text: "another codec", Segment: "sbc-a", Tenant: "acme"}}
		return func(d *Desk) string { d.Seen(now, list); return "" }
	case 2:
		dir := rapid.SampledFrom(w.directories).Draw(t, "directory")
		return func(d *Desk) string { d.SetDirectory(dir); return "" }
	case 3, 4, 5:
		w.drawFaults(t)
		list := slices.Clone(w.faults)
		return func(d *Desk) string { d.Faults(now, list); d.Tick(now); return "" }
	}
	c := w.drawCommand(t)
	return func(d *Desk) string {
		got, err := d.Do(now, c)
		if err != nil {
			return err.Error()
		}
		b, _ := json.Marshal(got)
		return string(b)
	}
}

// drawFaults begins, ends, worsens or forgets a fault.
func (w *wordsOfDesk) drawFaults(t *rapid.T) {
	for i := range w.faults {
		if f := &w.faults[i]; f.Over.IsZero() && rapid.Bool().Draw(t, "seen") {
			f.Seen = w.now
			f.Impact.Calls++
		}
	}
	what := rapid.IntRange(0, 7).Draw(t, "what of faults")
	if what < 2 || len(w.faults) == 0 {
		w.next++
		segment := rapid.SampledFrom(drawnSegments).Draw(t, "segment")
		signals := rapid.SampledFrom([][]Signal{{SignalLoss, SignalMOS}, {SignalJitter}, {SignalProbe}}).Draw(t, "signals")
		w.faults = append(w.faults, Fault{
			ID: FaultID(fmt.Sprintf("f%d", w.next)), Signals: signals, Severity: rapid.SampledFrom([]Severity{Critical, High, Medium, Low}).Draw(t, "severity"),
			Probe: signals[0] == SignalProbe, Began: w.now, Fired: w.now, Seen: w.now, Verdict: Verdict{Segment: segment, Reason: "so it is"},
			Factors: []Factor{{FactorSegment, segment}}, Spells: []FaultSpell{{From: w.now}}, Impact: Impact{CallsTotal: 100},
			Alerts: []Alert{{Fingerprint: Fingerprint(len(segment) + 10*len(signals)), Rule: "r"}},
		})
		return
	}
	i := rapid.IntRange(0, len(w.faults)-1).Draw(t, "fault")
	f := &w.faults[i]
	f.Spells = slices.Clone(f.Spells)
	switch last := len(f.Spells) - 1; {
	case what == 2 && f.Over.IsZero():
		f.Over, f.Spells[last].To = w.now, w.now
	case what == 2:
		f.Over, f.Seen = time.Time{}, w.now
		f.Spells = append(f.Spells, FaultSpell{From: w.now})
	case what == 3:
		f.Severity = max(Critical, f.Severity-1)
	case what == 4:
		f.Alerts = append(slices.Clip(f.Alerts), Alert{Fingerprint: Fingerprint(100 + len(f.Alerts)), Rule: "further"})
		f.Signals = append(slices.Clip(f.Signals), SignalLate)
	case what == 5:
		f.Factors = []Factor{{FactorSegment, f.Verdict.Segment}, {FactorCodec, rapid.SampledFrom([]string{"G729", "PCMA"}).Draw(t, "codec")}}
	case what == 6:
		f.Verdict.Segment = rapid.SampledFrom(drawnSegments).Draw(t, "segment")
	default:
		w.faults = slices.Delete(slices.Clone(w.faults), i, i+1)
	}
}

func (w *wordsOfDesk) drawCommand(t *rapid.T) Command {
	draw := func(list ...string) string { return rapid.SampledFrom(list).Draw(t, "text") }
	c := Command{
		Kind: CommandKind(rapid.SampledFrom(commandKinds).Draw(t, "kind")), Author: draw("anna", "ben"),
		Case: rapid.IntRange(1, 9).Draw(t, "case"), Text: draw("", "so", "and so"),
	}
	switch c.Kind {
	case CommandOpen:
		c.Case = 0
		c.Subject, c.Segment, c.Severity, c.Key = "by hand", draw("", "trunk-b", "lan"), Severity(rapid.IntRange(0, 4).Draw(t, "severity")), draw("", "k1", "k2")
	case CommandUpdate:
		c.Severity, c.Customer = Severity(rapid.IntRange(0, 4).Draw(t, "severity")), rapid.Bool().Draw(t, "customer")
		c.SubStatus = CaseSubStatus(draw("", string(SubAwaiting), string(SubProposed), string(SubRestored), string(SubInvestigation)))
		if field := draw("", "owner", "segment", "root_cause", "legal_hold", "subject"); field != "" {
			c.Set = map[string]string{field: draw("true", "asked", "sbc-a", "x")}
		}
	case CommandClose:
		c.SubStatus = CaseSubStatus(draw("", string(SubResolved), string(SubCancelled)))
	case CommandAssign:
		c.Assignee = draw("", "carl")
	case CommandChange:
		c.Case = 0
		c.Tenant = draw("", "acme", "other-tenant")
	}
	return c
}
