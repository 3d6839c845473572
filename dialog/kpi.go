package dialog

import "earshot/sipparse"

// refusal names the table that was full.
type refusal uint8

const (
	refusedCalls refusal = iota
	refusedLegs
	refusedDialogs
	refusedTransactions
	refusedCallTransactions
	refusedLadder
	refusals
)

// refusalNames are the keys of Totals.Refused.
var refusalNames = [refusals]string{
	refusedCalls:            "calls",             // a call that no record will tell of
	refusedLegs:             "legs",              // a hop beyond the 16th of a call
	refusedDialogs:          "dialogs",           // a fork beyond the 32nd of an INVITE
	refusedTransactions:     "transactions",      // a transaction outside calls
	refusedCallTransactions: "call_transactions", // forgotten while it could still have been retransmitted
	refusedLadder:           "ladder",            // a message left out of a ladder
}

// methodNames are the methods counted by name; all others share the last one,
// since a packet may carry any word.
var methodNames = [...]string{
	"INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "OPTIONS", "PRACK", "UPDATE", "INFO",
	"SUBSCRIBE", "NOTIFY", "PUBLISH", "MESSAGE", "REFER", "OTHER",
}

// counts are the signalling half's counters.
type counts struct {
	requests  [len(methodNames)]uint64
	responses [700]uint64 // by status; [0]: outside of 100 to 699
	messages  uint64
	rtcp      uint64
	damaged   uint64
	unusable  uint64 // without Call-ID or method: nothing to correlate by
	refused   [refusals]uint64

	calls, streams, transactions uint64
	kpi                          KPI
}

func (n *counts) refuse(what refusal) { n.refused[what]++ }

// message counts what came.
func (n *counts) message(m *sipparse.Message) {
	n.messages++
	if m.Damage != 0 {
		n.damaged++
	}
	if m.IsRequest() {
		n.requests[methodIndex(m.Method)]++
		return
	}
	if m.StatusCode < 100 || m.StatusCode >= len(n.responses) {
		n.responses[0]++
		return
	}
	n.responses[m.StatusCode]++
}

func methodIndex(method string) int {
	for i, name := range methodNames {
		if name == method {
			return i
		}
	}
	return len(methodNames) - 1
}

// call counts a finished call. Only attempts whose first INVITE was seen go
// into the ratios: a ratio needs both its ends.
func (n *counts) call(r *CallRecord, attempted, completed bool) {
	n.calls++
	addTo(&n.kpi.DisconnectMS, r.DisconnectMS)
	if !attempted {
		return
	}
	k := &n.kpi
	k.Attempts++
	answered := r.Answer != 0
	switch {
	case answered:
		k.Answered++
		if r.DurationMS != nil {
			k.TalkMS += *r.DurationMS
		}
		if completed {
			k.Completed++
		}
		addTo(&k.SetupMS, r.SetupMS)
		addTo(&k.PDDMS, r.PDDMS)
	case r.Disposition == Redirected:
		k.Redirected++
	case r.Disposition == Busy, r.Disposition == NoAnswer, r.Disposition == Rejected:
		k.UserFault++
	}
	if r.FinalStatus == nil {
		return
	}
	switch status := *r.FinalStatus; {
	case answered, status == 480, status == 486, status == 600, status == 603:
		k.Effective++
	case status == 408, status == 500, status == 503, status == 504:
		k.Ineffective++
	}
}

// register counts a finished registration, challenges inside (RFC 6076 4.1, 4.2).
func (n *counts) register(r *TransactionRecord) {
	n.kpi.Registers++
	switch status := r.FinalStatus; {
	case status == nil, *status >= 400 && *status != 401 && *status != 402 && *status != 407:
		n.kpi.RegisterFailures++
	case *status == 200:
		addTo(&n.kpi.RegisterMS, r.ResponseMS)
	}
}

func addTo(d *Distribution, v *float64) {
	if v != nil {
		d.Add(*v)
	}
}

// methodName returns the method as a string that holds no message.
func methodName(method string) string {
	if i := methodIndex(method); i < len(methodNames)-1 {
		return methodNames[i]
	}
	return keep(method)
}

// totals copies the counters out.
func (n *counts) totals() Totals {
	t := Totals{
		Calls: n.calls, Streams: n.streams, Transactions: n.transactions,
		SIPMessages: n.messages, RTCPPackets: n.rtcp,
		SIPRequests: map[string]uint64{}, SIPResponses: map[int]uint64{}, Refused: map[string]uint64{},
		UnparsedSIP: n.unusable, DamagedSIP: n.damaged, KPI: n.kpi,
	}
	for i, count := range n.requests {
		if count != 0 {
			t.SIPRequests[methodNames[i]] = count
		}
	}
	for status, count := range n.responses {
		if count != 0 {
			t.SIPResponses[status] = count
		}
	}
	for what, count := range n.refused {
		if count != 0 {
			t.Refused[refusalNames[what]] = count
		}
	}
	return t
}
