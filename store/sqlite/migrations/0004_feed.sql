-- The feed: all changes of all applications, each with a number that is given in its own transaction, in ascending order.
-- Nothing writes it yet.

CREATE TABLE prepaid_feed (
	number         INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
	application_id TEXT NOT NULL,
	revision       INTEGER NOT NULL CHECK (revision > 0),
	at             INTEGER NOT NULL, -- when it got its number
	UNIQUE (application_id, revision)
) STRICT;

-- Where the feed stands. Its identity is made with the first number; a cursor is a number of that identity.
CREATE TABLE prepaid_feed_state (
	one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
	last     INTEGER NOT NULL,                                   -- the last number that was given, pruned or not
	pruned   INTEGER NOT NULL CHECK (pruned BETWEEN 0 AND last), -- the last number that isn't kept any more
	identity TEXT
) STRICT;
INSERT INTO prepaid_feed_state (one, last, pruned) VALUES (1, 0, 0);
