-- The keys of deposits are each account's own: what one was paid under keeps no other from being paid under it.

ALTER TABLE {schema}.deposits DROP CONSTRAINT deposits_pkey, ADD PRIMARY KEY (account, key);
