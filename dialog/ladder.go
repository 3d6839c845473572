package dialog

import (
	"strconv"
	"strings"

	"earshot/sipparse"
)

// climb adds a message to the call's ladder while there is room. Entries come
// in capture order; the record sorts them by time, stably, so that (time,
// capture order) is their total order.
func (t *Table) climb(at int64, hop Hop, c *call, m *sipparse.Message, seen sight) {
	if !t.cfg.KeepLadder {
		return
	}
	if len(c.ladder) >= t.cfg.MaxLadder {
		t.counts.refuse(refusedLadder)
		return
	}
	c.ladder = append(c.ladder, LadderEntry{
		At: Time(at), Src: hop.Src, Dst: hop.Dst, Transport: hop.Transport,
		CallID:         keep(m.CallID),
		Label:          label(m),
		CSeq:           strconv.FormatUint(uint64(m.CSeq), 10) + " " + keep(methodOf(m)),
		SDP:            sdpSummary(m.SDP),
		Retransmission: seen == retransmission,
		Damaged:        m.Damage != 0,
	})
}

// label names a message: "INVITE", "180 Ringing (INVITE)".
func label(m *sipparse.Message) string {
	if m.IsRequest() {
		return keep(m.Method)
	}
	text := strconv.Itoa(m.StatusCode)
	if m.Reason != "" {
		text += " " + clip(m.Reason)
	}
	if m.CSeqMethod != "" {
		text += " (" + clip(m.CSeqMethod) + ")"
	}
	return text
}

// maxSummary bounds the formats and m-lines that a summary names.
const maxSummary = 8

// sdpSummary reads "audio 192.0.2.1:4000 PCMU,telephone-event sendrecv", with
// "; " between m-lines.
func sdpSummary(sdp *sipparse.SDP) string {
	if sdp == nil {
		return ""
	}
	var b strings.Builder
	for i := range sdp.Media[:min(len(sdp.Media), maxSummary)] {
		m := &sdp.Media[i]
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(clip(m.Kind))
		b.WriteByte(' ')
		b.WriteString(addressOf(m))
		b.WriteByte(' ')
		writeFormats(&b, m.Formats)
		b.WriteString(directionName(m.Direction))
	}
	return b.String()
}

// addressOf shows the host as a name where the SDP gave one.
func addressOf(m *sipparse.Media) string {
	if m.Host != "" && !m.Addr.Addr().IsValid() {
		return clip(m.Host) + ":" + strconv.Itoa(int(m.Addr.Port()))
	}
	return m.Addr.String()
}

func writeFormats(b *strings.Builder, formats []sipparse.Format) {
	for i, f := range formats[:min(len(formats), maxSummary)] {
		if i > 0 {
			b.WriteByte(',')
		}
		if f.Encoding == "" {
			b.WriteString(strconv.Itoa(int(f.PayloadType)))
			continue
		}
		b.WriteString(clip(f.Encoding))
	}
	if len(formats) > 0 {
		b.WriteByte(' ')
	}
}

func directionName(d sipparse.Direction) string {
	switch d {
	case sipparse.SendOnly:
		return "sendonly"
	case sipparse.RecvOnly:
		return "recvonly"
	case sipparse.Inactive:
		return "inactive"
	}
	return "sendrecv"
}
