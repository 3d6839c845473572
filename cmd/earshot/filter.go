package main

import (
	"flag"
	"net/netip"
	"slices"
	"strings"
	"time"

	"earshot/dialog"
)

// filter selects calls and streams. Every condition that is set must hold.
type filter struct {
	from, to, callID, codec string
	mosBelow                float64
	lossAbove               ratio
	finding                 string
	ip                      prefix
	after, before           moment
}

func (f *filter) define(fs *flag.FlagSet) {
	fs.StringVar(&f.from, "from", "", "only calls whose caller contains `TEXT`")
	fs.StringVar(&f.to, "to", "", "only calls whose called party contains `TEXT`")
	fs.StringVar(&f.callID, "call-id", "", "only calls one of whose Call-IDs contains `TEXT`")
	fs.StringVar(&f.codec, "codec", "", "only calls with a stream of this codec `NAME`, e.g. G729")
	fs.Float64Var(&f.mosBelow, "mos-below", 0, "only calls whose worst MOS is below `MOS`")
	fs.Var(&f.lossAbove, "loss-above", "only calls with a stream that lost more than `RATIO`, e.g. 0.01 or 1%")
	fs.StringVar(&f.finding, "finding", "", "only calls with this finding `CODE`, e.g. one_way_audio")
	fs.Var(&f.ip, "ip", "only calls that touch this address or network `CIDR`")
	fs.Var(&f.after, "after", "only calls that start at or after `TIME` (RFC 3339, or 2006-01-02 15:04:05 in UTC)")
	fs.Var(&f.before, "before", "only calls that start before `TIME`")
}

// call reports whether the filter lets a call through.
func (f *filter) call(c *dialog.CallRecord) bool {
	switch {
	case f.from != "" && !contains(c.From, f.from) && !contains(c.FromURI, f.from),
		f.to != "" && !contains(c.To, f.to) && !contains(c.ToURI, f.to),
		f.callID != "" && c.ID != f.callID && !slices.ContainsFunc(c.CallIDs, func(id string) bool { return contains(id, f.callID) }),
		f.mosBelow > 0 && (c.MOSWorst == nil || *c.MOSWorst >= f.mosBelow),
		f.finding != "" && !slices.ContainsFunc(c.Findings, func(x dialog.Finding) bool { return x.Code == f.finding }),
		!f.inTime(c.Start):
		return false
	}
	if f.codec != "" && !slices.ContainsFunc(c.Media, f.sameCodec) {
		return false
	}
	if f.lossAbove.set && !slices.ContainsFunc(c.Media, f.tooLossy) {
		return false
	}
	return !f.ip.set || slices.ContainsFunc(c.Media, f.touches) || slices.ContainsFunc(c.Legs, func(l dialog.LegRecord) bool {
		return f.ip.contains(l.Src) || f.ip.contains(l.Dst)
	})
}

// stream reports whether the filter lets a stream of no call through.
// Conditions that only a call can meet turn it away.
func (f *filter) stream(s *dialog.StreamRecord) bool {
	if f.from != "" || f.to != "" || f.callID != "" || f.finding != "" {
		return false
	}
	return (f.codec == "" || f.sameCodec(s)) &&
		(f.mosBelow == 0 || s.MOS.LQ != nil && *s.MOS.LQ < f.mosBelow) &&
		(!f.lossAbove.set || f.tooLossy(s)) &&
		(!f.ip.set || f.touches(s)) && f.inTime(s.Start)
}

// transaction reports whether the filter lets a transaction through.
func (f *filter) transaction(t *dialog.TransactionRecord) bool {
	if f.codec != "" || f.mosBelow > 0 || f.lossAbove.set || f.finding != "" {
		return false
	}
	return (f.from == "" || contains(t.From, f.from)) && (f.to == "" || contains(t.To, f.to)) &&
		(f.callID == "" || contains(t.CallID, f.callID)) &&
		(!f.ip.set || f.ip.contains(t.Src) || f.ip.contains(t.Dst)) && f.inTime(t.Start)
}

func (f *filter) sameCodec(s *dialog.StreamRecord) bool {
	return s.Codec != nil && strings.EqualFold(*s.Codec, f.codec)
}
func (f *filter) tooLossy(s *dialog.StreamRecord) bool { return s.LossRatio > f.lossAbove.value }
func (f *filter) touches(s *dialog.StreamRecord) bool {
	return f.ip.contains(s.Src) || f.ip.contains(s.Dst)
}

func (f *filter) inTime(at dialog.Time) bool {
	t := at.Timestamp()
	return (f.after.IsZero() || !t.Before(f.after.Time)) && (f.before.IsZero() || t.Before(f.before.Time))
}

func contains(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// prefix is an --ip value: an address or a network.
type prefix struct {
	netip.Prefix
	set bool
}

func (p *prefix) contains(a netip.AddrPort) bool { return p.Prefix.Contains(a.Addr().Unmap()) }

func (p *prefix) Set(s string) error {
	if addr, err := netip.ParseAddr(s); err == nil {
		p.Prefix, p.set = netip.PrefixFrom(addr, addr.BitLen()), true
		return nil
	}
	pre, err := netip.ParsePrefix(s)
	if err != nil {
		return usageError("want an address like 192.0.2.1 or a network like 192.0.2.0/24")
	}
	p.Prefix, p.set = pre, true
	return nil
}

func (p *prefix) String() string {
	if p == nil || !p.set {
		return ""
	}
	return p.Prefix.String()
}

// moment is an --after or --before value.
type moment struct{ time.Time }

func (m *moment) Set(s string) error {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			m.Time = t
			return nil
		}
	}
	return usageError("want a time like 2026-01-31T15:04:05Z or \"2026-01-31 15:04:05\" (UTC)")
}

func (m *moment) String() string {
	if m == nil || m.IsZero() {
		return ""
	}
	return m.Format(time.RFC3339)
}
