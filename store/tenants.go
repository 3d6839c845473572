package store

import (
	"context"
	"database/sql"
	"slices"
	"time"
)

// tenantPair is whose a record is: nobody's, one tenant's, or two tenants'
// whose segments it passed. The first is "" only where both are.
type tenantPair [2]string

// tenantsOf names the tenants of two segments.
func tenantsOf(tenant func(string) string, a, b string) tenantPair {
	if tenant == nil {
		return tenantPair{}
	}
	first, second := tenant(a), tenant(b)
	switch {
	case first == "":
		return tenantPair{second}
	case first == second:
		return tenantPair{first}
	}
	return tenantPair{first, second}
}

// tenancy is what a configuration says of tenants.
type tenancy struct {
	tenant func(segment string) string
	own    map[string]TenantRetention
}

// SetTenants changes Config's Tenant and Tenants from the next Write or Sweep
// on. Any goroutine may call it.
func (s *Store) SetTenants(tenant func(segment string) string, own map[string]TenantRetention) {
	s.other.Store(&tenancy{tenant, own})
}

// takeTenants puts in force what SetTenants said.
func (s *Store) takeTenants() {
	if t := s.other.Swap(nil); t != nil {
		s.cfg.Tenant, s.cfg.Tenants = t.tenant, t.own
	}
}

// versionOfTenants is the first version of a day's file that knows tenants.
const versionOfTenants = 2

// countTenants adds what is written to the counts of tenants.
func countTenants(ctx context.Context, tx *sql.Tx, rows []row) error {
	counts := map[tenantPair]int{}
	for i := range rows {
		counts[rows[i].tenants]++
	}
	for pair, n := range counts {
		if err := addTenants(ctx, tx, pair, n); err != nil {
			return err
		}
	}
	return nil
}

func addTenants(ctx context.Context, tx *sql.Tx, pair tenantPair, n int) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO tenants VALUES (?,?,?) ON CONFLICT DO UPDATE SET records = records + excluded.records", pair[0], pair[1], n)
	return err
}

// dayTenants is whose records a day holds, as its files were of that size.
type dayTenants struct {
	bytes int64
	pairs []tenantPair
}

// tenantsOn returns whose records a day holds. It looks into the file only when
// that has changed.
func (s *Store) tenantsOn(d *dayFiles) ([]tenantPair, error) {
	if seen, known := s.seen[d.day]; known && seen.bytes == d.bytes {
		return seen.pairs, nil
	}
	pairs, err := readTenants(s.cfg.Dir, d.day)
	if err == nil {
		s.seen[d.day] = dayTenants{d.bytes, pairs}
	}
	return pairs, err
}

func readTenants(dir string, d Day) (pairs []tenantPair, err error) {
	ctx := context.Background()
	r := Reader{dir: dir}
	db, format, err := r.openDay(ctx, d)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if format.version < versionOfTenants {
		return []tenantPair{{}}, nil
	}
	rows, err := db.QueryContext(ctx, "SELECT from_caller, from_callee FROM tenants WHERE records > 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p tenantPair
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		pairs = append(pairs, p)
	}
	return pairs, rows.Err()
}

// isOver reports whether records of a day are kept for nobody any more: neither
// of their tenants has a hold, nor a time that is not over.
func (s *Store) isOver(p tenantPair, d Day, now time.Time, held *hold) bool {
	names := p[:1]
	if p[1] != "" {
		names = p[:]
	}
	for _, name := range names {
		own, known := s.cfg.Tenants[name]
		if held.keepsTenant(name) || !(known && own.gone(now)) && d >= DayOf(now)-Day(s.daysOf(own)) {
			return false
		}
	}
	return true
}

// daysOf is how many days a tenant's records are kept.
func (s *Store) daysOf(t TenantRetention) int {
	if t.Days > 0 {
		return t.Days
	}
	return s.cfg.Days
}

// oldestOfAll is the first day that anybody's records are kept of: with Days 1
// yesterday is kept, since a record of its end is not yet a day old.
func (s *Store) oldestOfAll(now time.Time) Day {
	days := s.cfg.Days
	for _, t := range s.cfg.Tenants {
		days = max(days, t.Days)
	}
	return DayOf(now) - Day(days)
}

// holdsOf reports whether a hold keeps a day as a whole, or somebody's records
// of it. What cannot be read is held where anything is.
func (s *Store) holdsOf(h *hold, d *dayFiles) bool {
	if h.keeps(d.day) || len(h.tenants) == 0 {
		return h.keeps(d.day)
	}
	if !d.db {
		return true // a damaged file, of nobody knows whom
	}
	pairs, err := s.tenantsOn(d)
	return err != nil || slices.ContainsFunc(pairs, func(p tenantPair) bool { return h.keepsTenant(p[0]) || h.keepsTenant(p[1]) })
}
