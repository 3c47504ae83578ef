-- Prepaid balances: accounts, what they have, every change of it, and what became of each key.

CREATE TABLE {schema}.accounts (
	opened_at timestamptz NOT NULL,
	bound     boolean NOT NULL, -- has a payment method
	id        text COLLATE "C" NOT NULL PRIMARY KEY
);

-- No balance is ever negative, whoever writes it.
CREATE TABLE {schema}.balances (
	amount   bigint NOT NULL CHECK (amount >= 0), -- minor units of the currency
	account  text COLLATE "C" NOT NULL REFERENCES {schema}.accounts (id),
	currency text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
	PRIMARY KEY (account, currency)
) WITH (fillfactor = 70);

-- The journal. The amounts of an account and currency sum to its balance. A number is drawn while the account is
-- locked, so that those of an account are in the order of its movements; others may be committed in another order.
CREATE TABLE {schema}.movements (
	number         bigint GENERATED ALWAYS AS IDENTITY,
	at             timestamptz NOT NULL,
	amount         bigint NOT NULL CHECK (amount <> 0),
	balance        bigint NOT NULL CHECK (balance >= 0), -- after this
	account        text COLLATE "C" NOT NULL,
	currency       text COLLATE "C" NOT NULL,
	kind           text COLLATE "C" NOT NULL CHECK (kind IN ('deposited', 'charged', 'refunded')),
	key            text COLLATE "C" NOT NULL, -- of the deposit, the charge or the refund
	charge         text COLLATE "C",          -- of a refund: the key of the charge
	order_id       text COLLATE "C",
	application_id text COLLATE "C",
	description    text COLLATE "C",
	PRIMARY KEY (account, number),
	FOREIGN KEY (account, currency) REFERENCES {schema}.balances (account, currency),
	CHECK ((kind = 'charged') = (amount < 0)),
	CHECK ((kind = 'refunded') = (charge IS NOT NULL))
);

CREATE INDEX movements_number ON {schema}.movements (number);

CREATE FUNCTION {schema}.append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;

CREATE TRIGGER movements_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON {schema}.movements
	FOR EACH STATEMENT EXECUTE FUNCTION {schema}.append_only();

-- One row a key: the request, its result, and how much of it was given back. A charge is asked for by its key
-- alone, whatever the account, which may never have been opened.
CREATE TABLE {schema}.charges (
	at             timestamptz NOT NULL,
	amount         bigint NOT NULL CHECK (amount > 0),
	refunded       bigint NOT NULL,
	movement       bigint,
	key            text COLLATE "C" NOT NULL PRIMARY KEY,
	account        text COLLATE "C" NOT NULL,
	currency       text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
	status         text COLLATE "C" NOT NULL CHECK (status IN ('succeeded', 'declined')),
	reason         text COLLATE "C",
	order_id       text COLLATE "C",
	application_id text COLLATE "C",
	description    text COLLATE "C",
	CHECK (refunded BETWEEN 0 AND CASE status WHEN 'succeeded' THEN amount ELSE 0 END),
	CHECK ((status = 'succeeded') = (movement IS NOT NULL)),
	CHECK ((status = 'declined') = (reason IS NOT NULL))
);

CREATE TABLE {schema}.refunds (
	at       timestamptz NOT NULL,
	amount   bigint NOT NULL CHECK (amount > 0),
	movement bigint,
	key      text COLLATE "C" NOT NULL PRIMARY KEY,
	charge   text COLLATE "C" NOT NULL REFERENCES {schema}.charges (key),
	account  text COLLATE "C" NOT NULL,
	currency text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
	status   text COLLATE "C" NOT NULL CHECK (status IN ('succeeded', 'declined')),
	reason   text COLLATE "C", -- why the money isn't given back
	note     text COLLATE "C", -- why it is
	CHECK ((status = 'succeeded') = (movement IS NOT NULL)),
	CHECK ((status = 'declined') = (reason IS NOT NULL))
);

CREATE TABLE {schema}.deposits (
	amount   bigint NOT NULL CHECK (amount > 0),
	movement bigint NOT NULL,
	key      text COLLATE "C" NOT NULL PRIMARY KEY,
	account  text COLLATE "C" NOT NULL REFERENCES {schema}.accounts (id),
	currency text COLLATE "C" NOT NULL CHECK (length(currency) = 3)
);
