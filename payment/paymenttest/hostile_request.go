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
	refunded pricing.Money // charges only: what went back for requests
	reversed pricing.Money // charges only: what went back without a request
	// of is the charge of a refund. withdrawn is when its money came back.
	of        *request
	withdrawn time.Time
	send      func(ctx context.Context) (payment.Result, error)
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
	if fault == RefundWithdrawn {
		fault = None
	}
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
	case fault == PendingThenPaid, fault == PendingThenDeclined, fault == DeclineOther, fault == RefundWithdrawn, fault.timeout():
	default:
		fault = None
	}
	q := &request{refund: r, of: of, fault: fault, first: h.options.Now(), deferred: fault.deferred()}
	h.refunds.learn(r.Key, q)
	honest := r
	honest.Key, honest.Charge = q.behind, of.behind
	declined := func(reason payment.Reason) (payment.Result, error) {
		return payment.Result{Key: r.Key, Status: payment.Declined, Reason: reason, At: h.options.Now()}, nil
	}
	q.send = func(ctx context.Context) (payment.Result, error) {
		reason := fault.reason()
		switch mine := r.Account == of.charge.Account && r.Amount.Currency() == of.charge.Amount.Currency(); {
		case reason != "":
			return declined(reason)
		case of.result.Status == payment.Declined && !mine: // and the underlying gateway may not know it
			return declined(payment.Mismatch)
		case of.result.Status == payment.Declined, mine && r.Amount.Minor() > of.left():
			return declined(payment.ExceedsCharge)
		case fault == RefundWithdrawn && mine:
			// It never arrives at the account.
			of.refunded = total(of.refunded, r.Amount)
			return payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount, At: h.options.Now()}, nil
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
	if q.withdrawable() && h.due(q) {
		h.withdraw(q)
	}
	if q.result.Status.Final() {
		return q.result, nil
	}
	if q.deferred && !h.due(q) {
		if q.fault == InFlight {
			return payment.Result{Key: q.key(), Status: payment.NotFound}, nil
		}
		pending := payment.Result{Key: q.key(), Status: payment.Pending}
		if q.fault.acts() {
			pending.Action = payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/confirm?" + q.behind}
			pending.Reference = "hostile"
		}
		return pending, nil
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
	switch {
	case r.Status == payment.Succeeded && q.isRefund():
		h.returned = append(h.returned, q)
		if q.fault == RefundWithdrawn {
			h.open = append(h.open, q)
		}
	case r.Status == payment.Succeeded:
		h.collected = append(h.collected, q)
	}
	if q.isRefund() && !q.deferred {
		return r, nil // its caller knows
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

// withdrawable reports whether the money of a refund that was made will come back.
func (q *request) withdrawable() bool {
	return q.fault == RefundWithdrawn && q.result.Status == payment.Succeeded
}

// withdraw makes a refund that was made fail.
func (h *Hostile) withdraw(q *request) {
	q.of.refunded, _ = q.of.refunded.Sub(q.result.Amount) // it is part of it
	q.withdrawn = h.options.Now()
	q.result = payment.Result{Key: q.refund.Key, Status: payment.Declined, Reason: payment.Other, At: q.withdrawn}
	h.queue = append(h.queue, q.result)
}

// left returns what is left of a charge, in minor units.
func (q *request) left() int64 {
	return q.result.Amount.Minor() - q.refunded.Minor() - q.reversed.Minor()
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
