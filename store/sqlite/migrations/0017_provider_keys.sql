-- What a gateway's keys stand for at its provider.

CREATE TABLE prepaid_provider_keys (
	key   TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
