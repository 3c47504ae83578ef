package paymenttest

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Collection is money that a [Hostile] gateway actually collected. Two collections with one key are a double charge.
type Collection struct {
	Charge   payment.Charge `json:"charge"`            // as requested
	Amount   pricing.Money  `json:"amount"`            // the collected amount, which WrongAmount makes differ from the request
	Refunded pricing.Money  `json:"refunded,omitzero"` // the refunded amount; the zero Money if none was requested
	Reversed pricing.Money  `json:"reversed,omitzero"` // what went back without a request, see Reverse; may be more than Amount
	At       time.Time      `json:"at"`                // when it was collected
}

// Collected returns all money that was actually collected, in order, whatever the callers were told. It is the hostile
// gateway's own record, which a test compares with the deliveries.
func (h *Hostile) Collected() []Collection {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Collection, len(h.collected))
	for i, q := range h.collected {
		all[i] = Collection{Charge: q.charge, Amount: q.result.Amount, Refunded: q.refunded, Reversed: q.reversed, At: q.at}
	}
	return all
}

// DoubleCharged returns the keys that were collected more than once, because they were used again after their
// retention, in the order of their first collection.
func (h *Hostile) DoubleCharged() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var keys []string
	times := make(map[string]int)
	for _, q := range h.collected {
		times[q.charge.Key]++
		if times[q.charge.Key] == 2 {
			keys = append(keys, q.charge.Key)
		}
	}
	return keys
}

// Met returns how often each fault has occurred, so a simulation can check that all occurred.
func (h *Hostile) Met() map[Fault]int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.met)
}

// Drain settles the deferred requests whose time (PendingFor) has come, and returns the notifications since the last
// call: one for each charge that got its final result, but none for [Silent] and two for [Duplicate], and one for each
// refund that was pending or that failed after it was made. They are in the order of settlement. With Disorder they are in
// random order, and some of them are returned again by a later call. Drain returns the error of the underlying gateway, and
// may be called again.
func (h *Hostile) Drain(ctx context.Context) ([]payment.Result, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.settleAll(ctx, h.due)
	queue := h.queue
	h.queue = disorder(h, queue)
	return queue, err
}

// disorder shuffles what is delivered, with Disorder, and returns what is delivered again later.
func disorder[T any](h *Hostile, delivered []T) (again []T) {
	if !h.options.Disorder {
		return nil
	}
	h.deliveries.Shuffle(len(delivered), func(i, j int) { delivered[i], delivered[j] = delivered[j], delivered[i] })
	for _, x := range delivered {
		if h.deliveries.IntN(4) == 0 {
			again = append(again, x)
		}
	}
	return again
}

// Settle settles every deferred request now, whatever its time. It returns the error of the underlying gateway, and may
// be called again.
func (h *Hostile) Settle(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.settleAll(ctx, func(*request) bool { return true })
}

// settleAll settles the open requests that are due, and removes those that have their final result.
func (h *Hostile) settleAll(ctx context.Context, due func(*request) bool) error {
	var errs []error
	open := h.open
	h.open = nil
	for _, q := range open {
		switch {
		case q.withdrawable() && due(q):
			h.withdraw(q)
		case !q.result.Status.Final() && due(q):
			_, err := h.settle(ctx, q)
			errs = append(errs, err)
		}
		if !q.result.Status.Final() || q.withdrawable() {
			h.open = append(h.open, q)
		}
	}
	return errors.Join(errs...)
}
