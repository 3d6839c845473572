package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"earshot/alerting"
	"earshot/store"
	"earshot/web"
)

// storedCases are those of a store: read beside a probe, changed without one.
type storedCases struct {
	reader *store.CasesReader
	cases  *store.Cases // nil: only to be read
	desk   *alerting.Desk
	author string
	now    time.Time
}

// openStoredCases opens the cases of a store, for changes with its lock.
func openStoredCases(f *bookFlags, changing bool, now time.Time) (_ caseBook, err error) {
	cfg, dir, err := f.place()
	if err != nil {
		return nil, err
	}
	s := &storedCases{author: f.signature(false), now: now}
	if !changing {
		if s.reader, err = store.OpenCasesReader(dir); err != nil {
			return nil, err
		}
		s.desk = alerting.NewDesk(cfg)
		return s, nil
	}
	// A folder without cases is a mistake, and no place to begin some.
	r, err := store.OpenCasesReader(dir)
	if err != nil {
		return nil, err
	}
	if err := r.Close(); err != nil {
		return nil, err
	}
	if s.cases, err = store.OpenCases(dir, now); errors.Is(err, store.ErrInUse) {
		return nil, fmt.Errorf("%w; change cases at the probe: leave out --config and --store, --url says where it listens", err)
	} else if err != nil {
		return nil, err
	}
	if cfg.Memory, err = s.cases.Load(now); err != nil {
		return nil, errors.Join(err, s.cases.Close())
	}
	s.reader, s.desk = s.cases.CasesReader, alerting.NewDesk(cfg)
	return s, nil
}

// place is the store's folder, and what the configuration says of the parties.
func (f *bookFlags) place() (cfg alerting.DeskConfig, dir string, err error) {
	if f.config == "" {
		return cfg, f.dir, nil
	}
	c, err := loadConfig(f.config)
	if err != nil {
		return cfg, "", err
	}
	if cfg.Directory, err = c.directory(); err != nil {
		return cfg, "", err
	}
	if cfg.Maintenance, err = c.maintenance(); err != nil {
		return cfg, "", err
	}
	if dir = f.dir; dir == "" {
		dir = c.store().Dir
	}
	if dir == "" {
		return cfg, "", usageError("the configuration %q keeps no cases: it has no store.dir", f.config)
	}
	return cfg, dir, nil
}

func (s *storedCases) close() error {
	if s.cases != nil {
		return s.cases.Close()
	}
	return s.reader.Close()
}

func (s *storedCases) list(ctx context.Context, q *store.CaseQuery) ([]web.CaseRow, error) {
	found, err := s.reader.Find(ctx, q)
	if err != nil {
		return nil, err
	}
	var list []web.CaseRow
	for _, c := range found {
		list = append(list, web.RowOf(s.desk.Read(c, s.now)))
	}
	return list, nil
}

func (s *storedCases) show(ctx context.Context, number int) (*web.CaseBody, error) {
	c, err := s.reader.Case(ctx, number)
	if errors.Is(err, store.ErrNoCase) {
		return nil, fmt.Errorf("there is no case %d in the store", number)
	}
	if err != nil {
		return nil, err
	}
	return web.BodyOf(s.desk.Read(c, s.now)), nil
}

func (s *storedCases) audit(ctx context.Context, number, limit int) ([]alerting.AuditEntry, error) {
	return s.reader.Audit(ctx, &store.AuditQuery{Case: number, Limit: limit})
}

func (s *storedCases) changes(ctx context.Context, q *store.ChangeQuery) ([]*alerting.NetworkChange, error) {
	return s.reader.Changes(ctx, q)
}

func (s *storedCases) do(_ context.Context, c *alerting.Command) (*web.CaseBody, error) {
	made, err := s.obey(c)
	if err != nil {
		return nil, err
	}
	return web.BodyOf(s.desk.Read(made, s.now)), nil
}

func (s *storedCases) record(_ context.Context, c *alerting.Command) (*alerting.NetworkChange, error) {
	if _, err := s.obey(c); err != nil {
		return nil, err
	}
	list := s.desk.Changes()
	return list[len(list)-1], nil
}

// obey does a command, and what has become due until now, and keeps both.
func (s *storedCases) obey(c *alerting.Command) (*alerting.Case, error) {
	c.Author = s.author
	made, err := s.desk.Do(s.now, *c)
	if err != nil {
		return nil, err
	}
	j := s.desk.Take()
	if err := s.cases.Commit(&j, nil); err != nil {
		return nil, err
	}
	return made, nil
}
