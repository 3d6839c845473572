package store

import (
	"fmt"
	"net/netip"
	"strings"

	"earshot/dialog"
)

// plan is how a query is put to one day's file: words for the index, and
// conditions on columns, which look again at what words only hint at.
type plan struct {
	match []string // each must be there; a list of alternatives is one string
	where []string
	args  []any
	// check looks at the record itself, where neither words nor columns are
	// exact; nil: they are.
	check func(dialog.Record) bool
}

func (q *Query) plan(d Day, f dayFormat) *plan {
	p := &plan{}
	if !q.Streams {
		p.and("r.kind = ?", kindCall)
	}
	if !q.After.IsZero() {
		p.and(`r."start" >= ?`, q.After.UnixNano())
	}
	if !q.Before.IsZero() {
		p.and(`r."start" < ?`, q.Before.UnixNano())
	}
	if q.From != (Cursor{}) && d == q.From.Day {
		if q.Oldest {
			p.and("r.n > ?", q.From.N)
		} else {
			p.and("r.n < ?", q.From.N)
		}
	}
	q.quality(p)
	if f.quality {
		p.match = append(p.match, q.qualityWords()...)
	}
	q.places(p)
	q.number(p)
	if q.Addresses.IsValid() {
		p.addresses(q.Addresses.Masked())
	}
	if q.CallID != "" {
		p.callID(q.CallID)
	}
	return p
}

func (p *plan) and(condition string, args ...any) {
	p.where = append(p.where, condition)
	p.args = append(p.args, args...)
}

// between wants rows with these numbers. The index is told too.
func (p *plan) between(first, last int64) {
	p.and("r.n BETWEEN ? AND ?", first, last)
	if len(p.match) > 0 {
		p.and("w.rowid BETWEEN ? AND ?", first, last)
	}
}

// word quotes a word for the index. Words hold no quotes.
func word(w string) string { return `"` + w + `"` }

func (q *Query) quality(p *plan) {
	if q.MOSBelow > 0 {
		p.and("r.mos_worst < ?", q.MOSBelow)
	}
	if q.LossAbove != 0 {
		p.and("r.loss > ?", q.LossAbove)
	}
	if q.Disposition != "" {
		p.and("r.disposition = ?", string(q.Disposition))
	}
	if q.Status != 0 {
		p.and("r.final_status = ?", q.Status)
	}
}

func (q *Query) places(p *plan) {
	if q.Finding != "" {
		p.match = append(p.match, word(nameWord(wordFinding, q.Finding)))
		p.and("instr(r.findings, ?) > 0", ","+q.Finding+",")
	}
	if q.Segment != "" {
		p.match = append(p.match, word(nameWord(wordSegment, q.Segment)))
		p.and("? IN (r.segment_from_caller, r.segment_from_callee)", q.Segment)
	}
	if q.Peer != "" {
		p.match = append(p.match, word(nameWord(wordPeer, q.Peer)))
		p.and("? IN (r.peer_from, r.peer_to)", q.Peer)
	}
	if q.Tenant != "" {
		p.match = append(p.match, word(nameWord(wordTenant, q.Tenant)))
		p.and("? IN (r.tenant_from_caller, r.tenant_from_callee)", q.Tenant)
	}
}

// number looks for pieces of three; what is shorter is looked for in the columns alone.
func (q *Query) number(p *plan) {
	if q.Number == "" {
		return
	}
	text, begins := strings.CutSuffix(q.Number, "*")
	text, ends := strings.CutPrefix(text, "*")
	anchored := text
	if begins {
		anchored = "^" + anchored
	}
	if ends {
		anchored += "$"
	}
	for _, w := range numberWords(anchored) {
		p.match = append(p.match, word(w))
	}
	part := strings.ToLower(text)
	switch {
	case begins:
		p.and("(substr(lower(r.caller), 1, ?) = ? OR substr(lower(r.callee), 1, ?) = ?)", len(part), part, len(part), part)
	case ends:
		p.and("(substr(lower(r.caller), -?) = ? OR substr(lower(r.callee), -?) = ?)", len(part), part, len(part), part)
	default:
		p.and("(instr(lower(r.caller), ?) > 0 OR instr(lower(r.callee), ?) > 0)", part, part)
	}
}

// addresses looks for one address by its word, for a network by the begin of
// its addresses' words: by several where it ends inside a hexadecimal digit.
func (p *plan) addresses(n netip.Prefix) {
	if a := n.Addr(); a.Is4In6() && n.Bits() >= 96 {
		n = netip.PrefixFrom(a.Unmap(), n.Bits()-96)
	}
	w := addressWord(n.Addr())
	if n.IsSingleIP() {
		p.match = append(p.match, word(w))
		return
	}
	whole, rest := 2+n.Bits()/4, n.Bits()%4 // a kind and a family before the digits
	if rest == 0 {
		p.match = append(p.match, word(w[:whole])+"*")
		return
	}
	first := strings.IndexByte(hexDigits, w[whole]) // the digit's other bits are 0
	var begins []string
	for digit := first; digit < first+1<<(4-rest); digit++ {
		begins = append(begins, word(w[:whole]+hexDigits[digit:digit+1])+"*")
	}
	p.match = append(p.match, "("+strings.Join(begins, " OR ")+")")
}

const hexDigits = "0123456789abcdef"

// callID looks for a Call-ID by its hash, and for the begin of a record's id.
func (p *plan) callID(id string) {
	p.match = append(p.match, fmt.Sprintf("(%s OR %s*)", word(hashWord(id)), word(nameWord(wordID, id))))
	p.check = func(r dialog.Record) bool {
		switch r := r.(type) {
		case *dialog.CallRecord:
			for _, one := range r.CallIDs {
				if one == id {
					return true
				}
			}
			return strings.HasPrefix(r.ID, id)
		case *dialog.StreamRecord:
			return strings.HasPrefix(r.ID, id)
		}
		return false
	}
}

// sql is the whole question. The order of the joins is kept:
// the index finds few of many, the columns choose, and bodies are read last.
func (p *plan) sql(oldest bool, limit int) (string, []any) {
	var b strings.Builder
	args := p.args
	b.WriteString("SELECT r.n, b.body FROM ")
	where := append([]string(nil), p.where...)
	order := "r.n"
	if len(p.match) > 0 {
		b.WriteString("words w CROSS JOIN records r ON r.n = w.rowid")
		where = append(where, "w.words MATCH ?")
		args = append(append([]any(nil), args...), strings.Join(p.match, " AND "))
		order = "w.rowid"
	} else {
		b.WriteString("records r")
	}
	b.WriteString(" CROSS JOIN bodies b ON b.n = r.n")
	if len(where) > 0 {
		b.WriteString(" WHERE " + strings.Join(where, " AND "))
	}
	b.WriteString(" ORDER BY " + order)
	if !oldest {
		b.WriteString(" DESC")
	}
	if limit > 0 && p.check == nil {
		fmt.Fprintf(&b, " LIMIT %d", limit)
	}
	return b.String(), args
}
