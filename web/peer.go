package web

import (
	"strconv"
	"sync/atomic"

	"earshot/dialog"
	"earshot/topology"
)

// peer is what is counted of the calls and registrations of a peer, one way:
// to_peer where it is called, from_peer where it calls. The recorder's
// goroutine writes it; any may read it.
type peer struct {
	labels                        string
	postDial, setup, registerTime *histogram // s
	retransmissions, talk         atomic.Uint64
	registrations                 [outcomes]atomic.Uint64
	registrationLabels            [outcomes]string
	calls                         map[callKey]*callCount // the recorder's
	shown                         atomic.Pointer[[]*callCount]
}

// callKey is how a call came out and what released it.
type callKey struct{ outcome, cause string }

// callCount is a series of earshot_sip_calls_total.
type callCount struct {
	labels string
	count  atomic.Uint64
}

// outcome is how a registration came out (RFC 6076 4.2).
type outcome uint8

const (
	succeeded  outcome = iota // a 2xx
	challenged                // a challenge that nobody answered, a redirect: neither the one nor the other
	failed                    // 4xx other than 401, 402 and 407, 5xx, 6xx or silence
	outcomes
)

var outcomeNames = [outcomes]string{"succeeded", "challenged", "failed"}

// The buckets of SIP's times: those of the network, of ringing, and of timers B
// and F (32 s).
var (
	callBuckets     = newBuckets(.1, .25, .5, 1, 1.5, 2, 3, 4, 6, 8, 10, 15, 20, 32)
	registerBuckets = newBuckets(.005, .01, .025, .05, .1, .25, .5, 1, 2, 4, 8, 16, 32)
)

// maxCallSeries bounds the outcomes and causes of one peer in one direction;
// beyond it the cause is other.
const maxCallSeries = 40

// partial is the outcome of a call whose beginning was not captured. RFC 6076's
// ratios leave it out.
const partial = "partial"

// The causes of release that are no status code.
const (
	causeCaller       = "caller"         // hung up, and the BYE was answered
	causeCallee       = "callee"         // the same
	causeByeUnheard   = "bye_unanswered" // hung up, and the BYE was not answered with 2xx
	causeTimeout      = "timeout"        // a timer ended it, or nobody answered the INVITE
	causeProbeStopped = "probe_stopped"  // still going on when the probe ended
)

func newPeer(name string, d topology.Direction) *peer {
	l := labels("peer", name, "direction", d.String())
	p := &peer{
		labels:       l,
		postDial:     newHistogram(callBuckets),
		setup:        newHistogram(callBuckets),
		registerTime: newHistogram(registerBuckets),
		calls:        map[callKey]*callCount{},
	}
	for o := range outcomes {
		p.registrationLabels[o] = joinLabels(l, labels("outcome", outcomeNames[o]))
	}
	p.shown.Store(&[]*callCount{})
	for _, k := range usualCalls {
		p.callCount(k)
	}
	return p
}

// usualCalls are the outcomes that are there from the start, at 0.
var usualCalls = []callKey{
	{string(dialog.Answered), causeCaller}, {string(dialog.Answered), causeCallee}, {string(dialog.Answered), causeByeUnheard},
	{string(dialog.Busy), "486"}, {string(dialog.NoAnswer), "480"}, {string(dialog.Cancelled), "487"},
	{string(dialog.Rejected), "403"}, {string(dialog.Rejected), "603"}, {string(dialog.Redirected), "302"},
	{string(dialog.Failed), "404"}, {string(dialog.Failed), "408"}, {string(dialog.Failed), "500"},
	{string(dialog.Failed), "503"}, {string(dialog.Failed), causeTimeout},
}

// callCount returns the series of a key, that of cause other where there are
// too many.
func (p *peer) callCount(k callKey) (c *callCount, folded bool) {
	if c := p.calls[k]; c != nil {
		return c, false
	}
	if len(p.calls) >= maxCallSeries && k.cause != other {
		c, _ := p.callCount(callKey{k.outcome, other})
		return c, true
	}
	c = &callCount{labels: joinLabels(p.labels, labels("outcome", k.outcome, "release_cause", k.cause))}
	p.calls[k] = c
	shown := append(append([]*callCount(nil), *p.shown.Load()...), c) // readers hold the old one
	p.shown.Store(&shown)
	return c, false
}

// call counts a finished call, and reports whether its cause was folded.
func (p *peer) call(r *dialog.CallRecord) (folded bool) {
	c, folded := p.callCount(callKey{outcomeOf(r), causeOf(r)})
	c.count.Add(1)
	p.retransmissions.Add(uint64(max(0, r.Retransmissions)))
	if r.DurationMS != nil {
		p.talk.Add(uint64(max(0, *r.DurationMS) * 1e6))
	}
	if r.Answer == 0 || outcomeOf(r) == partial {
		return folded
	}
	updateMS(p.postDial, r.PDDMS)
	updateMS(p.setup, r.SetupMS)
	return folded
}

// registration counts a finished registration.
func (p *peer) registration(r *dialog.TransactionRecord) {
	o := registrationOutcome(r.FinalStatus)
	p.registrations[o].Add(1)
	if o == succeeded {
		updateMS(p.registerTime, r.ResponseMS)
	}
}

func updateMS(h *histogram, ms *float64) {
	if ms != nil {
		h.update(*ms / 1000)
	}
}

func registrationOutcome(status *int) outcome {
	switch {
	case status == nil:
		return failed
	case *status < 300:
		return succeeded
	case *status < 400, *status == 401, *status == 402, *status == 407:
		return challenged
	}
	return failed
}

// outcomeOf returns the label value of how a call came out.
func outcomeOf(r *dialog.CallRecord) string {
	if r.Truncated && r.Disposition != dialog.InProgress {
		return partial
	}
	return string(r.Disposition)
}

// causeOf returns the label value of what released a call: for an answered one
// who hung up, else its final status.
func causeOf(r *dialog.CallRecord) string {
	if r.Disposition == dialog.InProgress {
		return causeProbeStopped
	}
	if r.Answer == 0 {
		return refusalCause(r)
	}
	switch {
	case r.EndedBy == dialog.EndedByTimeout:
		return causeTimeout
	case r.EndedBy == dialog.EndedByCapture:
		return causeProbeStopped
	case r.DisconnectMS == nil:
		return causeByeUnheard
	case r.EndedBy == dialog.EndedByCaller:
		return causeCaller
	}
	return causeCallee
}

func refusalCause(r *dialog.CallRecord) string {
	switch {
	case r.FinalStatus != nil:
		return statusName(*r.FinalStatus)
	case r.EndedBy == dialog.EndedByCaller:
		return causeCaller
	case r.EndedBy == dialog.EndedByCapture:
		return causeProbeStopped
	}
	return causeTimeout
}

// seconds writes nanoseconds as a sample in seconds.
func (p *page) seconds(labels string, ns uint64) {
	p.sample("", labels)
	p.b = strconv.AppendFloat(p.b, float64(ns)/1e9, 'f', -1, 64)
	p.b = append(p.b, '\n')
}
