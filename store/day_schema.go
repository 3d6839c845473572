package store

import (
	"context"
	"database/sql"
	"fmt"
)

// applicationID marks our files: "ears".
const applicationID = 0x65617273

// migrations bring a day file from one version to the next; the version is
// SQLite's user_version. Those that were released are never changed.
var migrations = []string{
	// The names of columns are for people with sqlite3 too, see docs/store.md.
	// Columns are in a table of their own, so that looking through a day reads a
	// hundred octets a call and not a thousand. The index is contentless, and
	// knows only which rows have a word: a third of the size of a full one.
	`CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
	CREATE TABLE records (
		n INTEGER PRIMARY KEY,
		kind TEXT NOT NULL,
		id TEXT NOT NULL,
		"start" INTEGER NOT NULL,
		"end" INTEGER NOT NULL,
		disposition TEXT,
		final_status INTEGER,
		mos_worst REAL,
		loss REAL,
		caller TEXT,
		callee TEXT,
		findings TEXT,
		segment_from_caller TEXT,
		segment_from_callee TEXT,
		peer_from TEXT,
		peer_to TEXT
	);
	CREATE TABLE bodies (n INTEGER PRIMARY KEY, body BLOB NOT NULL);
	CREATE VIRTUAL TABLE words USING fts5(word, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_^$'");`,
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
func migrate(ctx context.Context, c *sql.Conn, file string) error {
	version, err := versionOf(ctx, c, file)
	if err != nil {
		return err
	}
	for ; version < len(migrations); version++ {
		tx, err := c.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.Exec(migrations[version] + fmt.Sprintf("PRAGMA user_version = %d; PRAGMA application_id = %d;", version+1, applicationID))
		if err == nil && version == 0 {
			_, err = tx.Exec("INSERT INTO meta VALUES ('dictionary', ?)", dictionary)
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
func versionOf(ctx context.Context, c *sql.Conn, file string) (int, error) {
	var version, tables, application int
	err := c.QueryRowContext(ctx, "SELECT (SELECT user_version FROM pragma_user_version), (SELECT application_id FROM pragma_application_id), (SELECT count(*) FROM sqlite_schema)").
		Scan(&version, &application, &tables)
	switch {
	case err != nil:
		return 0, err
	case tables > 0 && application != applicationID:
		return 0, fmt.Errorf("%q is %w of Earshot", file, errForeign)
	case version > len(migrations):
		return 0, &NewerError{file, version, len(migrations)}
	}
	return version, nil
}
