package main

import (
	"earshot/capture"
	"earshot/dialog"
	"earshot/pipeline"
	"earshot/web"
)

// liveSink gives records and observations to everybody who wants them. The
// pipeline's recorder calls it, from one goroutine.
type liveSink struct {
	metrics *web.Metrics
	records *recordFile  // nil: none
	store   *recordQueue // nil: none
	judge   *judge
}

func (s *liveSink) Record(r dialog.Record) {
	s.metrics.Record(r)
	if s.records != nil {
		s.records.Record(r)
	}
	if s.store != nil {
		s.store.Record(r)
	}
	s.judge.Record(r)
}

func (s *liveSink) Observe(o *dialog.Observation) {
	s.metrics.Observe(o)
	s.judge.Observe(o)
}

func (s *liveSink) Tick(b pipeline.Beat) { s.judge.Tick(b) }

var (
	_ pipeline.Observer   = (*liveSink)(nil)
	_ pipeline.Timekeeper = (*liveSink)(nil)
)

// forwarder gives SIP and RTCP to every HEP receiver, from one goroutine.
type forwarder struct {
	senders []*capture.HEPSender
	message capture.HEPMessage // filled anew for each
}

// HEP protocol types.
const (
	hepSIP  = 1
	hepRTCP = 5
)

func (f *forwarder) Forward(m *pipeline.Forwarded) {
	kind := uint8(hepSIP)
	if m.RTCP {
		kind = hepRTCP
	}
	f.message = capture.HEPMessage{
		At: m.At, SrcAddr: m.Src, DstAddr: m.Dst, SrcPort: m.SrcPort, DstPort: m.DstPort,
		Protocol: m.Protocol, Kind: kind, Correlation: m.CallID, Payload: m.Payload,
	}
	for _, s := range f.senders {
		s.Send(&f.message)
	}
}

func (f *forwarder) Idle() {
	for _, s := range f.senders {
		s.Idle()
	}
}

func (f *forwarder) stats() []capture.HEPSenderStats {
	var list []capture.HEPSenderStats
	for _, s := range f.senders {
		list = append(list, s.Stats())
	}
	return list
}

var _ pipeline.Forwarder = (*forwarder)(nil)
