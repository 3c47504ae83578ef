-- What reports look for, over all applications. The indexes are as narrow as their questions allow, since every sale
-- writes them.

-- Subscriptions of a status, in the order in which what is paid for ends.
CREATE INDEX subscription_rows_end ON {schema}.subscription_rows (status, paid_until, application_id, id);

-- Payments. What cost nothing isn't one.
CREATE INDEX orders_paid ON {schema}.orders (paid_at, application_id) WHERE paid_at IS NOT NULL AND collected > 0;

-- Payments of which something went back: a refund may have been placed before its order was paid.
CREATE INDEX orders_returned ON {schema}.orders (paid_at) WHERE refunds > 0 AND paid_at IS NOT NULL;

-- Refunds, and those that were undone.
CREATE INDEX order_refunds_due ON {schema}.order_refunds (due_at, application_id);
CREATE INDEX order_refunds_undone ON {schema}.order_refunds (closed_at) WHERE status IN ('failed', 'reinstated');

-- The first version refunded orders as a whole, by their status. Refunds are rows: of a payment that had delivered
-- something, which was taken back, or of one that came too late. They were due when an event says so.
INSERT INTO {schema}.order_refunds
	(application_id, order_id, number, kind, take, status, account, amount, currency, key, note, closed_at, due_at)
SELECT application_id, id, 1, CASE WHEN paid_at IS NULL THEN 'late' ELSE 'refund' END, CASE WHEN paid_at IS NOT NULL THEN 'all' END,
	'made', account, collected, collected_currency, attempt || '/refund', note, closed_at, COALESCE((
		SELECT max(e.at) FROM {schema}.events e
		WHERE e.application_id = o.application_id AND e.order_id = o.id AND e.type = 'order_to_be_refunded'
	), closed_at)
FROM {schema}.orders o WHERE status = 'refunded' AND refunds = 0 AND collected > 0;
UPDATE {schema}.orders SET refunds = 1, given_back = collected, given_back_currency = collected_currency
WHERE status = 'refunded' AND refunds = 0 AND collected > 0;
