-- Prepaid balances: accounts, what they have, every change of it, and what became of each key.

CREATE TABLE prepaid_accounts (
	id        TEXT NOT NULL PRIMARY KEY,
	bound     INTEGER NOT NULL CHECK (bound IN (0, 1)), -- has a payment method
	opened_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- No balance is ever negative, whoever writes it.
CREATE TABLE prepaid_balances (
	account  TEXT NOT NULL REFERENCES prepaid_accounts (id),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	amount   INTEGER NOT NULL CHECK (amount >= 0),
	PRIMARY KEY (account, currency)
) STRICT, WITHOUT ROWID;

-- The journal. Numbers are 1, 2, 3, …; the amounts of an account and currency sum to its balance.
CREATE TABLE prepaid_movements (
	number         INTEGER NOT NULL PRIMARY KEY,
	account        TEXT NOT NULL,
	at             INTEGER NOT NULL,
	kind           TEXT NOT NULL CHECK (kind IN ('deposited', 'charged', 'refunded')),
	key            TEXT NOT NULL, -- of the deposit, the charge or the refund
	charge         TEXT,          -- of a refund: the key of the charge
	currency       TEXT NOT NULL,
	amount         INTEGER NOT NULL CHECK (amount <> 0 AND (kind = 'charged') = (amount < 0)),
	balance        INTEGER NOT NULL CHECK (balance >= 0), -- after this
	order_id       TEXT,
	application_id TEXT,
	description    TEXT,
	FOREIGN KEY (account, currency) REFERENCES prepaid_balances (account, currency),
	CHECK ((kind = 'refunded') = (charge IS NOT NULL))
) STRICT;

CREATE INDEX prepaid_movements_account ON prepaid_movements (account, number);

CREATE TRIGGER prepaid_movements_stay BEFORE UPDATE ON prepaid_movements
BEGIN SELECT RAISE(ABORT, 'prepaid_movements is append-only'); END;

CREATE TRIGGER prepaid_movements_remain BEFORE DELETE ON prepaid_movements
BEGIN SELECT RAISE(ABORT, 'prepaid_movements is append-only'); END;

-- One row a key: the request, its result, and how much of it was given back.
CREATE TABLE prepaid_charges (
	key            TEXT NOT NULL PRIMARY KEY,
	account        TEXT NOT NULL, -- which may never have been opened
	currency       TEXT NOT NULL CHECK (length(currency) = 3),
	amount         INTEGER NOT NULL CHECK (amount > 0),
	order_id       TEXT,
	application_id TEXT,
	description    TEXT,
	at             INTEGER NOT NULL,
	status         TEXT NOT NULL CHECK (status IN ('succeeded', 'declined')),
	reason         TEXT,
	movement       INTEGER REFERENCES prepaid_movements (number),
	refunded       INTEGER NOT NULL CHECK (refunded BETWEEN 0 AND iif(status = 'succeeded', amount, 0)),
	CHECK ((status = 'succeeded') = (movement IS NOT NULL)),
	CHECK ((status = 'declined') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE prepaid_refunds (
	key      TEXT NOT NULL PRIMARY KEY,
	charge   TEXT NOT NULL REFERENCES prepaid_charges (key),
	account  TEXT NOT NULL,
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	amount   INTEGER NOT NULL CHECK (amount > 0),
	note     TEXT, -- why the money is given back
	at       INTEGER NOT NULL,
	status   TEXT NOT NULL CHECK (status IN ('succeeded', 'declined')),
	reason   TEXT, -- why it isn't
	movement INTEGER REFERENCES prepaid_movements (number),
	CHECK ((status = 'succeeded') = (movement IS NOT NULL)),
	CHECK ((status = 'declined') = (reason IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE prepaid_deposits (
	key      TEXT NOT NULL PRIMARY KEY,
	account  TEXT NOT NULL REFERENCES prepaid_accounts (id),
	currency TEXT NOT NULL CHECK (length(currency) = 3),
	amount   INTEGER NOT NULL CHECK (amount > 0),
	movement INTEGER NOT NULL REFERENCES prepaid_movements (number)
) STRICT, WITHOUT ROWID;
