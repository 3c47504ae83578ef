-- The feed: all changes of all applications, numbered one after the other, for whoever follows along. A commit leaves a
-- line in waiting; sequencing, in short transactions one at a time, moves lines to feed with ascending numbers, those of
-- an application in the order of its revisions. A number that was seen is never followed by a lower one, which a serial
-- can't promise. Nothing writes them yet.

CREATE TABLE {schema}.waiting (
	revision       bigint NOT NULL CHECK (revision > 0),
	application_id text COLLATE "C" NOT NULL,
	PRIMARY KEY (application_id, revision)
) WITH (
	autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.05 -- its rows come and go
);

CREATE TABLE {schema}.feed (
	number         bigint NOT NULL CHECK (number > 0),
	revision       bigint NOT NULL CHECK (revision > 0),
	at             timestamptz NOT NULL, -- when it got its number
	application_id text COLLATE "C" NOT NULL,
	PRIMARY KEY (application_id, revision)
);

-- Numbers are unique since one transaction at a time gives them; an index that begins with the application's ID couldn't
-- be read by them.
CREATE INDEX feed_number ON {schema}.feed (number);

-- Where the feed stands. Its identity is made with the first number, and anew when the server isn't the one that it was
-- made on; a cursor is a number of that identity.
CREATE TABLE {schema}.feed_state (
	last     bigint NOT NULL,                                   -- the last number that was given, pruned or not
	pruned   bigint NOT NULL CHECK (pruned BETWEEN 0 AND last), -- the last number that isn't kept any more
	one      boolean NOT NULL PRIMARY KEY CHECK (one),
	identity text COLLATE "C",
	server   text COLLATE "C" -- its system identifier
);
INSERT INTO {schema}.feed_state (one, last, pruned) VALUES (true, 0, 0);
