package postgres

// A request is one statement, and therefore one transaction and one round trip. It makes the same decisions as
// package internal/wallet. It locks the account, so the requests of an account run one after another. If two requests
// with the same key run at once, neither sees the other's row. The later one fails with a unique violation, which
// undoes all of it, and is sent again.
//
// No request waits for an account while it holds another one. After it has the account, it can only wait for its own
// key, so no two requests wait for each other. A refund locks its charge first, and no request that holds an account
// waits for a charge.
const (
	chargeColumns = `account, amount, currency, order_id, application_id, description, present, at, status, reason, movement`

	chargeAccount = `WITH made AS (
	SELECT ` + chargeColumns + ` FROM {schema}.charges WHERE key = $1::text
), payer AS (
	SELECT bound FROM {schema}.accounts WHERE id = $2::text AND NOT EXISTS (SELECT FROM made) FOR NO KEY UPDATE
), debited AS (
	UPDATE {schema}.balances AS b SET amount = b.amount - $3::bigint FROM payer
	WHERE payer.bound AND b.account = $2::text AND b.currency = $4::text AND b.amount >= $3::bigint
	RETURNING b.amount
), moved AS (
	INSERT INTO {schema}.movements (at, amount, balance, account, currency, kind, key, order_id, application_id, description)
	SELECT $5::timestamptz, -($3::bigint), amount, $2::text, $4::text, 'charged', $1::text, $6::text, $7::text, $8::text FROM debited
	RETURNING number
), decided AS (
	SELECT (SELECT number FROM moved) AS movement, (SELECT bound FROM payer) AS bound WHERE NOT EXISTS (SELECT FROM made)
), kept AS (
	INSERT INTO {schema}.charges (key, refunded, ` + chargeColumns + `)
	SELECT $1::text, 0, $2::text, $3::bigint, $4::text, $6::text, $7::text, $8::text, $9::boolean, $5::timestamptz,
		CASE WHEN movement IS NULL THEN 'declined' ELSE 'succeeded' END,
		CASE WHEN movement IS NOT NULL THEN NULL WHEN bound THEN 'insufficient_balance' ELSE 'no_payment_method' END,
		movement
	FROM decided
	RETURNING ` + chargeColumns + `
)
SELECT ` + chargeColumns + ` FROM made UNION ALL SELECT ` + chargeColumns + ` FROM kept`

	lookupCharge = `SELECT ` + chargeColumns + ` FROM {schema}.charges WHERE key = $1::text`

	refundColumns = `charge, account, amount, currency, note, at, status, reason, movement`

	refundCharge = `WITH made AS (
	SELECT ` + refundColumns + ` FROM {schema}.refunds WHERE key = $1::text
), source AS (
	SELECT account, currency, CASE status WHEN 'succeeded' THEN amount - refunded ELSE 0 END AS remaining, order_id, application_id
	FROM {schema}.charges WHERE key = $2::text AND NOT EXISTS (SELECT FROM made) FOR NO KEY UPDATE
), decided AS (
	SELECT CASE WHEN account <> $3::text OR currency <> $5::text THEN 'mismatch'
		WHEN remaining < $4::bigint THEN 'exceeds_charge' END AS reason,
		order_id, application_id
	FROM source
), payee AS (
	SELECT a.id, d.order_id, d.application_id FROM {schema}.accounts AS a, decided AS d
	WHERE a.id = $3::text AND d.reason IS NULL FOR NO KEY UPDATE OF a
), credited AS (
	UPDATE {schema}.balances AS b SET amount = b.amount + $4::bigint FROM payee
	WHERE b.account = payee.id AND b.currency = $5::text
	RETURNING b.amount, payee.order_id, payee.application_id
), moved AS (
	INSERT INTO {schema}.movements (at, amount, balance, account, currency, kind, key, charge, order_id, application_id, description)
	SELECT $6::timestamptz, $4::bigint, amount, $3::text, $5::text, 'refunded', $1::text, $2::text, order_id, application_id, $7::text
	FROM credited
	RETURNING number
), reduced AS (
	UPDATE {schema}.charges SET refunded = refunded + $4::bigint FROM moved WHERE key = $2::text
), kept AS (
	INSERT INTO {schema}.refunds (key, ` + refundColumns + `)
	SELECT $1::text, $2::text, $3::text, $4::bigint, $5::text, $7::text, $6::timestamptz,
		CASE WHEN reason IS NULL THEN 'succeeded' ELSE 'declined' END, reason, (SELECT number FROM moved)
	FROM decided
	RETURNING ` + refundColumns + `
)
SELECT ` + refundColumns + ` FROM made UNION ALL SELECT ` + refundColumns + ` FROM kept`

	depositAmount = `WITH made AS (
	SELECT account, amount, currency FROM {schema}.deposits WHERE account = $2::text AND key = $1::text
), payee AS (
	SELECT id FROM {schema}.accounts WHERE id = $2::text AND NOT EXISTS (SELECT FROM made) FOR NO KEY UPDATE
), credited AS (
	INSERT INTO {schema}.balances AS b (account, currency, amount) SELECT id, $4::text, $3::bigint FROM payee
	ON CONFLICT (account, currency) DO UPDATE SET amount = b.amount + excluded.amount
	RETURNING amount
), moved AS (
	INSERT INTO {schema}.movements (at, amount, balance, account, currency, kind, key)
	SELECT $5::timestamptz, $3::bigint, amount, $2::text, $4::text, 'deposited', $1::text FROM credited
	RETURNING number
), kept AS (
	INSERT INTO {schema}.deposits (key, account, amount, currency, movement)
	SELECT $1::text, $2::text, $3::bigint, $4::text, number FROM moved
	RETURNING account, amount, currency
)
SELECT account, amount, currency FROM made UNION ALL SELECT account, amount, currency FROM kept`

	openAccount = `INSERT INTO {schema}.accounts (id, bound, opened_at) VALUES ($1::text, true, $2::timestamptz) ON CONFLICT DO NOTHING`
	bindAccount = `UPDATE {schema}.accounts SET bound = $2::boolean WHERE id = $1::text RETURNING true`
	getBalance  = `SELECT b.amount FROM {schema}.accounts AS a
		LEFT JOIN {schema}.balances AS b ON b.account = a.id AND b.currency = $2::text WHERE a.id = $1::text`

	movementColumns = `account, amount, currency, balance, number, at, kind, key, charge, order_id, application_id, description`

	lastOfAccount = `SELECT COALESCE(max(number), 0) FROM {schema}.movements WHERE account = $1::text`
	lastOfAll     = `SELECT COALESCE(max(number), 0) FROM {schema}.movements`
	getStatement  = `SELECT ` + movementColumns + ` FROM {schema}.movements
		WHERE number > $1::bigint AND number <= $2::bigint AND account = $4::text ORDER BY number LIMIT $3::bigint`
	getJournal = `SELECT ` + movementColumns + ` FROM {schema}.movements
		WHERE number > $1::bigint AND number <= $2::bigint ORDER BY number LIMIT $3::bigint`
)
