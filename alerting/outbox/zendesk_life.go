package outbox

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
)

// Comment adds an internal comment, unless its first try brought it there.
func (z *zendesk) Comment(ctx context.Context, t *Ticket, c *Content) error {
	if t.Doubt {
		answer, err := z.comments(ctx, t)
		if err != nil || bytes.Contains(answer.body, []byte(noteMark(t, c))) {
			return err
		}
	}
	return z.put(ctx, t, map[string]any{"comment": internal(marked(t, c, zendeskText))})
}

// comments lists the newest comments of a ticket.
func (z *zendesk) comments(ctx context.Context, t *Ticket) (*response, error) {
	return z.do(ctx, call{method: http.MethodGet, path: z.path(t) + "/comments", query: url.Values{"sort_order": {"desc"}, "per_page": {"100"}}}, nil)
}

// Attach uploads a file and puts it into an internal comment, unless its first
// try brought it there.
func (z *zendesk) Attach(ctx context.Context, t *Ticket, f *File) error {
	if t.Doubt {
		there, err := z.attached(ctx, t, f)
		if err != nil || there {
			return err
		}
	}
	if err := fits(f, z.maxFile); err != nil {
		return err
	}
	var up struct {
		Upload struct {
			Token string `json:"token"`
		} `json:"upload"`
	}
	// An upload that no comment takes up is dropped after some days.
	c := call{method: http.MethodPost, path: "/api/v2/uploads", query: url.Values{"filename": {f.Name}}, file: f, kind: mediaType(f), harmless: true}
	answer, err := z.do(ctx, c, &up)
	if err != nil {
		return err
	}
	if up.Upload.Token == "" {
		return nameless(answer)
	}
	comment := internal("Evidence: " + oneLine(f.Name) + "\nSHA-256: " + f.SHA256)
	comment["uploads"] = []string{up.Upload.Token}
	return z.put(ctx, t, map[string]any{"comment": comment})
}

// attached reports whether a comment has a file of that name and length.
func (z *zendesk) attached(ctx context.Context, t *Ticket, f *File) (bool, error) {
	answer, err := z.comments(ctx, t)
	if err != nil {
		return false, err
	}
	var list struct {
		Comments []struct {
			Attachments []struct {
				Name string `json:"file_name"`
				Size int64  `json:"size"`
			} `json:"attachments"`
		} `json:"comments"`
	}
	if err := decode(answer, &list); err != nil {
		return false, err
	}
	for _, c := range list.Comments {
		for _, a := range c.Attachments {
			if a.Name == f.Name && a.Size == f.Bytes {
				return true, nil
			}
		}
	}
	return false, nil
}

// Close solves the ticket, unless somebody did. Zendesk closes it for good some
// days later.
func (z *zendesk) Close(ctx context.Context, t *Ticket, _ *Content) (Remote, error) {
	now, err := z.get(ctx, t)
	if err != nil {
		return Remote{}, err
	}
	if now.over() {
		return z.remote(now), nil
	}
	return z.remote(now), z.put(ctx, t, z.solution())
}

// solution is what solves a ticket.
func (z *zendesk) solution() map[string]any {
	one := map[string]any{"status": "solved"}
	if z.assignee != 0 {
		one["assignee_id"] = z.assignee
	}
	return one
}

// Reopen opens a solved ticket again. One that is closed for good stays so: a
// follow-up to it, with the same key, takes its place.
func (z *zendesk) Reopen(ctx context.Context, t *Ticket, c *Content) (Remote, error) {
	now, err := z.get(ctx, t)
	if err != nil {
		return Remote{}, err
	}
	switch {
	case !now.over():
		return z.remote(now), nil
	case !now.final():
		return z.remote(now), z.put(ctx, t, map[string]any{"status": "open"})
	}
	next, there, err := z.Find(ctx, t)
	if err != nil || there && next.ID != t.Remote.ID {
		return next, err
	}
	one := z.made(t, c)
	one["via_followup_source_id"] = now.ID
	return z.post(ctx, fmt.Sprintf("%s-after-%d", t.Key, now.ID), one)
}

// Read tells from the status and the tags what people did.
func (z *zendesk) Read(ctx context.Context, t *Ticket) (Human, error) {
	now, err := z.get(ctx, t)
	switch {
	case gone(err) || err == nil && now.Status == "deleted":
		return Deleted, nil
	case err != nil || !now.over():
		return Untouched, err
	case slices.ContainsFunc(z.wontFix, func(tag string) bool { return slices.Contains(now.Tags, tag) }):
		return WontFix, nil
	}
	return Resolved, nil
}

// get reads a ticket.
func (z *zendesk) get(ctx context.Context, t *Ticket) (zendeskTicket, error) {
	var found struct {
		Ticket zendeskTicket `json:"ticket"`
	}
	answer, err := z.do(ctx, call{method: http.MethodGet, path: z.path(t)}, &found)
	if err == nil && found.Ticket.ID == 0 {
		err = nameless(answer)
	}
	return found.Ticket, err
}
