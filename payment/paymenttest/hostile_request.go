package paymenttest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// request is a charge or a refund that has reached the hostile gateway or is on its way to it.
type request struct {
	charge   payment.Charge // as requested; the zero value for a refund
	refund   payment.Refund // likewise
	behind   string         // the key used with the underlying gateway
	fault    Fault
	first    time.Time // when its key was first used
	asks     int       // number of requests about it since
	deferred bool      // to be settled later
	sent     bool      // sent to the underlying gateway
	result   payment.Result
	at       time.Time     // when it was settled
	refunded pricing.Money // charges only
	send     func(ctx context.Context) (payment.Result, error)
}

// memory is the hostile gateway's memory of one kind of keys.
type memory struct {
	latest map[string]*request
	uses   map[string]int // number of first uses of each key
}

func newMemory() memory {
	return memory{latest: make(map[string]*request), uses: make(map[string]int)}
}

// recall returns the request with that key, or nil if there was none or it is forgotten.
func (m memory) recall(key string, now time.Time, retention time.Duration) *request {
	q := m.latest[key]
	if q == nil || retention > 0 && now.Sub(q.first) > retention {
		return nil
	}
	return q
}

// learn remembers q under key, and gives it a new key for the underlying gateway.
func (m memory) learn(key string, q *request) {
	m.latest[key] = q
	m.uses[key]++
	q.behind = key
	if n := m.uses[key]; n > 1 {
		q.behind = fmt.Sprintf("use %d of %x", n, sha256.Sum256([]byte(key)))
	}
}

func (h *Hostile) newCharge(c payment.Charge, fault Fault) *request {
	q := &request{charge: c, fault: fault, first: h.options.Now(), deferred: fault.deferred()}
	h.charges.learn(c.Key, q)
	honest := c
	honest.Key = q.behind
	if fault == WrongAmount {
		honest.Amount = wrong(c.Amount)
	}
	q.send = func(ctx context.Context) (payment.Result, error) {
		if reason := fault.reason(); reason != "" {
			return payment.Result{Key: c.Key, Status: payment.Declined, Reason: reason, At: h.options.Now()}, nil
		}
		if q.sent { // and there was no final answer
			return h.behind.Lookup(ctx, honest.Key)
		}
		r, err := h.behind.Charge(ctx, honest)
		q.sent = err == nil && r.Status != payment.NotFound
		return r, err
	}
	h.begin(q)
	return q
}

func (h *Hostile) newRefund(r payment.Refund, of *request, fault Fault) *request {
	switch {
	case fault == PendingThenPaid, fault.timeout():
	default:
		fault = None
	}
	q := &request{refund: r, fault: fault, first: h.options.Now(), deferred: fault.deferred()}
	h.refunds.learn(r.Key, q)
	honest := r
	honest.Key, honest.Charge = q.behind, of.behind
	q.send = func(ctx context.Context) (payment.Result, error) {
		if of.result.Status == payment.Declined { // and the underlying gateway may not know it
			reason := payment.ExceedsCharge
			if r.Account != of.charge.Account || r.Amount.Currency() != of.charge.Amount.Currency() {
				reason = payment.Mismatch
			}
			return payment.Result{Key: r.Key, Status: payment.Declined, Reason: reason, At: h.options.Now()}, nil
		}
		given, err := h.behind.Refund(ctx, honest)
		if err == nil && given.Status == payment.Succeeded {
			of.refunded = total(of.refunded, given.Amount)
		}
		return given, err
	}
	h.begin(q)
	return q
}

func (h *Hostile) begin(q *request) {
	// A timeout is counted where it is returned.
	if q.fault != None && !q.fault.timeout() {
		h.met[q.fault]++
	}
	if q.deferred {
		h.open = append(h.open, q)
	}
}

// advance settles q if its time has come, and returns the answer.
func (h *Hostile) advance(ctx context.Context, q *request) (payment.Result, error) {
	if q.result.Status.Final() {
		return q.result, nil
	}
	if q.deferred && !h.due(q) {
		if q.fault == InFlight {
			return payment.Result{Key: q.key(), Status: payment.NotFound}, nil
		}
		return payment.Result{Key: q.key(), Status: payment.Pending}, nil
	}
	return h.settle(ctx, q)
}

// due reports whether a deferred request must be settled.
func (h *Hostile) due(q *request) bool {
	o := h.options
	return o.PendingAsks > 0 && q.asks > o.PendingAsks || o.PendingFor > 0 && h.options.Now().Sub(q.first) >= o.PendingFor
}

// settle asks the underlying gateway, and records and notifies a final result.
func (h *Hostile) settle(ctx context.Context, q *request) (payment.Result, error) {
	r, err := q.send(ctx)
	if err != nil {
		return payment.Result{}, err
	}
	r.Key = q.key()
	if !r.Status.Final() {
		return r, nil
	}
	q.result, q.at = r, h.options.Now()
	if q.isRefund() {
		return r, nil
	}
	if r.Status == payment.Succeeded {
		h.collected = append(h.collected, q)
	}
	switch q.fault {
	case Silent:
	case Duplicate:
		h.queue = append(h.queue, r, r)
	default:
		h.queue = append(h.queue, r)
	}
	return r, nil
}

func (q *request) isRefund() bool { return q.refund.Key != "" }

// key returns the caller's key of q.
func (q *request) key() string {
	if q.isRefund() {
		return q.refund.Key
	}
	return q.charge.Key
}

// wrong returns an amount that differs from m.
func wrong(m pricing.Money) pricing.Money {
	minor := m.Minor() - 1
	if minor == 0 {
		minor = 2
	}
	other, _ := pricing.FromMinor(minor, m.Currency()) // m is positive, so other is in range
	return other
}

// total returns a + b. The zero value means no amount yet.
func total(a, b pricing.Money) pricing.Money {
	if a.IsZero() {
		return b
	}
	sum, _ := a.Add(b) // can't fail: both are parts of one charge
	return sum
}
