-- The keys of deposits are each account's own: what one was paid under keeps no other from being paid under it.

CREATE TABLE prepaid_deposits_by_account (
	key      TEXT NOT NULL,
	account  TEXT NOT NULL REFERENCES prepaid_accounts (id),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	amount   INTEGER NOT NULL CHECK (amount > 0),
	movement INTEGER NOT NULL REFERENCES prepaid_movements (number),
	PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;

INSERT INTO prepaid_deposits_by_account (key, account, currency, amount, movement)
SELECT key, account, currency, amount, movement FROM prepaid_deposits;

DROP TABLE prepaid_deposits;
ALTER TABLE prepaid_deposits_by_account RENAME TO prepaid_deposits;
