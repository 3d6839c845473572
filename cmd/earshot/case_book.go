package main

import (
	"context"
	"os"
	"os/user"
	"time"

	"earshot/alerting"
	"earshot/store"
	"earshot/web"
)

// caseBook is where cases are: at a running probe, or in the store of one that
// is stopped.
type caseBook interface {
	list(ctx context.Context, q *store.CaseQuery) ([]web.CaseRow, error)
	show(ctx context.Context, number int) (*web.CaseBody, error)
	audit(ctx context.Context, number, limit int) ([]alerting.AuditEntry, error)
	changes(ctx context.Context, q *store.ChangeQuery) ([]*alerting.NetworkChange, error)
	do(ctx context.Context, c *alerting.Command) (*web.CaseBody, error)
	record(ctx context.Context, c *alerting.Command) (*alerting.NetworkChange, error)
	close() error
}

// bookFlags says where cases are, and who changes them.
type bookFlags struct {
	client      clientFlags
	config, dir string
	author      string
}

func (f *bookFlags) define(fs *flagSet) {
	fs.group("Which probe", func() { f.client.define(fs.FlagSet) })
	fs.group("Or which store, without a probe", func() {
		fs.StringVar(&f.config, "config", "", "the store and the parties that the configuration `FILE` names; changes need the probe stopped")
		fs.StringVar(&f.dir, "store", "", "the store in the folder `DIR`, a backup for example; without --config clocks go by the plan \"care\"")
	})
	fs.group("Who changes something", func() {
		fs.StringVar(&f.author, "author", "", "sign as `NAME`; unless given who has logged in at the probe, else the name of your account here")
	})
}

// open finds the book; changing says that something is to be changed.
func (f *bookFlags) open(changing bool) (caseBook, error) {
	if f.config == "" && f.dir == "" {
		c, err := f.client.open()
		if err != nil {
			return nil, err
		}
		return &probeCases{c, f.signature(c.loggedIn())}, nil
	}
	if f.client.tokenFile != "" || f.client.userFile != "" || f.client.caFile != "" {
		return nil, usageError("--config and --store look into the store itself: no probe asks for a login")
	}
	return openStoredCases(f, changing, time.Now())
}

// signature is who signs: at a probe that knows who has logged in nobody, unless
// it is said.
func (f *bookFlags) signature(loggedIn bool) string {
	if f.author != "" || loggedIn {
		return f.author
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return os.Getenv("USER")
}
