-- What a gateway's keys stand for at its provider.

CREATE TABLE {schema}.provider_keys (
	key   text COLLATE "C" NOT NULL PRIMARY KEY,
	value text COLLATE "C" NOT NULL
);
