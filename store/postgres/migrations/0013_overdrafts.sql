-- Overdrafts: lots whose minutes are lent and repaid. They belong in no sum of minutes.

-- All lots that were ever granted, by their entries.
CREATE OR REPLACE VIEW {schema}.lot_balances AS
SELECT a.id AS application_id, a.account, e.lot AS id,
	COALESCE(sum(e.quantity) FILTER (WHERE e.kind IN ('granted', 'lent')), 0) / 1000.0 AS granted,
	sum(CASE WHEN e.kind IN ('granted', 'released', 'reinstated', 'lent', 'repaid') THEN e.quantity ELSE -e.quantity END) / 1000.0
		AS remaining,
	COALESCE(sum(CASE e.kind WHEN 'reserved' THEN e.quantity WHEN 'released' THEN -e.quantity END), 0) / 1000.0 AS reserved,
	COALESCE(sum(CASE e.kind WHEN 'consumed' THEN e.quantity WHEN 'repaid' THEN -e.quantity END), 0) / 1000.0 AS consumed,
	COALESCE(sum(e.quantity) FILTER (WHERE e.kind = 'expired'), 0) / 1000.0 AS expired,
	COALESCE(sum(CASE e.kind WHEN 'refunded' THEN e.quantity WHEN 'reinstated' THEN -e.quantity END), 0) / 1000.0 AS refunded,
	bool_or(e.kind = 'lent') AS overdraft
FROM {schema}.applications a JOIN {schema}.entries e ON e.application_id = a.id
GROUP BY a.id, a.account, e.lot;
