package web

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"earshot/dialog"
	"earshot/spelling"
	"earshot/store"
)

// historyParameters are those of a list of calls that were kept.
var historyParameters = []string{
	"number", "address", "call_id", "since", "after", "before", "mos_below", "loss_above", "finding", "disposition", "status",
	"segment", "peer", "tenant", "unbound", "before_cursor", "limit",
}

const historyExample = "for example /api/v1/history/calls?number=4711&since=2h&mos_below=3.6"

// readHistoryQuery reads the parameters of a list of calls that were kept.
func readHistoryQuery(values url.Values, now time.Time) (q store.Query, err error) {
	if err := onlyParameters(values, historyParameters); err != nil {
		return q, err
	}
	q = store.Query{
		Number: values.Get("number"), CallID: values.Get("call_id"), Finding: values.Get("finding"),
		Disposition: dialog.Disposition(values.Get("disposition")),
		Segment:     values.Get("segment"), Peer: values.Get("peer"), Tenant: values.Get("tenant"),
	}
	if q.After, err = moment(values, "after"); err != nil {
		return q, err
	}
	if q.Before, err = moment(values, "before"); err != nil {
		return q, err
	}
	for _, read := range []func(url.Values, *store.Query) error{readFigures, readPlace, readHistoryPage} {
		if err := read(values, &q); err != nil {
			return q, err
		}
	}
	if err := readSince(values, &q, now); err != nil {
		return q, err
	}
	if hint := spelling.Hint(q.Finding, dialog.FindingCodes()); hint != "" && q.Check() != nil {
		return q, fmt.Errorf("there is no finding %q%s", printable(q.Finding), hint)
	}
	return q, q.Check()
}

// readSince reads a time before now.
func readSince(values url.Values, q *store.Query, now time.Time) error {
	text := values.Get("since")
	if text == "" {
		return nil
	}
	d, err := time.ParseDuration(text)
	if n, found := cutDays(text); found {
		d, err = n, nil
	}
	switch {
	case err != nil || d <= 0:
		return fmt.Errorf("since: got %q, want a time like 30m, 2h or 7d", printable(text))
	case !q.After.IsZero():
		return fmt.Errorf("since and after exclude each other")
	}
	q.After = now.Add(-d)
	return nil
}

// cutDays reads whole days, which durations do not know.
func cutDays(text string) (time.Duration, bool) {
	if len(text) < 2 || text[len(text)-1] != 'd' {
		return 0, false
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	if err != nil || n < 1 || n > 36600 {
		return 0, false
	}
	return time.Duration(n) * 24 * time.Hour, true
}

// readFigures reads the bounds of quality and the final response.
func readFigures(values url.Values, q *store.Query) (err error) {
	for name, into := range map[string]*float64{"mos_below": &q.MOSBelow, "loss_above": &q.LossAbove} {
		text := values.Get(name)
		if text == "" {
			continue
		}
		if *into, err = strconv.ParseFloat(text, 64); err != nil || *into != *into {
			return fmt.Errorf("%s: got %q, want a number", name, printable(text))
		}
	}
	if q.Status, err = wholeNumber(values.Get("status"), 0, 100, 699); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	return nil
}

// readPlace reads an address or a network.
func readPlace(values url.Values, q *store.Query) error {
	text := values.Get("address")
	if text == "" {
		return nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		q.Addresses = netip.PrefixFrom(a.WithZone(""), a.BitLen())
		return nil
	}
	n, err := netip.ParsePrefix(text)
	if err != nil {
		return fmt.Errorf("address: got %q, want one like 192.0.2.7 or 192.0.2.0/24", printable(text))
	}
	q.Addresses = n
	return nil
}

// readHistoryPage reads which page is wanted, and of what.
func readHistoryPage(values url.Values, q *store.Query) (err error) {
	switch text := values.Get("unbound"); text {
	case "", "false":
	case "true":
		q.Streams = true
	default:
		return fmt.Errorf("unbound: got %q, want true or false", printable(text))
	}
	if text := values.Get("before_cursor"); text != "" {
		if q.From, err = store.ParseCursor(text); err != nil {
			return fmt.Errorf("before_cursor: %w; it is next of the page before", err)
		}
	}
	if q.Limit, err = wholeNumber(values.Get("limit"), defaultLimit, 1, maxLimit); err != nil {
		return fmt.Errorf("limit: %w", err)
	}
	return nil
}
