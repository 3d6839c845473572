package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
)

// NewCasesCSV writes the row of names of cases and returns the writer.
func NewCasesCSV(w io.Writer) *CSV { return newCSV(w, caseColumnsCSV) }

// NewAuditCSV writes the row of names of the audit log and returns the writer.
func NewAuditCSV(w io.Writer) *CSV { return newCSV(w, auditColumnsCSV) }

// NewChangesCSV writes the row of names of changes of the network and returns
// the writer.
func NewChangesCSV(w io.Writer) *CSV { return newCSV(w, changeColumnsCSV) }

func newCSV[R any](w io.Writer, columns []field[R]) *CSV {
	c := &CSV{w: csv.NewWriter(w)}
	c.w.UseCRLF = true // RFC 4180 2.1
	var names []string
	for _, f := range columns {
		names = append(names, f.name)
	}
	c.header(names)
	return c
}

// Case writes a case.
func (c *CSV) Case(one *alerting.Case) { writeRow(c, caseColumnsCSV, one) }

// Audit writes an entry of the audit log.
func (c *CSV) Audit(e *alerting.AuditEntry) { writeRow(c, auditColumnsCSV, e) }

// Change writes a change of the network.
func (c *CSV) Change(n *alerting.NetworkChange) { writeRow(c, changeColumnsCSV, n) }

func writeRow[R any](c *CSV, columns []field[R], r R) {
	for _, f := range columns {
		f.write(c, r)
	}
	c.end()
}

// longestProse bounds a text that people write: what a cell of a spreadsheet takes.
const longestProse = 32_767

// prose adds what people wrote: longer than a text out of a packet.
func (c *CSV) prose(v string) { c.row = append(c.row, tame(clean(v, longestProse))) }

// instant adds a time, nothing where there is none.
func (c *CSV) instant(t time.Time) {
	if t.IsZero() {
		c.cell("")
		return
	}
	c.cell(t.UTC().Format(time.RFC3339Nano))
}

func (c *CSV) whole(n int) { c.cell(strconv.Itoa(n)) }

var caseColumnsCSV = []field[*alerting.Case]{
	{"number", func(c *CSV, r *alerting.Case) { c.whole(r.Number) }},
	{"tenant", func(c *CSV, r *alerting.Case) { c.prose(r.Tenant) }},
	{"service", func(c *CSV, r *alerting.Case) { c.prose(r.Service) }},
	{"environment", func(c *CSV, r *alerting.Case) { c.prose(r.Environment) }},
	{"type", func(c *CSV, r *alerting.Case) { c.cell(string(r.Type)) }},
	{"sub_type", func(c *CSV, r *alerting.Case) { c.cell(string(r.SubType)) }},
	{"severity", func(c *CSV, r *alerting.Case) { c.cell(r.Severity.String()) }},
	{"security", func(c *CSV, r *alerting.Case) { c.cell(strconv.FormatBool(r.Security)) }},
	{"down", func(c *CSV, r *alerting.Case) { c.cell(strconv.FormatBool(r.Down)) }},
	{"status", func(c *CSV, r *alerting.Case) { c.cell(string(r.Status)) }},
	{"sub_status", func(c *CSV, r *alerting.Case) { c.cell(string(r.SubStatus)) }},
	{"subject", func(c *CSV, r *alerting.Case) { c.prose(r.Subject) }},
	{"segment", func(c *CSV, r *alerting.Case) { c.prose(r.Segment) }},
	{"owner", func(c *CSV, r *alerting.Case) { c.prose(r.Owner) }},
	{"assignee", func(c *CSV, r *alerting.Case) { c.prose(r.Assignee) }},
	{"contact", func(c *CSV, r *alerting.Case) { c.prose(r.Contact) }},
	{"external_reference", func(c *CSV, r *alerting.Case) { c.prose(r.Reference) }},
	{"opened", func(c *CSV, r *alerting.Case) { c.instant(r.Opened) }},
	{"modified", func(c *CSV, r *alerting.Case) { c.instant(r.Modified) }},
	{"restored", func(c *CSV, r *alerting.Case) { c.instant(r.Restored) }},
	{"closed", func(c *CSV, r *alerting.Case) { c.instant(r.Closed) }},
	{"first_seen", func(c *CSV, r *alerting.Case) { c.instant(r.FirstSeen) }},
	{"last_seen", func(c *CSV, r *alerting.Case) { c.instant(r.LastSeen) }},
	{"occurrences", func(c *CSV, r *alerting.Case) { c.whole(len(r.Occurrences)) }},
	{"signals", func(c *CSV, r *alerting.Case) { c.prose(signalNames(r.Signals)) }},
	{"calls", func(c *CSV, r *alerting.Case) { c.whole(r.Impact.Calls) }},
	{"calls_total", func(c *CSV, r *alerting.Case) { c.whole(r.Impact.CallsTotal) }},
	{"users", func(c *CSV, r *alerting.Case) { c.whole(r.Impact.Users) }},
	{"updates", func(c *CSV, r *alerting.Case) { c.whole(len(r.Updates)) }},
	{"legal_hold", func(c *CSV, r *alerting.Case) { c.cell(strconv.FormatBool(r.Hold)) }},
	{"business_impact", func(c *CSV, r *alerting.Case) { c.prose(r.Business) }},
	{"description", func(c *CSV, r *alerting.Case) { c.prose(r.Description) }},
	{"closure", func(c *CSV, r *alerting.Case) { c.prose(r.Closure) }},
}

func signalNames(list []alerting.Signal) string {
	var names []string
	for _, s := range list {
		names = append(names, string(s))
	}
	return strings.Join(names, " ")
}

var auditColumnsCSV = []field[*alerting.AuditEntry]{
	{"seq", func(c *CSV, e *alerting.AuditEntry) { c.cell(strconv.FormatInt(e.Seq, 10)) }},
	{"at", func(c *CSV, e *alerting.AuditEntry) { c.instant(e.At) }},
	{"who", func(c *CSV, e *alerting.AuditEntry) { c.prose(e.Who) }},
	{"what", func(c *CSV, e *alerting.AuditEntry) { c.prose(e.What) }},
	{"case", func(c *CSV, e *alerting.AuditEntry) { c.whole(e.Case) }},
	{"detail", func(c *CSV, e *alerting.AuditEntry) { c.prose(e.Detail) }},
}

var changeColumnsCSV = []field[*alerting.NetworkChange]{
	{"id", func(c *CSV, n *alerting.NetworkChange) { c.cell(strconv.FormatInt(n.ID, 10)) }},
	{"at", func(c *CSV, n *alerting.NetworkChange) { c.instant(n.At) }},
	{"author", func(c *CSV, n *alerting.NetworkChange) { c.prose(n.Author) }},
	{"seen", func(c *CSV, n *alerting.NetworkChange) { c.cell(strconv.FormatBool(n.Seen)) }},
	{"tenant", func(c *CSV, n *alerting.NetworkChange) { c.prose(n.Tenant) }},
	{"segment", func(c *CSV, n *alerting.NetworkChange) { c.prose(n.Segment) }},
	{"text", func(c *CSV, n *alerting.NetworkChange) { c.prose(n.Text) }},
}
