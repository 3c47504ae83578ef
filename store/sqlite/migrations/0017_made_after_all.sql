-- Refunds that failed and were made after all, which reports find by when they failed.
CREATE INDEX prepaid_order_refunds_failed ON prepaid_order_refunds (failed_at) WHERE failed_at IS NOT NULL;
