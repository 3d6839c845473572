package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"earshot/capture"
	"earshot/pipeline"
)

// counted is something that the probe itself lost, and what to do about it.
type counted struct {
	kind  string // unique
	text  string
	hint  string
	value uint64
}

// losses lists everything that should stay at 0.
func (p *probe) losses() []counted {
	var list []counted
	if len(p.live) > 0 {
		list = kernelLosses(p.interfaces())
	}
	if p.hep != nil {
		list = append(list, counted{"hep", "HEP packets were dropped before they could be read",
			"raise hep.queue_mb and net.core.rmem_max, or spread the senders", p.hep.Stats().Dropped})
	}
	if p.forward != nil {
		for i, s := range p.forward.stats() {
			list = append(list, counted{"sender " + p.cfg.HEPOut[i].Address.text, "HEP was dropped on its way to " + p.cfg.HEPOut[i].Address.text,
				"the receiver is away or slow; raise hep_out.buffer_mb to bridge longer outages", s.Dropped})
		}
	}
	if p.store != nil {
		list = append(list, counted{"store", "records were not kept in the store",
			"the disk under store.dir is too slow; raise store.queue to bridge short waits", p.store.dropped.Load()})
	}
	list = append(list, stageLosses(p.pipe.Stages())...)
	refused := p.pipe.Snapshot().Totals.Refused
	for _, table := range slices.Sorted(maps.Keys(refused)) {
		list = append(list, counted{"table " + table, "a table is full: " + table,
			"raise its limit, see limits in the configuration, or find out who floods", refused[table]})
	}
	return list
}

func kernelLosses(interfaces []capture.InterfaceStats) []counted {
	var list []counted
	for _, s := range interfaces {
		list = append(list, counted{"kernel " + s.Name, "the kernel dropped packets of " + s.Name,
			"raise ring_mb, add lanes, or narrow the filter; figures of this time are marked suspect", s.Drops})
	}
	return list
}

func stageLosses(s pipeline.Stages) []counted {
	return []counted{
		{"records", "records were dropped", "the disk under records.file is too slow", s.Correlator.ShedRecords},
		{"observations", "intervals were not counted in metrics", "the machine is overloaded", s.Correlator.ShedObserved},
		{"save", "packets were not written to capture files", "the disk under save.dir is too slow; set save.rtp to headers or none", s.Keep.ShedPackets},
		{"forward", "messages were not handed to HEP's receivers", "the machine is overloaded, or the network to them is", s.Forward.Shed},
	}
}

// shed is what overload left out, by kind.
func shed(s pipeline.Stages) (rtp, messages uint64) {
	for _, l := range s.Lanes {
		rtp += l.ShedRTP
		messages += l.ShedMessages
	}
	return rtp, messages
}

// watcher turns counters into log lines: at most one a kind and period.
type watcher struct {
	log      *slog.Logger
	last     map[string]uint64
	rtp, msg uint64    // shed, at the last look
	since    time.Time // overload began; zero: there is none
	before   uint64    // shed when it began
}

// look compares counters with those of the last look.
func (w *watcher) look(now time.Time, losses []counted, rtp, messages uint64) {
	if w.last == nil {
		w.last = map[string]uint64{}
	}
	for _, c := range losses {
		if n := c.value - w.last[c.kind]; c.value > w.last[c.kind] {
			w.log.Warn(c.text, "count", n, "total", c.value, "hint", c.hint)
		}
		w.last[c.kind] = c.value
	}
	w.overload(now, rtp, messages)
}

// overload tells when packets begin to be shed and when that ends.
func (w *watcher) overload(now time.Time, rtp, messages uint64) {
	newRTP, newMessages := rtp-w.rtp, messages-w.msg
	switch {
	case newRTP+newMessages > 0:
		text := "overload goes on"
		if w.since.IsZero() {
			w.since, w.before = now, w.rtp+w.msg
			text = "overload begins: packets are left out, RTP before SIP"
		}
		w.log.Warn(text, "rtp", newRTP, "sip_and_rtcp", newMessages,
			"hint", "what was touched is marked suspect; fewer packets (filter), more shards or a faster machine")
	case !w.since.IsZero():
		w.log.Info("overload ended", "lasted", now.Sub(w.since).Round(time.Second), "left_out", rtp+messages-w.before)
		w.since = time.Time{}
	}
	w.rtp, w.msg = rtp, messages
}

// watch looks at the counters until ctx is done, and flushes records.
func (p *probe) watch(ctx context.Context) {
	w := &watcher{log: p.log}
	flush, look, figures := time.NewTicker(time.Second), time.NewTicker(repeatAfter), time.NewTicker(time.Minute)
	defer flush.Stop()
	defer look.Stop()
	defer figures.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-flush.C:
			p.flushRecords()
			p.events.flush()
		case now := <-look.C:
			rtp, messages := shed(p.pipe.Stages())
			w.look(now, p.losses(), rtp, messages)
		case <-figures.C:
			p.logFigures()
		}
	}
}

func (p *probe) flushRecords() {
	if p.records == nil {
		return
	}
	if lost, err := p.records.flush(); err != nil {
		p.events.event(slog.LevelError, "records", "cannot write records; measuring goes on", "error", err, "lost_lines", lost, "file", p.records.name)
	}
}

// logFigures is the line of a minute, for those who debug.
func (p *probe) logFigures() {
	packets, octets := p.pipe.Progress()
	s := p.pipe.Snapshot()
	calls, streams := 0, 0
	if s.View != nil {
		calls, streams = len(s.View.Calls), len(s.View.Streams)
	}
	p.log.Debug("figures", "packets", packets, "octets", octets, "sip", s.Totals.SIPMessages, "calls", calls, "streams", streams,
		"packet_time", fmt.Sprint(time.Unix(0, s.At).UTC().Format(time.RFC3339)))
}
