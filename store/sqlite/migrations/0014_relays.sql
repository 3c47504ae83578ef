-- How far the relays have come that follow the feed, and the applications that they have parked.

CREATE TABLE prepaid_relays (
	name    TEXT NOT NULL PRIMARY KEY,
	version INTEGER NOT NULL CHECK (version > 0),
	feed    TEXT NOT NULL,    -- the identity of the feed, '' before the first change
	number  INTEGER NOT NULL, -- everything up to here is handled or parked
	holder  TEXT NOT NULL,    -- who works on it, '' for nobody
	until   INTEGER           -- until when
) STRICT, WITHOUT ROWID;

CREATE TABLE prepaid_parked (
	relay          TEXT NOT NULL REFERENCES prepaid_relays (name),
	application_id TEXT NOT NULL,
	number         INTEGER NOT NULL, -- of the first change that isn't handled
	tries          INTEGER NOT NULL,
	next           INTEGER NOT NULL, -- when it is tried again
	reason         TEXT NOT NULL,
	PRIMARY KEY (relay, application_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX prepaid_parked_next ON prepaid_parked (relay, next);

-- What is pruned is what all of them have passed.
CREATE INDEX prepaid_relays_number ON prepaid_relays (number);
CREATE INDEX prepaid_parked_number ON prepaid_parked (number);
