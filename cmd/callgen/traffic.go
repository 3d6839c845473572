package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// traffic describes one group of calls. Every field is a flag, and a key of
// scenario files.
type traffic struct {
	name     string
	calls    int
	rate     float64
	ramp     time.Duration
	arrivals string
	begin    time.Duration
	duration span
	ring     span

	codecs mix[*codec]
	ptime  mix[int]

	loss, lossAfter    mix[lossModel]
	jitter             mix[jitterModel]
	reorder, duplicate mix[float64]
	delayA, delayB     mix[time.Duration]

	dtx, dtmf, hold, recodec, update, prack, refer percent
	early, delayedOffer, proxy, nat, b2bua         percent
	ipv6, tcp, srtp, rtcpMux, fragment, copies     percent
	calleeHangsUp                                  percent

	fail   shares
	faults shares
	encap  mix[string]

	rtcp       time.Duration
	xr         bool
	options    float64
	register   float64
	callerNet  netip.Prefix
	calleeNet  netip.Prefix
	gateways   int
	mediaPorts int
	linkHeader string

	headersOnly bool // the capture keeps no payloads; of site scenarios
}

// failNames are the ways in which a call can fail (auth: challenged, then
// accepted). They exclude each other.
var failNames = []string{"busy", "cancel", "noanswer", "timeout", "reject", "notfound", "unavailable",
	"redirect", "auth", "authfail", "unanswered"}

// faultNames are things wrong with a call that is answered. They are
// independent of each other.
var faultNames = []string{"oneway", "natoneway", "nomedia", "latemedia", "dscp", "sipdscp", "codecmismatch",
	"ptimemismatch", "skew", "restart", "ssrcchange", "nobyeanswer", "nobye", "retransmit", "nosip"}

func newTraffic() *traffic {
	return &traffic{
		duration: span{mean: 30 * time.Second}, ring: span{mean: 2 * time.Second},
		codecs: newMix("pcmu", parseCodec), ptime: newMix("20", parsePTime),
		loss: newMix("none", parseLoss), lossAfter: newMix("none", parseLoss),
		jitter: newMix("none", parseJitter), reorder: newMix("none", parseRatio), duplicate: newMix("none", parseRatio),
		delayA: newMix("10ms", parseDelay), delayB: newMix("15ms", parseDelay),
		fail: shares{allowed: failNames, joint: true}, faults: shares{allowed: faultNames},
		encap:         newMix("none", parseEncap),
		calleeHangsUp: 40,
		callerNet:     netip.MustParsePrefix("198.18.0.0/16"),
		calleeNet:     netip.MustParsePrefix("198.19.0.0/16"),
	}
}

// declare declares the group's flags.
func (t *traffic) declare(fs *flag.FlagSet) {
	fs.IntVar(&t.calls, "calls", 10, "number of calls")
	fs.Float64Var(&t.rate, "rate", 0, "calls per second (instead of -ramp)")
	fs.DurationVar(&t.ramp, "ramp", 10*time.Second, "time over which the calls begin")
	fs.StringVar(&t.arrivals, "arrivals", "uniform", "arrival process: uniform or poisson")
	fs.DurationVar(&t.begin, "begin", 0, "time from the start of the capture to the first call")
	fs.Var(&t.duration, "duration", "talk time of a call: 30s, or exp(30s)")
	fs.Var(&t.ring, "ring", "ringing time: 2s, or exp(2s)")
	fs.Var(&t.codecs, "codecs", "codec mix, such as pcmu=60,g729=40")
	fs.Var(&t.ptime, "ptime", "packet time mix in ms, such as 20=90,30=10")
	t.declarePath(fs)
	t.declareCall(fs)
}

func (t *traffic) declarePath(fs *flag.FlagSet) {
	fs.Var(&t.loss, "loss", "loss before the tap, mix per stream: none, 0.5%, gilbert(p%,q%)")
	fs.Var(&t.lossAfter, "loss-after", "loss after the tap, which only RTCP shows; as -loss")
	fs.Var(&t.jitter, "jitter", "queueing delay, mix per stream: none, uniform(ms), exp(ms), normal(ms), spikes(ms,p%)")
	fs.Var(&t.reorder, "reorder", "share of a stream's packets held back past the next, mix per stream: none, 1%")
	fs.Var(&t.duplicate, "duplicate", "share of a stream's packets that the network repeats, mix per stream: none, 1%")
	fs.Var(&t.delayA, "delay-a", "one-way delay between caller and tap, mix per call, such as 10ms=50,80ms=50")
	fs.Var(&t.delayB, "delay-b", "one-way delay between tap and callee, mix per call")
	fs.Var(&t.encap, "encap", "encapsulation mix per call: none, vlan, qinq, mpls, pppoe, gre, erspan2, erspan3, vxlan, geneve, ipip, 6in4, gtpu, l2tp")
	fs.Var(&t.ipv6, "ipv6", "percent of calls over IPv6")
	fs.Var(&t.tcp, "tcp", "percent of calls with SIP over TCP")
	fs.Var(&t.fragment, "fragment", "percent of calls whose INVITE is cut into IP fragments (UDP only)")
	fs.Var(&t.copies, "copies", "percent of calls whose packets the capture holds twice")
	fs.Var((*prefix)(&t.callerNet), "caller-net", "IPv4 network of the callers")
	fs.Var((*prefix)(&t.calleeNet), "callee-net", "IPv4 network of the callees")
	fs.IntVar(&t.gateways, "gateways", 200, "hosts on the callees' side")
	fs.IntVar(&t.mediaPorts, "media-ports", 8000, "RTP ports per callee host; few make the next call reuse them at once")
}

func (t *traffic) declareCall(fs *flag.FlagSet) {
	fs.Var(&t.fail, "fail", "percent of calls by failure: busy, cancel, noanswer, timeout, reject, notfound, unavailable, redirect, auth (challenged, then accepted), authfail, unanswered")
	fs.Var(&t.faults, "faults", "percent of answered calls by fault: "+strings.Join(faultNames, ", "))
	fs.Var(&t.dtx, "dtx", "percent of calls with silence suppression")
	fs.Var(&t.dtmf, "dtmf", "percent of calls in which the caller presses keys (RFC 4733)")
	fs.Var(&t.hold, "hold", "percent of calls put on hold and resumed by re-INVITE")
	fs.Var(&t.recodec, "recodec", "percent of calls that change between PCMU and PCMA by re-INVITE (G.711 calls only)")
	fs.Var(&t.update, "update", "percent of calls refreshed by UPDATE")
	fs.Var(&t.prack, "prack", "percent of calls with reliable provisional responses")
	fs.Var(&t.refer, "refer", "percent of calls that the caller transfers (REFER)")
	fs.Var(&t.early, "early", "percent of calls with early media (183)")
	fs.Var(&t.delayedOffer, "delayed-offer", "percent of calls whose INVITE carries no offer")
	fs.Var(&t.proxy, "proxy", "percent of calls seen on both sides of a record-routing proxy")
	fs.Var(&t.nat, "nat", "percent of calls whose caller announces a private address")
	fs.Var(&t.b2bua, "b2bua", "percent of calls seen on both sides of a B2BUA")
	fs.StringVar(&t.linkHeader, "b2bua-link", "session-id", "what joins a B2BUA's legs: session-id, x-call-id or none")
	fs.Var(&t.srtp, "srtp", "percent of calls with SRTP (no RTCP is written for them)")
	fs.Var(&t.rtcpMux, "rtcp-mux", "percent of calls with RTCP on the RTP port")
	fs.Var(&t.calleeHangsUp, "callee-hangs-up", "percent of calls that the callee ends")
	fs.DurationVar(&t.rtcp, "rtcp", 5*time.Second, "RTCP interval; 0 writes none")
	fs.BoolVar(&t.xr, "xr", false, "add RTCP XR VoIP metrics")
	fs.Float64Var(&t.register, "register", 0, "REGISTER transactions per second")
	fs.Float64Var(&t.options, "options", 0, "OPTIONS transactions per second")
}

// validate checks what no single flag can see. It names flag, value and what is allowed.
func (t *traffic) validate() error {
	switch {
	case t.calls < 0 || t.calls > 10_000_000:
		return fmt.Errorf("-calls %d: want 0 to 10000000", t.calls)
	case t.rate < 0 || t.rate > 1e6:
		return fmt.Errorf("-rate %g: want 0 to 1e6 calls per second", t.rate)
	case t.ramp < 0:
		return fmt.Errorf("-ramp %s: want 0 or more", t.ramp)
	case t.begin < 0:
		return fmt.Errorf("-begin %s: want 0 or more", t.begin)
	case t.arrivals != "uniform" && t.arrivals != "poisson":
		return fmt.Errorf("-arrivals %q: want uniform or poisson", t.arrivals)
	case t.rtcp != 0 && t.rtcp < 100*time.Millisecond:
		return fmt.Errorf("-rtcp %s: want 0, or 100ms or more", t.rtcp)
	case t.linkHeader != "session-id" && t.linkHeader != "x-call-id" && t.linkHeader != "none":
		return fmt.Errorf("-b2bua-link %q: want session-id, x-call-id or none", t.linkHeader)
	case t.gateways < 1 || t.gateways > hostsIn(t.calleeNet):
		return fmt.Errorf("-gateways %d: want 1 to the %d hosts of -callee-net %s", t.gateways, hostsIn(t.calleeNet), t.calleeNet)
	case t.mediaPorts < 1 || t.mediaPorts > 20000:
		return fmt.Errorf("-media-ports %d: want 1 to 20000", t.mediaPorts)
	case t.register < 0 || t.register > 1e5:
		return fmt.Errorf("-register %g: want 0 to 1e5 per second", t.register)
	case t.options < 0 || t.options > 1e5:
		return fmt.Errorf("-options %g: want 0 to 1e5 per second", t.options)
	}
	return t.validateMixes()
}

func (t *traffic) validateMixes() error {
	for _, c := range t.codecs.values() {
		for _, ms := range t.ptime.values() {
			if ms%c.frameMS != 0 {
				return fmt.Errorf("-ptime %d: codec %s wants a multiple of %d ms", ms, c.name, c.frameMS)
			}
		}
	}
	slowest := slices.Max(append(t.delayA.values(), t.delayB.values()...))
	if t.rtcp != 0 && t.rtcp < 3*slowest {
		return fmt.Errorf("-rtcp %s with a delay of %s: want at least 3 times the delay, or reports overtake each other", t.rtcp, slowest)
	}
	for _, name := range t.encap.values() {
		e, err := encapByName(name)
		if err != nil {
			return err
		}
		if e.inner == 4 && t.ipv6 != 0 {
			return fmt.Errorf("-encap %s carries only IPv4: want -ipv6 0", name)
		}
		if e.inner == 6 && t.ipv6 != 100 {
			return fmt.Errorf("-encap %s carries only IPv6: want -ipv6 100", name)
		}
	}
	return nil
}

// interval draws the time between two calls' starts.
func (t *traffic) interval(r *rand.Rand) time.Duration {
	mean := 0.0
	switch {
	case t.rate > 0:
		mean = 1e9 / t.rate
	case t.calls > 0:
		mean = float64(t.ramp) / float64(t.calls)
	}
	if t.arrivals == "poisson" {
		mean *= r.ExpFloat64()
	}
	return time.Duration(mean)
}
