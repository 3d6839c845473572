package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/alerting/outbox"
)

// issue is a ticket as the model of the other side keeps it.
type issue struct {
	id       int
	key      string
	open     bool
	twin     bool // it was closed as a copy of another one
	by       outbox.Human
	cases    []int
	severity alerting.Severity
	restored bool
	told     map[int]bool // entries of the timeline
	files    map[string]int
	closed   int       // the last entry of the timeline when it was closed
	visible  time.Time // from when on a search finds it
}

// model is another system, which fails in every way that one can.
type model struct {
	name   string
	able   outbox.Abilities
	random *rand.Rand
	now    *time.Time

	issues  []*issue
	last    int
	lag     time.Duration // of its search
	faulty  float64       // share of requests that go wrong
	down    bool
	late    []lateRequest
	emptied int
	doubts  int // requests to create whose answer was lost
	say     func(format string, args ...any)
}

// lateRequest arrives when nobody waits for its answer any more.
type lateRequest struct {
	at time.Time
	do func()
}

// Abilities are those of its profile.
func (m *model) Abilities() outbox.Abilities { return m.able }

func failure(kind outbox.FailureKind, after time.Duration) error {
	return &outbox.Failure{Kind: kind, After: after, Text: string(kind)}
}

// request is one request through a bad network to a bad server. What do does is
// done not at all, once, twice or later; the answer is lost or not.
func (m *model) request(what string, do func() error) error {
	m.say("%s", what)
	if m.down {
		return failure([]outbox.FailureKind{outbox.Unreached, outbox.Doubtful}[m.random.IntN(2)], 0)
	}
	if m.random.Float64() >= m.faulty {
		return do()
	}
	creates := strings.HasPrefix(what, "create")
	lost := func() error {
		if creates {
			m.doubts++
		}
		m.say("   the answer to %s is lost", what)
		return []error{failure(outbox.Doubtful, 0), errors.New("connection reset"), context.DeadlineExceeded}[m.random.IntN(3)]
	}
	switch m.random.IntN(10) {
	case 0:
		return failure(outbox.Unreached, 0)
	case 1:
		return failure(outbox.Busy, time.Duration(m.random.IntN(600))*time.Second)
	case 2:
		return failure(outbox.Conflict, 0)
	case 3: // 500 before it did anything
		return lost()
	case 4, 5: // done, and the answer is lost
		_ = do()
		return lost()
	case 6: // it arrives twice
		err := do()
		if second := do(); creates {
			m.doubts++
			if err == nil && m.random.IntN(2) == 0 {
				return second // the answer is that of either
			}
		}
		return err
	case 7: // twice, and nobody knows
		_ = do()
		_ = do()
		return lost()
	case 8: // it arrives late
		m.late = append(m.late, lateRequest{m.now.Add(time.Duration(1+m.random.IntN(58)) * time.Second), func() { _ = do() }})
		return lost()
	}
	panic(errors.New("the code of the destination fails"))
}

// pass lets late requests arrive.
func (m *model) pass() {
	due := slices.DeleteFunc(slices.Clone(m.late), func(l lateRequest) bool { return l.at.After(*m.now) })
	m.late = slices.DeleteFunc(m.late, func(l lateRequest) bool { return !l.at.After(*m.now) })
	for _, l := range due {
		l.do()
	}
}

func (m *model) byID(id string) *issue {
	for _, i := range m.issues {
		if fmt.Sprint(i.id) == id && i.by != outbox.Deleted {
			return i
		}
	}
	return nil
}

func remoteOf(i *issue) outbox.Remote {
	return outbox.Remote{ID: fmt.Sprint(i.id), Name: fmt.Sprintf("T-%d", i.id)}
}

// Find returns the oldest of the key that is open, else the oldest, and closes
// the others, as the contract says.
func (m *model) Find(_ context.Context, t *outbox.Ticket) (r outbox.Remote, found bool, err error) {
	err = m.request("find "+t.Key[:6], func() error {
		found = false
		var one *issue
		for _, i := range m.issues {
			if i.key != t.Key || i.by == outbox.Deleted || i.twin || i.visible.After(*m.now) {
				continue
			}
			switch {
			case one == nil:
				one = i
			case !one.open && i.open:
				one = i
			case i.open:
				i.open, i.twin = false, true
			}
		}
		if one != nil {
			r, found = remoteOf(one), true
		}
		return nil
	})
	return r, found, err
}

// Create makes an issue, or where the key makes that harmless finds it.
func (m *model) Create(_ context.Context, t *outbox.Ticket, c *outbox.Content) (r outbox.Remote, err error) {
	err = m.request("create "+t.Key[:6]+fmt.Sprintf(" doubt %v", t.Doubt), func() error {
		if m.able.Idempotent {
			for _, i := range m.issues {
				if i.key == t.Key && i.by != outbox.Deleted {
					r = remoteOf(i)
					m.fill(i, c)
					return nil
				}
			}
		}
		m.last++
		i := &issue{id: m.last, key: t.Key, open: true, told: map[int]bool{}, files: map[string]int{}, visible: m.now.Add(time.Duration(m.random.Float64() * float64(m.lag)))}
		m.fill(i, c)
		m.issues = append(m.issues, i)
		r = remoteOf(i)
		return nil
	})
	return r, err
}

// fill takes the whole of a content.
func (m *model) fill(i *issue, c *outbox.Content) {
	if c.Case != nil {
		i.cases = []int{c.Case.Number}
		for _, u := range c.Case.Updates {
			i.told[u.Seq] = true
		}
	}
	m.show(i, c)
}

// show takes the fields of a content.
func (m *model) show(i *issue, c *outbox.Content) {
	if c.Case != nil {
		i.severity, i.restored = c.Case.Severity, !c.Case.Restored.IsZero()
	}
	for _, one := range c.Cases {
		if !slices.Contains(i.cases, one.Number) {
			i.cases = append(i.cases, one.Number)
		}
	}
	for _, u := range c.Notes {
		i.told[u.Seq] = true
	}
}

// on does something with an issue that has to be there.
func (m *model) on(what string, t *outbox.Ticket, do func(i *issue)) error {
	return m.request(what+" "+t.Remote.ID, func() error {
		i := m.byID(t.Remote.ID)
		if m.keyed() {
			i = m.byKey(t.Key)
		}
		switch {
		case i != nil:
			do(i)
		case !m.keyed():
			return failure(outbox.Gone, 0)
		}
		return nil
	})
}

// keyed reports whether it knows tickets by our key alone: what it does not
// know it makes, and nothing is to be closed.
func (m *model) keyed() bool { return m.able.Idempotent && !m.able.Find }

func (m *model) byKey(key string) *issue {
	for _, i := range m.issues {
		if i.key == key {
			return i
		}
	}
	return nil
}

func (m *model) Update(_ context.Context, t *outbox.Ticket, c *outbox.Content) (outbox.Remote, error) {
	if m.keyed() {
		return m.Create(context.Background(), t, c)
	}
	return t.Remote, m.on("update", t, func(i *issue) { m.show(i, c) })
}

func (m *model) Comment(_ context.Context, t *outbox.Ticket, c *outbox.Content) error {
	return m.on(fmt.Sprint("comment ", len(c.Notes)), t, func(i *issue) {
		for _, u := range c.Notes {
			i.told[u.Seq] = true
		}
	})
}

func (m *model) Attach(_ context.Context, t *outbox.Ticket, f *outbox.File) error {
	return m.on("attach", t, func(i *issue) { i.files[f.SHA256]++ })
}

func (m *model) Close(_ context.Context, t *outbox.Ticket, c *outbox.Content) (outbox.Remote, error) {
	return outbox.Remote{}, m.on("close", t, func(i *issue) {
		m.show(i, c)
		i.open = false
		if c.Case != nil && c.Case.Status == alerting.StatusClosed {
			i.closed = c.Case.Updates[len(c.Case.Updates)-1].Seq
		}
	})
}

func (m *model) Reopen(_ context.Context, t *outbox.Ticket, c *outbox.Content) (outbox.Remote, error) {
	return outbox.Remote{}, m.on("reopen", t, func(i *issue) {
		m.show(i, c)
		i.open, i.by = true, outbox.Untouched
	})
}

func (m *model) Read(_ context.Context, t *outbox.Ticket) (h outbox.Human, err error) {
	err = m.request("read "+t.Remote.ID, func() error {
		for _, i := range m.issues {
			if fmt.Sprint(i.id) != t.Remote.ID {
				continue
			}
			h = i.by
			if !i.open && h == outbox.Untouched {
				h = outbox.Resolved // it does not know who closed it
			}
			return nil
		}
		return failure(outbox.Gone, 0)
	})
	return h, err
}

// person does something with an issue that is open.
func (m *model) person() {
	var open []*issue
	for _, i := range m.issues {
		if i.open {
			open = append(open, i)
		}
	}
	if len(open) == 0 || !m.able.Read {
		return // what cannot be read back cannot be respected
	}
	i := open[m.random.IntN(len(open))]
	i.open = false
	i.by = []outbox.Human{outbox.Resolved, outbox.Resolved, outbox.WontFix, outbox.Deleted}[m.random.IntN(4)]
	m.say("a person: %s %d", i.by, i.id)
}

// empty is a server that begins anew, with higher numbers.
func (m *model) empty() {
	m.issues, m.late = nil, nil
	m.emptied++
	m.say("it begins anew")
}

// openOf lists the open issues of a key.
func (m *model) openOf(key string) (list []*issue) {
	for _, i := range m.issues {
		if i.key == key && i.open {
			list = append(list, i)
		}
	}
	return list
}

// keys lists the keys of open issues.
func (m *model) keys() []string {
	set := map[string]bool{}
	for _, i := range m.issues {
		if i.open {
			set[i.key] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}
