package paymenttest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// ErrNoAnswer is the timeout of a [Hostile] gateway: the request was sent, and nothing else is known.
var ErrNoAnswer = errors.New("paymenttest: no answer from the gateway")

// HostileOptions determines how a [Hostile] gateway misbehaves. Nil or the zero value selects faults with [DefaultOdds]
// and seed 0.
type HostileOptions struct {
	// Plan, Refunds and Lookups return the fault for the nth call (0, 1, 2, …) of Charge, of Refund, and of Lookup or
	// Cancel, counting repeated requests. If at least one of them is set, a nil one means no faults. If none is set, faults are selected
	// with Seed and Odds. The functions must not call the gateway.
	Plan    func(n int, c payment.Charge) Fault
	Refunds func(n int, r payment.Refund) Fault
	Lookups func(n int, key string) Fault

	// Seed and Odds select random faults. The same seed and the same calls in the same order produce the same faults.
	// Odds are per thousand calls; nil means DefaultOdds, and an empty map means no faults. Odds beyond a total of one
	// thousand have no effect.
	Seed uint64
	Odds map[Fault]int

	// PendingAsks and PendingFor determine how long a deferred request stays pending: for that many answers after the
	// first, or for that long after it, whichever ends first. 0 disables a limit; if both are 0, it stays pending for
	// two answers.
	PendingAsks int
	PendingFor  time.Duration

	// Retention is how long a key is remembered after its first use. If the key is used again later, money moves again.
	// 0 means the retention of the underlying gateway.
	Retention time.Duration

	// Disorder makes Drain return notifications out of order, and some of them again later.
	Disorder bool

	// Now returns the time used to forget keys and to settle pending requests. The default is time.Now.
	Now func() time.Time
}

// Script returns a Plan that gives these faults to the first charges, in this order, and none to the others.
func Script(faults ...Fault) func(n int, c payment.Charge) Fault {
	return func(n int, _ payment.Charge) Fault {
		if n < len(faults) {
			return faults[n]
		}
		return None
	}
}

// Hostile is a gateway that misbehaves, within the contract of [payment.Gateway], in front of one that doesn't. Code
// that satisfies its side of the contract works correctly with it. Only [WrongAmount] breaks the contract.
//
// It is safe for concurrent use. It makes one call at a time to the underlying gateway, and must be the only user of
// its keys there. The zero value is not usable; use [NewHostile].
type Hostile struct {
	behind    payment.Gateway
	options   HostileOptions
	retention time.Duration

	mu         sync.Mutex
	faults     *rand.Rand
	deliveries *rand.Rand
	calls      struct{ charges, refunds, lookups int }
	met        map[Fault]int
	charges    memory
	refunds    memory
	open       []*request // deferred, not yet settled
	collected  []*request // successful charges, in order
	returned   []*request // successful refunds, in order
	reversals  map[string]*Reversed
	order      []string // of the reversals
	queue      []payment.Result
	notices    []payment.Reversal
}

var _ payment.Gateway = (*Hostile)(nil)

// NewHostile returns a hostile gateway in front of behind. o may be nil.
func NewHostile(behind payment.Gateway, o *HostileOptions) *Hostile {
	h := &Hostile{behind: behind, met: make(map[Fault]int), charges: newMemory(), refunds: newMemory(),
		reversals: make(map[string]*Reversed)}
	if o != nil {
		h.options = *o
	}
	if h.options.Odds = maps.Clone(h.options.Odds); h.options.Odds == nil {
		h.options.Odds = DefaultOdds()
	}
	if h.options.PendingAsks == 0 && h.options.PendingFor == 0 {
		h.options.PendingAsks = 2
	}
	if h.options.Now == nil {
		h.options.Now = time.Now
	}
	if h.retention = h.options.Retention; h.retention == 0 {
		h.retention = behind.Retention()
	}
	h.faults = rand.New(rand.NewPCG(h.options.Seed, 1))
	h.deliveries = rand.New(rand.NewPCG(h.options.Seed, 2))
	return h
}

// Charge implements [payment.Gateway]. A timeout is an error that wraps [ErrNoAnswer].
func (h *Hostile) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	fault := h.chargeFault(c)
	if err := ctx.Err(); err != nil {
		return payment.Result{}, fmt.Errorf("paymenttest: charge %q: %w", c.Key, err)
	}
	if fault == TimeoutBefore {
		return h.noAnswer("charge", c.Key, fault)
	}
	q := h.charges.recall(c.Key, h.options.Now(), h.retention)
	switch {
	case q == nil:
		q = h.newCharge(c, fault)
		if fault == InFlight {
			return payment.Result{}, fmt.Errorf("%w: charge %q", ErrNoAnswer, c.Key)
		}
	case q.charge != c:
		return payment.Result{}, fmt.Errorf("%w: charge %q", payment.ErrKeyConflict, c.Key)
	default:
		q.asks++
		if q.fault == InFlight {
			q.deferred = false // this request arrives before the first one
		}
	}
	r, err := h.advance(ctx, q)
	if err == nil && fault.timeout() {
		return h.noAnswer("charge", c.Key, fault)
	}
	return r, err
}

// Lookup implements [payment.Gateway]. A timeout is an error that wraps [ErrNoAnswer].
func (h *Hostile) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	fault := h.lookupFault(key)
	if err := ctx.Err(); err != nil {
		return payment.Result{}, fmt.Errorf("paymenttest: lookup %q: %w", key, err)
	}
	if fault == TimeoutBefore || fault.timeout() {
		return h.noAnswer("lookup", key, fault)
	}
	q := h.charges.recall(key, h.options.Now(), h.retention)
	if q == nil {
		return payment.Result{Key: key, Status: payment.NotFound}, nil
	}
	q.asks++
	return h.advance(ctx, q)
}

// Refund implements [payment.Gateway]. A timeout is an error that wraps [ErrNoAnswer]. A successful charge remains
// refundable after its key is forgotten. If the key was collected again, the later collection is refunded.
func (h *Hostile) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := r.Validate(); err != nil {
		return payment.Result{}, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	fault := h.refundFault(r)
	if err := ctx.Err(); err != nil {
		return payment.Result{}, fmt.Errorf("paymenttest: refund %q: %w", r.Key, err)
	}
	if fault == TimeoutBefore {
		return h.noAnswer("refund", r.Key, fault)
	}
	q := h.refunds.recall(r.Key, h.options.Now(), h.retention)
	switch {
	case q == nil:
		of := h.charges.latest[r.Charge]
		if of == nil || !of.result.Status.Final() {
			return payment.Result{Key: r.Key, Status: payment.NotFound}, nil
		}
		q = h.newRefund(r, of, fault)
	case q.refund != r:
		return payment.Result{}, fmt.Errorf("%w: refund %q", payment.ErrKeyConflict, r.Key)
	default:
		q.asks++
	}
	answer, err := h.advance(ctx, q)
	if err == nil && fault.timeout() {
		return h.noAnswer("refund", r.Key, fault)
	}
	return answer, err
}

// Retention implements [payment.Gateway].
func (h *Hostile) Retention() time.Duration { return h.retention }

// noAnswer counts a timeout and returns it.
func (h *Hostile) noAnswer(call, key string, fault Fault) (payment.Result, error) {
	h.met[fault]++
	return payment.Result{}, fmt.Errorf("%w: %s %q", ErrNoAnswer, call, key)
}

// chargeFault, refundFault and lookupFault return the fault of a call, and count the call.
func (h *Hostile) chargeFault(c payment.Charge) Fault {
	n := h.calls.charges
	h.calls.charges++
	if h.options.Plan != nil {
		return h.options.Plan(n, c).orNone()
	}
	return h.drawn()
}

func (h *Hostile) refundFault(r payment.Refund) Fault {
	n := h.calls.refunds
	h.calls.refunds++
	if h.options.Refunds != nil {
		return h.options.Refunds(n, r).orNone()
	}
	return h.drawn()
}

func (h *Hostile) lookupFault(key string) Fault {
	n := h.calls.lookups
	h.calls.lookups++
	if h.options.Lookups != nil {
		return h.options.Lookups(n, key).orNone()
	}
	return h.drawn()
}

func (h *Hostile) drawn() Fault {
	o := h.options
	if o.Plan != nil || o.Refunds != nil || o.Lookups != nil {
		return None
	}
	return draw(h.faults, o.Odds)
}
