package dialog

import (
	"bytes"
	"strconv"
	"strings"

	"earshot/sipparse"
)

// refer is what ties a NOTIFY to its transfer.
type refer struct {
	set  *dialogSet
	cseq uint32 // of the REFER: the id of its implicit subscription (RFC 3515 2.4.6)
	user string // whom the transferee will call
}

// refer takes a REFER inside a dialog: a blind transfer, or an attended one
// where Refer-To carries Replaces (RFC 5589).
func (s *dialogSet) refer(at int64, x *transaction, m *sipparse.Message) {
	if x.copy || m.ReferTo == "" {
		return
	}
	kind := "blind"
	if m.Replaces != "" {
		kind = "attended"
	}
	s.call.transfer(Transfer{At: Time(at), Kind: kind, Target: keep(m.ReferTo)},
		refer{set: s, cseq: m.CSeq, user: strings.Clone(userOf(m.ReferTo))})
}

// referResponse drops the wait for a NOTIFY when the REFER was refused.
func (s *dialogSet) referResponse(x *transaction, m *sipparse.Message) {
	if m.StatusCode < 300 || m.StatusCode == 401 || m.StatusCode == 407 {
		return
	}
	if i := s.call.referOf(s, x.cseq); i >= 0 {
		s.call.status(i, m.StatusCode)
	}
}

// notify takes the sipfrag of a NOTIFY: how the transfer goes (RFC 3515 2.4.5).
func (s *dialogSet) notify(x *transaction, m *sipparse.Message) {
	event, params, _ := strings.Cut(m.Event, ";")
	if x.copy || !strings.EqualFold(strings.TrimSpace(event), "refer") {
		return
	}
	status := sipfragStatus(m.Body)
	if status < 100 {
		return
	}
	i := s.call.referOf(s, subscriptionID(params))
	if i < 0 {
		i = s.call.referOf(s, 0)
	}
	if i >= 0 {
		s.call.status(i, status)
	}
}

// transfer keeps a transfer while there is room.
func (c *call) transfer(tr Transfer, r refer) {
	if len(c.transfers) >= maxTransfers {
		return
	}
	c.transfers = append(c.transfers, tr)
	c.refers = append(c.refers, r)
}

// referOf finds the transfer that a REFER with this CSeq started; cseq 0 is the
// last one of the set. It returns -1 where there is none.
func (c *call) referOf(s *dialogSet, cseq uint32) int {
	for i := len(c.refers) - 1; i >= 0; i-- {
		if r := &c.refers[i]; r.set == s && r.cseq != 0 && (cseq == 0 || r.cseq == cseq) {
			return i
		}
	}
	return -1
}

func (c *call) status(i, status int) { c.transfers[i].Status = &status }

// transferring reports whether a REFER waits for its final NOTIFY.
func (c *call) transferring() bool {
	for i := range c.refers {
		if status := c.transfers[i].Status; c.refers[i].cseq != 0 && (status == nil || *status < 200) {
			return true
		}
	}
	return false
}

// refersTo reports whether the transferee of a pending REFER was sent to this user.
func (c *call) refersTo(user string) bool {
	for i := range c.refers {
		if r := &c.refers[i]; r.cseq != 0 && user != "" && r.user == user {
			return true
		}
	}
	return false
}

// sipfragStatus reads "SIP/2.0 200 OK", the least that a sipfrag body holds.
func sipfragStatus(body []byte) int {
	rest, ok := bytes.CutPrefix(bytes.TrimSpace(body), []byte("SIP/2.0 "))
	if !ok || len(rest) < 3 {
		return 0
	}
	n, err := strconv.Atoi(string(rest[:3]))
	if err != nil {
		return 0
	}
	return n
}

// subscriptionID reads the id of Event: refer;id=93809824, 0 where absent.
func subscriptionID(params string) uint32 {
	for _, p := range strings.Split(clip(params), ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		if !strings.EqualFold(k, "id") {
			continue
		}
		if n, err := strconv.ParseUint(v, 10, 32); err == nil {
			return uint32(n)
		}
	}
	return 0
}
