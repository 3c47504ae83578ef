package paymenttest

import (
	"context"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
)

var _ payment.Canceler = (*Hostile)(nil)

// Cancel implements [payment.Canceler]. A charge that is pending, and that the underlying gateway doesn't have yet, is
// declined with [payment.Canceled]. If the underlying gateway has it and it is pending there, it stays so. A timeout is an
// error that wraps [ErrNoAnswer]; calls of Cancel count as Lookups, and [TimeoutAfter] and [Silent] cancel all the same.
func (h *Hostile) Cancel(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	fault := h.lookupFault(key)
	if err := ctx.Err(); err != nil {
		return payment.Result{}, fmt.Errorf("paymenttest: cancel %q: %w", key, err)
	}
	if fault == TimeoutBefore {
		return h.noAnswer("cancel", key, fault)
	}
	q := h.charges.recall(key, h.options.Now(), h.retention)
	if q == nil || q.fault == InFlight && q.deferred && !h.due(q) {
		if fault.timeout() {
			return h.noAnswer("cancel", key, fault)
		}
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	if q.deferred && !q.sent && !q.result.Status.Final() && !h.due(q) {
		q.send = func(context.Context) (payment.Result, error) {
			return payment.Result{Key: key, Status: payment.Declined, Reason: payment.Canceled, At: h.options.Now()}, nil
		}
		q.deferred = false
	}
	r, err := h.advance(ctx, q)
	if err == nil && fault.timeout() {
		return h.noAnswer("cancel", key, fault)
	}
	return r, err
}
