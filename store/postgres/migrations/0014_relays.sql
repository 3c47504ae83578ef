-- How far the relays have come that follow the feed, and the applications that they have parked.

CREATE TABLE {schema}.relays (
	version bigint NOT NULL CHECK (version > 0),
	number  bigint NOT NULL,           -- everything up to here is handled or parked
	until   timestamptz,               -- until when somebody works on it
	name    text COLLATE "C" NOT NULL PRIMARY KEY,
	feed    text COLLATE "C" NOT NULL, -- the identity of the feed, '' before the first change
	holder  text COLLATE "C" NOT NULL  -- who works on it, '' for nobody
);

CREATE TABLE {schema}.parked (
	number         bigint NOT NULL, -- of the first change that isn't handled
	next           timestamptz NOT NULL, -- when it is tried again
	tries          integer NOT NULL,
	application_id text COLLATE "C" NOT NULL,
	relay          text COLLATE "C" NOT NULL,
	reason         text COLLATE "C" NOT NULL,
	PRIMARY KEY (application_id, relay)
);

CREATE INDEX parked_next ON {schema}.parked (relay, next);

-- What is pruned is what all of them have passed.
CREATE INDEX parked_number ON {schema}.parked (number);
