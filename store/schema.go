package store

import (
	"context"
	"database/sql"
	"fmt"
)

// schema is a kind of file and how it came to be what it is: versions bring a
// file from one version to the next. Those that were released are never
// changed. The version is SQLite's user_version.
type schema struct {
	application int // marks the kind of file
	versions    []string
	// begin fills a file that was just made; nil: it begins empty.
	begin func(*sql.Tx) error
}

// NewerError says that a file was made by an Earshot that knows more.
type NewerError struct {
	File        string
	Got, Wanted int
}

// Error tells what to do.
func (e *NewerError) Error() string {
	return fmt.Sprintf("cannot use %q: a newer Earshot made it (version %d, this one knows %d); use that one, or move the file away", e.File, e.Got, e.Wanted)
}

// migrate brings a file to the newest version.
func (s *schema) migrate(ctx context.Context, c *sql.Conn, file string) error {
	version, err := s.versionOf(ctx, c, file)
	if err != nil {
		return err
	}
	for ; version < len(s.versions); version++ {
		tx, err := c.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.Exec(s.versions[version] + fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d;", version+1, s.application))
		if err == nil && version == 0 && s.begin != nil {
			err = s.begin(tx)
		}
		if err != nil {
			_ = tx.Rollback() // the first error tells
			return fmt.Errorf("cannot bring %q to version %d: %w", file, version+1, err)
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// versionOf is the version of a file, 0 for an empty one.
func (s *schema) versionOf(ctx context.Context, c *sql.Conn, file string) (int, error) {
	var version, tables, application int
	err := c.QueryRowContext(ctx, "SELECT (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)").
		Scan(&version, &application, &tables)
	switch {
	case err != nil:
		return 0, err
	case tables > 0 && application != s.application:
		return 0, fmt.Errorf("%q is %w of Earshot", file, errForeign)
	case version > len(s.versions):
		return 0, &NewerError{file, version, len(s.versions)}
	}
	return version, nil
}
