package main

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"earshot/alerting"
	"earshot/store"
	"earshot/web"
)

// probeCases are those of a running probe.
type probeCases struct {
	*client
	author string // "": the probe knows
}

func (p *probeCases) close() error { return nil }

// pageSize is how much is asked for at a time: all pages are joined here.
const pageSize = 500

func (p *probeCases) list(ctx context.Context, q *store.CaseQuery) ([]web.CaseRow, error) {
	var list []web.CaseRow
	values := caseParameters(q)
	for {
		values.Set("limit", strconv.Itoa(pageLimit(q.Limit, len(list))))
		var page web.CaseList
		if err := p.get(ctx, "/api/v1/cases?"+values.Encode(), &page); err != nil {
			return nil, err
		}
		list = append(list, page.Cases...)
		if page.Next == 0 || q.Limit > 0 && len(list) >= q.Limit {
			return list, nil
		}
		values.Set("before", strconv.Itoa(page.Next))
	}
}

// pageLimit is how much to ask for; limit 0 is all.
func pageLimit(limit, have int) int {
	if limit == 0 {
		return pageSize
	}
	return min(pageSize, limit-have)
}

// caseParameters writes a query as the API's parameters.
func caseParameters(q *store.CaseQuery) url.Values {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	var severities []string
	for _, s := range q.Severities {
		severities = append(severities, s.String())
	}
	set("status", string(q.Status))
	set("sub_status", string(q.SubStatus))
	set("severity", strings.Join(severities, ","))
	set("tenant", q.Tenant)
	set("owner", q.Owner)
	set("assignee", q.Assignee)
	set("segment", q.Segment)
	set("text", q.Text)
	set("since", wireTime(q.OpenedSince))
	set("until", wireTime(q.OpenedUntil))
	return values
}

func wireTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (p *probeCases) show(ctx context.Context, number int) (*web.CaseBody, error) {
	var c web.CaseBody
	if err := p.get(ctx, fmt.Sprintf("/api/v1/cases/%d", number), &c); err != nil {
		return nil, err
	}
	return &c, nil
}

func (p *probeCases) audit(ctx context.Context, number, limit int) ([]alerting.AuditEntry, error) {
	var list []alerting.AuditEntry
	before := ""
	for {
		var page web.AuditList
		if err := p.get(ctx, fmt.Sprintf("/api/v1/cases/%d/audit?limit=%d%s", number, pageLimit(limit, len(list)), before), &page); err != nil {
			return nil, err
		}
		list = append(list, page.Entries...)
		if page.Next == 0 || limit > 0 && len(list) >= limit {
			return list, nil
		}
		before = fmt.Sprintf("&before=%d", page.Next)
	}
}

func (p *probeCases) changes(ctx context.Context, q *store.ChangeQuery) ([]*alerting.NetworkChange, error) {
	values := url.Values{}
	for name, value := range map[string]string{"tenant": q.Tenant, "segment": q.Segment, "since": wireTime(q.Since)} {
		if value != "" {
			values.Set(name, value)
		}
	}
	var list []*alerting.NetworkChange
	for {
		values.Set("limit", strconv.Itoa(pageLimit(q.Limit, len(list))))
		var page web.ChangeList
		if err := p.get(ctx, "/api/v1/changes?"+values.Encode(), &page); err != nil {
			return nil, err
		}
		list = append(list, page.Changes...)
		if page.Next == 0 || q.Limit > 0 && len(list) >= q.Limit {
			return list, nil
		}
		values.Set("before", strconv.FormatInt(page.Next, 10))
	}
}

func (p *probeCases) do(ctx context.Context, c *alerting.Command) (*web.CaseBody, error) {
	path := "/api/v1/cases"
	if c.Kind != alerting.CommandOpen {
		path = fmt.Sprintf("/api/v1/cases/%d/%s", c.Case, c.Kind)
	}
	var body web.CaseBody
	if err := p.send(ctx, path, p.words(c), &body); err != nil {
		return nil, err
	}
	return &body, nil
}

func (p *probeCases) record(ctx context.Context, c *alerting.Command) (*alerting.NetworkChange, error) {
	var n alerting.NetworkChange
	if err := p.send(ctx, "/api/v1/changes", p.words(c), &n); err != nil {
		return nil, err
	}
	return &n, nil
}

// words writes a command as the API's body.
func (p *probeCases) words(c *alerting.Command) map[string]any {
	body := map[string]any{}
	set := func(name, value string) {
		if value != "" {
			body[name] = value
		}
	}
	set("author", p.author)
	set("text", c.Text)
	set("subject", c.Subject)
	set("tenant", c.Tenant)
	set("segment", c.Segment)
	set("assignee", c.Assignee)
	set("sub_status", string(c.SubStatus))
	set("at", wireTime(c.At))
	if c.Severity.Valid() {
		body["severity"] = c.Severity.String()
	}
	if c.Kind == alerting.CommandAssign {
		body["assignee"] = c.Assignee // nobody is somebody too
	}
	if c.Customer {
		body["customer"] = true
	}
	if c.Version > 0 {
		body["version"] = c.Version
	}
	if c.Kind == alerting.CommandOpen && c.Case > 0 {
		body["refers_to"] = c.Case
	}
	for name, value := range c.Set {
		body[name] = value
		if caseFlag(name) && (value == "true" || value == "false") {
			body[name] = value == "true"
		}
	}
	return body
}
