package store

import "database/sql"

// daySchema is that of the files of calls and streams.
var daySchema = &schema{
	application: 0x65617273, // "ears"
	versions: []string{
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
		// The tenants of a record, and how many records of which tenants there are.
		// When the records of a batch started, so that a time is found among many.
		// A file that was begun without words of quality goes on being searched
		// without them.
		`ALTER TABLE records ADD COLUMN tenant_from_caller TEXT NOT NULL DEFAULT '';
		ALTER TABLE records ADD COLUMN tenant_from_callee TEXT NOT NULL DEFAULT '';
		CREATE TABLE tenants (
			from_caller TEXT NOT NULL,
			from_callee TEXT NOT NULL,
			records INTEGER NOT NULL,
			PRIMARY KEY (from_caller, from_callee)
		) WITHOUT ROWID;
		INSERT INTO tenants SELECT '', '', count(*) FROM records;
		CREATE TABLE batches (first INTEGER PRIMARY KEY, last INTEGER NOT NULL, start_min INTEGER NOT NULL, start_max INTEGER NOT NULL);
		INSERT INTO batches SELECT min(n), max(n), min("start"), max("start") FROM records HAVING count(*) > 0;
		INSERT INTO meta SELECT 'quality', 1 FROM (SELECT count(*) AS records FROM records) WHERE records = 0;`,
	},
	begin: func(tx *sql.Tx) error {
		_, err := tx.Exec("INSERT INTO meta VALUES ('dictionary', ?)", dictionary)
		return err
	},
}
