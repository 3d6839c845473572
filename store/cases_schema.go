package store

// casesSchema is that of the file of cases. Names of tables and columns are
// for people with sqlite3 too, see docs/store.md. Times are ns since 1970.
var casesSchema = &schema{
	application: 0x65617263, // "earc"
	versions: []string{
		// A case's body stands beside its columns, so that choosing among many
		// cases reads a hundred octets of each and not ten thousand.
		`CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
		CREATE TABLE cases (
			number INTEGER PRIMARY KEY,
			tenant TEXT NOT NULL,
			owner TEXT NOT NULL,
			segment TEXT NOT NULL,
			assignee TEXT NOT NULL,
			severity INTEGER NOT NULL,
			status TEXT NOT NULL,
			sub_status TEXT NOT NULL,
			opened INTEGER NOT NULL,
			modified INTEGER NOT NULL,
			closed INTEGER,
			legal_hold INTEGER NOT NULL,
			subject TEXT NOT NULL,
			updates INTEGER NOT NULL,
			figures_at INTEGER NOT NULL
		);
		CREATE INDEX cases_status ON cases (status, closed);
		CREATE INDEX cases_tenant ON cases (tenant);
		CREATE TABLE case_bodies (
			number INTEGER PRIMARY KEY REFERENCES cases ON DELETE CASCADE,
			words TEXT NOT NULL,
			body TEXT NOT NULL
		);
		CREATE TABLE changes (
			id INTEGER PRIMARY KEY,
			at INTEGER NOT NULL,
			tenant TEXT NOT NULL,
			segment TEXT NOT NULL,
			body TEXT NOT NULL
		);
		CREATE INDEX changes_at ON changes (at);
		CREATE TABLE audit (
			seq INTEGER PRIMARY KEY,
			at INTEGER NOT NULL,
			who TEXT NOT NULL,
			what TEXT NOT NULL,
			"case" INTEGER NOT NULL,
			tenant TEXT NOT NULL,
			detail TEXT NOT NULL
		);
		CREATE INDEX audit_case ON audit ("case");
		CREATE INDEX audit_at ON audit (at);
		CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
			SELECT raise(ABORT, 'what was audited is not changed');
		END;
		CREATE TRIGGER audit_goes_by_retention BEFORE DELETE ON audit WHEN NOT EXISTS (SELECT 1 FROM meta WHERE key = 'sweeping') BEGIN
			SELECT raise(ABORT, 'what was audited is deleted by retention only');
		END;
		CREATE TABLE alerts (place INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL, body TEXT NOT NULL);
		CREATE TABLE faults (place INTEGER PRIMARY KEY, id TEXT NOT NULL, body TEXT NOT NULL);`,
		// What destinations are told of cases. A ticket goes with its case; one
		// that sums up the cases of a storm has none.
		`CREATE TABLE tickets (
			id INTEGER PRIMARY KEY,
			destination TEXT NOT NULL,
			"case" INTEGER REFERENCES cases ON DELETE CASCADE,
			key TEXT NOT NULL,
			state TEXT NOT NULL,
			version INTEGER NOT NULL,
			made INTEGER NOT NULL,
			modified INTEGER NOT NULL,
			next INTEGER,
			body TEXT NOT NULL,
			UNIQUE (destination, key)
		);
		CREATE INDEX tickets_case ON tickets ("case");
		CREATE INDEX tickets_state ON tickets (state);
		CREATE TABLE foreign_alerts (
			source TEXT NOT NULL,
			fingerprint TEXT NOT NULL,
			starts INTEGER NOT NULL,
			ends INTEGER,
			"case" INTEGER REFERENCES cases ON DELETE CASCADE,
			body TEXT NOT NULL,
			PRIMARY KEY (source, fingerprint, starts)
		) WITHOUT ROWID;
		CREATE INDEX foreign_alerts_case ON foreign_alerts ("case");
		CREATE INDEX foreign_alerts_ends ON foreign_alerts (ends);`,
	},
}
