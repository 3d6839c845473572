package dialog

// call writes a call record; the fields and their order are CallRecord's.
func (o *object) call(r *CallRecord) {
	o.begin("")
	o.text("type", r.Type)
	o.text("id", r.ID)
	o.texts("call_ids", r.CallIDs)
	o.text("from", r.From)
	o.text("to", r.To)
	o.text("from_uri", r.FromURI)
	o.text("to_uri", r.ToURI)
	o.time("start", r.Start)
	o.time("ringing", r.Ringing)
	o.time("answer", r.Answer)
	o.time("end", r.End)
	o.numberOrNull("duration_ms", r.DurationMS)
	o.numberOrNull("setup_ms", r.SetupMS)
	o.numberOrNull("pdd_ms", r.PDDMS)
	o.numberOrNull("disconnect_ms", r.DisconnectMS)
	o.text("disposition", string(r.Disposition))
	o.integerOrNull("final_status", r.FinalStatus)
	o.text("reason", r.Reason)
	o.text("ended_by", string(r.EndedBy))
	o.text("transport", r.Transport)
	o.texts("user_agents", r.UserAgents)
	o.integer("retransmissions", int64(r.Retransmissions))
	o.open("legs")
	for i := range r.Legs {
		o.next(i)
		o.leg(&r.Legs[i])
	}
	o.shut()
	o.texts("leg_evidence", r.LegEvidence)
	o.texts("offered", r.Offered)
	o.texts("answered_codecs", r.AnsweredCodecs)
	o.integer("holds", int64(r.Holds))
	o.number("hold_ms", r.HoldMS)
	o.open("transfers")
	for i := range r.Transfers {
		o.next(i)
		o.transfer(&r.Transfers[i])
	}
	o.shut()
	o.texts("streams", r.Streams)
	o.numberOrNull("mos_worst", r.MOSWorst)
	o.open("findings")
	for i := range r.Findings {
		o.next(i)
		o.finding(&r.Findings[i])
	}
	o.shut()
	o.boolean("truncated", r.Truncated)
	if r.Trust != "" {
		o.text("trust", r.Trust)
		o.text("trust_reason", r.TrustReason)
	}
	o.end()
}

func (o *object) leg(l *LegRecord) {
	o.begin("")
	o.addrPort("src", l.Src)
	o.addrPort("dst", l.Dst)
	o.text("call_id", l.CallID)
	o.text("from_tag", l.FromTag)
	o.text("to_tag", l.ToTag)
	o.text("transport", l.Transport)
	o.end()
}

func (o *object) transfer(t *Transfer) {
	o.begin("")
	o.time("at", t.At)
	o.text("kind", t.Kind)
	o.text("target", t.Target)
	o.integerOrNull("status", t.Status)
	o.end()
}

func (o *object) finding(f *Finding) {
	o.begin("")
	o.text("code", f.Code)
	o.text("text", f.Text)
	o.text("evidence", f.Evidence)
	if f.Stream != "" {
		o.text("stream", f.Stream)
	}
	o.end()
}

// transaction writes a transaction record.
func (o *object) transaction(r *TransactionRecord) {
	o.begin("")
	o.text("type", r.Type)
	o.text("method", r.Method)
	o.text("call_id", r.CallID)
	o.text("from", r.From)
	o.text("to", r.To)
	o.addrPort("src", r.Src)
	o.addrPort("dst", r.Dst)
	o.time("start", r.Start)
	o.integerOrNull("final_status", r.FinalStatus)
	o.numberOrNull("response_ms", r.ResponseMS)
	o.integer("retransmissions", int64(r.Retransmissions))
	o.end()
}
