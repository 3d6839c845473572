package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"earshot/store"
	"earshot/web"
)

// callFinder finds calls that were kept.
type callFinder interface {
	Find(ctx context.Context, q *store.Query, take func(*store.Found) error) error
	Close()
}

// finder is the store that the flags name, or the running probe that has it.
func (f *callsFlags) finder() (callFinder, error) {
	local := f.query.config != "" || f.query.dir != ""
	switch {
	case f.client.url == "" && (f.client.tokenFile != "" || f.client.userFile != "" || f.client.caFile != ""):
		return nil, usageError("--token-file, --user-file and --ca-file go with --url, the running probe to ask")
	case f.client.url != "" && local:
		return nil, usageError("--url, a running probe, and --config and --dir, a store, exclude each other")
	case f.client.url == "" && !local:
		return nil, usageError("which store? Give --url URL of a running probe, --config FILE, the configuration of the probe, or --dir DIR")
	case local:
		return f.query.reader()
	}
	c, err := f.client.open()
	if err != nil {
		return nil, err
	}
	return &probeCalls{c}, nil
}

// probeCalls finds calls through a running probe.
type probeCalls struct{ *client }

func (p *probeCalls) Close() {}

// searchAnswer is how long a page may take: the probe gives a search 15 s, and
// its answer may be large.
const searchAnswer = time.Minute

// Find gives what a query wants to take, page by page, the newest first.
func (p *probeCalls) Find(ctx context.Context, q *store.Query, take func(*store.Found) error) error {
	values := historyParameters(q)
	for have := 0; ; {
		values.Set("limit", strconv.Itoa(pageLimit(q.Limit, have)))
		page, err := p.page(ctx, values)
		if err != nil {
			return err
		}
		for i := range page.Found {
			cursor, err := store.ParseCursor(page.Found[i].Cursor)
			if err != nil {
				return fmt.Errorf("cannot understand the answer of %s: %w", p.base, err)
			}
			if err := take(&store.Found{Cursor: cursor, Lines: page.Found[i].Lines()}); err != nil {
				return err
			}
		}
		have += len(page.Found)
		switch {
		case page.Next == "" && page.Warning != "":
			return errors.New(printable(page.Warning))
		case page.Next == "", q.Limit > 0 && have >= q.Limit:
			return nil
		}
		values.Set("before_cursor", page.Next)
	}
}

func (p *probeCalls) page(ctx context.Context, values url.Values) (*web.HistoryList, error) {
	ctx, cancel := context.WithTimeout(ctx, searchAnswer)
	defer cancel()
	a, err := p.do(ctx, "/api/v1/history/calls?"+values.Encode())
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	page := new(web.HistoryList)
	if err := json.NewDecoder(io.LimitReader(a.Body, answerLimit)).Decode(page); err != nil {
		return nil, fmt.Errorf("cannot understand the answer of %s: %w; is it earshot that listens there?", p.base, err)
	}
	return page, nil
}

// historyParameters writes a query as the API's parameters.
func historyParameters(q *store.Query) url.Values {
	values := url.Values{}
	for name, value := range map[string]string{
		"number": q.Number, "call_id": q.CallID, "finding": q.Finding, "disposition": string(q.Disposition),
		"segment": q.Segment, "peer": q.Peer, "tenant": q.Tenant,
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if q.Addresses.IsValid() {
		values.Set("address", q.Addresses.String())
	}
	for name, at := range map[string]time.Time{"after": q.After, "before": q.Before} {
		if !at.IsZero() {
			values.Set(name, at.UTC().Format(time.RFC3339Nano))
		}
	}
	for name, bound := range map[string]float64{"mos_below": q.MOSBelow, "loss_above": q.LossAbove} {
		if bound != 0 {
			values.Set(name, strconv.FormatFloat(bound, 'g', -1, 64))
		}
	}
	if q.Status != 0 {
		values.Set("status", strconv.Itoa(q.Status))
	}
	if q.Streams {
		values.Set("unbound", "true")
	}
	return values
}

// defineProbe defines the flags that say which running probe; unless they do,
// none is asked.
func (f *callsFlags) defineProbe(fs *flagSet) {
	f.client.define(fs.FlagSet)
	fs.Lookup("url").DefValue, f.client.url = "", ""
	fs.Lookup("url").Usage = strings.Replace(fs.Lookup("url").Usage, "the probe's", "ask the running probe at", 1)
}
