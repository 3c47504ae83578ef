-- When money and minutes moved, where no other column tells; NULL in rows from before.

ALTER TABLE {schema}.orders ADD COLUMN collected_at timestamptz;

ALTER TABLE {schema}.order_refunds
	ADD COLUMN failed_at timestamptz,
	ADD COLUMN made_at   timestamptz,
	ADD COLUMN cycles    integer;

ALTER TABLE {schema}.entries ADD COLUMN recorded_at timestamptz;

-- Refunds that failed and were made after all, which reports find by when they failed.
CREATE INDEX order_refunds_failed ON {schema}.order_refunds (failed_at) WHERE failed_at IS NOT NULL;
