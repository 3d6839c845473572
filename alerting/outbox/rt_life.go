package outbox

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// rtAttachment is a message of a ticket, or a part of one.
type rtAttachment struct {
	Subject string `json:"Subject"`
	Name    string `json:"Filename"`
}

// rtPages bounds how many pages of messages are looked through.
const rtPages = 20

// has reports whether a ticket has such a message, or such a part of one.
func (r *requestTracker) has(ctx context.Context, t *Ticket, is func(rtAttachment) bool) (bool, error) {
	for page := 1; page <= rtPages; page++ {
		var list struct {
			Items []rtAttachment `json:"items"`
			Pages float64        `json:"pages"`
		}
		q := url.Values{"fields": {"Subject,Filename"}, "per_page": {"100"}, "page": {strconv.Itoa(page)}}
		if _, err := r.do(ctx, call{method: http.MethodGet, path: r.path(t.Remote.ID) + "/attachments", query: q}, &list); err != nil {
			return false, err
		}
		if slices.ContainsFunc(list.Items, is) {
			return true, nil
		}
		if float64(page) >= list.Pages {
			break
		}
	}
	return false, nil
}

// Close resolves the ticket, unless somebody closed it.
func (r *requestTracker) Close(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	return r.move(ctx, t, true, r.closed)
}

// Reopen opens it again.
func (r *requestTracker) Reopen(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	return r.move(ctx, t, false, r.opened)
}

// move sets a status where the ticket is not closed, or open, already.
func (r *requestTracker) move(ctx context.Context, t *Ticket, end bool, status string) (Remote, error) {
	now, err := r.get(ctx, t.Remote.ID)
	if err != nil {
		return Remote{}, err
	}
	if now.Status == "deleted" {
		return Remote{}, &Failure{Kind: Gone, Code: http.StatusOK, Text: "ticket " + string(now.ID) + " was deleted"}
	}
	if (r.human(now) != Untouched) == end {
		return r.remote(now.ID), nil
	}
	messages, err := r.put(ctx, now, map[string]any{"Status": status})
	if err != nil {
		return Remote{}, err
	}
	if now, err = r.get(ctx, t.Remote.ID); err != nil {
		return Remote{}, err
	}
	if !strings.EqualFold(now.Status, status) {
		return Remote{}, refusedBy(now, messages)
	}
	return r.remote(now.ID), nil
}

// Read tells from the status what people did.
func (r *requestTracker) Read(ctx context.Context, t *Ticket) (Human, error) {
	now, err := r.get(ctx, t.Remote.ID)
	if gone(err) {
		return Deleted, nil
	}
	if err != nil {
		return Untouched, err
	}
	return r.human(now), nil
}

// human maps a status.
func (r *requestTracker) human(now rtTicket) Human {
	is := func(name string) bool { return strings.EqualFold(name, now.Status) }
	switch {
	case is("deleted"):
		return Deleted
	case slices.ContainsFunc(r.wontFix, is):
		return WontFix
	case slices.ContainsFunc(r.resolved, is) || is(r.closed):
		return Resolved
	}
	return Untouched
}

// get reads a ticket; of one that was merged into another it reads that one.
func (r *requestTracker) get(ctx context.Context, id string) (rtTicket, error) {
	var now rtTicket
	answer, err := r.do(ctx, call{method: http.MethodGet, path: r.path(id)}, &now)
	if err == nil && now.ID.number() == 0 {
		err = nameless(answer)
	}
	if err == nil {
		now.etag = answer.header.Get("ETag")
	}
	return now, err
}

// remote names a ticket.
func (r *requestTracker) remote(id rtID) Remote {
	return Remote{ID: string(id), Name: "#" + string(id), URL: strings.TrimSuffix(r.base, "/REST/2.0") + "/Ticket/Display.html?id=" + url.QueryEscape(string(id))}
}

// path is that of a ticket.
func (r *requestTracker) path(id string) string { return "/ticket/" + url.PathEscape(id) }
