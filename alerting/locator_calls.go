package alerting

import (
	"net/netip"
	"strconv"
	"strings"

	"earshot/dialog"
)

// callEnded finds the unit of a call that ended, and says where its ends are.
func (l *locator) callEnded(e *Engine, r *dialog.CallRecord, ends *sides) int32 {
	i := l.call(callKey(r.ID), e.now)
	if i == none {
		return none
	}
	c := &l.calls[i]
	c.ended, c.start, c.hurt = true, int64(r.Start), hurtBy(r)
	if c.id == "" {
		c.id = strings.Clone(r.ID)
	}
	if len(r.CallIDs) > 0 {
		c.callID = strings.Clone(r.CallIDs[0])
	}
	trunks, agents := [2]string{r.TrunkFromCaller, r.TrunkFromCallee}, [2]string{r.AgentFrom, r.AgentTo}
	for side := range c.ends {
		c.ends[side] = l.end(e, ends[side])
		c.ends[side][colTrunk] = l.words.number(colTrunk, trunks[side])
		c.ends[side][colAgent] = l.words.agent(agents[side])
	}
	if n := len(r.Legs); n > 0 {
		c.addrs = [2]netip.Addr{r.Legs[0].Src.Addr(), r.Legs[n-1].Dst.Addr()}
		l.words.subnet(&c.ends[0], colSource, c.addrs[0])
		l.words.subnet(&c.ends[1], colSink, c.addrs[1])
	}
	return i
}

// hurtBy says whose voice a call's findings are about, unknown where they are
// about both or neither. One-way audio names the stream that was heard: the
// other voice is the one that suffers.
func hurtBy(r *dialog.CallRecord) dialog.Speaker {
	var hurt [3]bool
	for _, f := range r.Findings {
		for _, s := range r.Media {
			if f.Stream == "" || s.ID != f.Stream {
				continue
			}
			who := s.Speaker
			if f.Code == findingOneWay {
				who = otherSpeaker[who]
			}
			hurt[who] = hurt[who] || f.Code == findingOneWay || f.Code == findingCodecMismatch
		}
	}
	switch {
	case hurt[dialog.SpeakerCaller] && !hurt[dialog.SpeakerCallee]:
		return dialog.SpeakerCaller
	case hurt[dialog.SpeakerCallee] && !hurt[dialog.SpeakerCaller]:
		return dialog.SpeakerCallee
	}
	return dialog.SpeakerUnknown
}

// The findings that name a stream whose direction tells where they arise.
const (
	findingOneWay        = "one_way_audio"
	findingCodecMismatch = "codec_mismatch"
)

var otherSpeaker = [...]dialog.Speaker{
	dialog.SpeakerUnknown: dialog.SpeakerUnknown, dialog.SpeakerCaller: dialog.SpeakerCallee, dialog.SpeakerCallee: dialog.SpeakerCaller,
}

// registered makes the unit of a registration.
func (l *locator) registered(e *Engine, r *dialog.TransactionRecord, ends *sides) int32 {
	key := callKey(r.CallID + " " + strconv.FormatInt(int64(r.Start), 10))
	i := l.call(key, e.now)
	if i == none {
		return none
	}
	c := &l.calls[i]
	c.ended, c.start, c.signup, c.denied = true, int64(r.Start), true, r.FinalStatus != nil
	c.id = strings.Clone(r.CallID)
	c.callID = c.id
	c.addrs = [2]netip.Addr{r.Src.Addr(), r.Dst.Addr()}
	for side, addr := range c.addrs {
		c.ends[side] = l.end(e, ends[side])
		l.words.subnet(&c.ends[side], colSource+column(side), addr)
	}
	c.ends[0][colAgent] = l.words.agent(r.UserAgent)
	return i
}

// judgedCall takes a rule's verdict on a call or registration.
func (l *locator) judgedCall(unit int32, rs *ruleState, from, to int64, v verdict) {
	if rs.judging != none {
		l.marksOfCall(unit)[rs.judging].note(from, to, v.impaired, v.value, rs.info.below)
	}
}
