package subscription_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/testsize"
	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// Random walks of commands, webhooks and time over a misbehaving gateway. Every change keeps the invariants, the amount
// charged is the amount quoted, and in the end the money and the minutes add up.
func TestRandomWalks(t *testing.T) {
	walks, steps := testsize.Of(10, 60), 150
	met := map[paymenttest.Fault]int{}
	placed := 0
	for seed := range uint64(walks) {
		walk := newWalk(t, seed)
		for range steps {
			walk.step()
		}
		walk.settleAll()
		walk.checkBooks()
		for f, n := range walk.gateway.Met() {
			met[f] += n
		}
		placed += len(walk.orders())
	}
	rare := []paymenttest.Fault{paymenttest.WrongAmount, paymenttest.RefundWithdrawn} // the simulation meets them
	for _, f := range paymenttest.Faults() {
		if testsize.IsFull() && !slices.Contains(rare, f) && met[f] == 0 {
			t.Errorf("no walk encountered the fault %s", f)
		}
	}
	if placed < 5*walks {
		t.Errorf("%d orders in %d walks: too few", placed, walks)
	}
}

type walk struct {
	*world
	seed    uint64
	rng     *rand.Rand
	gateway *paymenttest.Hostile
}

func newWalk(t *testing.T, seed uint64) *walk {
	t.Helper()
	w := &walk{seed: seed, rng: rand.New(rand.NewPCG(seed, 3))}
	w.world = newWorld(t, setup{gateway: func(outer *world, behind *balance.Accounts) payment.Gateway {
		w.gateway = paymenttest.NewHostile(behind, &paymenttest.HostileOptions{
			Seed: seed, Disorder: true, PendingAsks: 2, PendingFor: 48 * time.Hour, Retention: 72 * time.Hour,
			Now: func() time.Time { return outer.now },
		})
		return w.gateway
	}})
	return w
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

func (w *walk) step() {
	w.t.Helper()
	before := len(w.store.changes)
	product := pick(w.rng, pricing.ProductID("call"), "call", "live", "beauty-ar")
	version := pick(w.rng, pricing.VersionID("trial"), "one-to-one", "group-call", "stadium", "lite", "pro")
	switch w.rng.IntN(12) {
	case 0, 1:
		p := buy(product, version)
		switch {
		case product == "call" && version == "trial":
			p.Term = pricing.Days(7)
		case product == "live" && version == "trial":
			p.Term = pricing.Days(14)
		case version == "one-to-one" && w.rng.IntN(3) == 0:
			p.Offer = "first-month"
		}
		w.request(p)
	case 2, 3:
		w.request(subscription.Upgrade{Product: product, To: version, Agreement: agreement})
	case 4:
		if w.rng.IntN(2) == 0 {
			w.request(prepay{Product: product, Cycles: 1 + w.rng.IntN(3)})
		} else {
			w.request(renewal.Renew{Product: product, Cycles: 1 + w.rng.IntN(3), Agreement: agreement})
		}
	case 5:
		w.run(subscription.AutoRenew{Product: product, On: w.rng.IntN(2) == 0})
	case 6:
		if open := w.stored().Orders; len(open) > 0 {
			w.cancel(pick(w.rng, open...).ID)
		}
	case 7:
		if open := w.stored().Orders; len(open) > 0 {
			w.collect(pick(w.rng, open...).ID)
		}
	case 8:
		w.webhooks()
	case 10:
		w.run(subscription.ChangeAtRenewal{Product: product, Version: version, Term: pick(w.rng, pricing.Term{}, pricing.Months(12))})
	case 11:
		w.run(subscription.SetDeal{
			Product: product, Price: pick(w.rng, pricing.Money{}, money(w.t, "0.00 USD"), money(w.t, "10.00 USD")), Periods: w.rng.IntN(4),
		})
	case 9:
		w.now = w.now.Add(pick(w.rng, time.Minute, 5*time.Hour, 30*time.Hour, 20*24*time.Hour))
	}
	for _, r := range w.store.changes[before:] {
		if err := r.change.Check(r.base); err != nil {
			w.t.Fatalf("seed %d: %v", w.seed, err)
		}
	}
}

// request quotes and confirms, or orders directly, and may repeat the key.
func (w *walk) request(cmd subscription.Command) {
	w.t.Helper()
	ctx := w.t.Context()
	w.keys++
	key := fmt.Sprintf("walk %d", w.keys)
	if w.rng.IntN(2) == 0 {
		r, err := w.Do(ctx, app, cmd, key)
		w.expected(err)
		if r.Receipt.Key != "" && w.rng.IntN(2) == 0 {
			again, err := w.Do(ctx, app, cmd, key)
			w.expected(err)
			check(w.t, "the repeated key's order", again.Receipt.OrderID, r.Receipt.OrderID)
		}
		return
	}
	q, err := w.Quote(ctx, app, cmd)
	w.expected(err)
	if err != nil {
		return
	}
	w.now = w.now.Add(pick(w.rng, 0, time.Second, 14*time.Minute, 16*time.Minute))
	r, err := w.Confirm(ctx, app, cmd, q, key)
	w.expected(err)
	if r.Receipt.Key != "" {
		check(w.t, "the quote is the order", r.Order.Amount, q.Amount)
	}
}

func (w *walk) run(cmd subscription.Command) {
	w.t.Helper()
	_, err := w.do(cmd)
	w.expected(err)
}

func (w *walk) collect(id subscription.OrderID) {
	w.t.Helper()
	_, err := w.Collect(w.t.Context(), app, id)
	w.expected(err)
}

// cancel cancels an order and looks it up at once, since a gateway may never report the outcome.
func (w *walk) cancel(id subscription.OrderID) {
	w.t.Helper()
	w.run(subscription.Cancel{Order: id})
	if w.order(id).Status != subscription.OrderCanceled {
		return
	}
	for {
		_, err := w.Collect(w.t.Context(), app, id)
		w.expected(err)
		if !errors.Is(err, paymenttest.ErrNoAnswer) {
			return
		}
	}
}

func (w *walk) webhooks() {
	w.t.Helper()
	results, err := w.gateway.Drain(w.t.Context())
	w.ok(err)
	for _, r := range results {
		_, err := w.Settle(w.t.Context(), subscription.AttemptID(r.Key), r)
		w.ok(err)
	}
}

// expected fails the test if a customer should never see the error.
func (w *walk) expected(err error) {
	w.t.Helper()
	if err == nil || errors.Is(err, subscription.ErrDeclined) {
		return
	}
	for _, known := range []error{
		subscription.ErrPaymentPending, subscription.ErrReview, subscription.ErrRefunded, subscription.ErrCanceled,
		subscription.ErrNotFound, subscription.ErrAlreadySubscribed, subscription.ErrOrderOpen, subscription.ErrTrialLimit,
		subscription.ErrOffer, subscription.ErrNotUpgradable, subscription.ErrNotHigher, subscription.ErrPeriodEnded,
		subscription.ErrNoAutoRenew, subscription.ErrQuoteStale, subscription.ErrNotChangeable, subscription.ErrNotOnSale, renewal.ErrNotRenewable,
		pricing.ErrUnknownVersion, pricing.ErrUnknownOffer, pricing.ErrNoPrice,
	} {
		if errors.Is(err, known) {
			return
		}
	}
	w.t.Fatalf("seed %d: %v", w.seed, err)
}

// settleAll lets the gateway decide everything that it deferred, and completes every order. It takes more than an hour
// of the walk's time, so that canceled orders that never reached the gateway are known to be uncollected.
func (w *walk) settleAll() {
	w.t.Helper()
	for range 20 {
		w.now = w.now.Add(5 * time.Minute)
		w.ok(w.gateway.Settle(w.t.Context()))
		w.webhooks()
		for _, o := range w.orders() {
			w.collect(o.ID)
		}
	}
}

// checkStray checks that an order was left to a person only because the gateway could have forgotten its charge.
func (w *walk) checkStray(o subscription.Order) {
	w.t.Helper()
	if o.Note != "the gateway can't tell the outcome any more" || !o.Collected.IsZero() || !w.forgotten(o.PlacedAt, o.ClosedAt) {
		w.t.Errorf("seed %d: order %+v is stray, with a retention of %s", w.seed, o, w.gateway.Retention())
	}
}

// forgotten reports whether the gateway may have forgotten by an instant what it was first asked at another.
func (w *walk) forgotten(asked, by time.Time) bool {
	keep := w.gateway.Retention()
	return !by.Before(asked.Add(keep - keep/10)) // a tenth allows for clock differences
}

// checkRefunds checks that all that was collected for an order went back, and not twice, and that a refund has failed only
// because the gateway could have forgotten it, or refused it.
func (w *walk) checkRefunds(o subscription.Order, refunds []subscription.Refund, c paymenttest.Collection) {
	w.t.Helper()
	figures(w.t, o, refunds)
	if len(refunds) != 1 || refunds[0].Kind != subscription.RefundLate || refunds[0].Amount != c.Amount || o.Collected != c.Amount {
		w.t.Errorf("seed %d: order %s is %s, and the gateway collected %+v", w.seed, o.ID, outcome(o, refunds), c)
		return
	}
	r := refunds[0]
	switch {
	case r.Status == subscription.RefundMade && c.Refunded == c.Amount:
	case r.Status == subscription.RefundFailed && r.Reason == "" &&
		r.Note == "refund unknown beyond the gateway's retention" && w.forgotten(r.DueAt, r.ClosedAt):
	case r.Status == subscription.RefundFailed && r.Reason != "" && c.Refunded.Sign() == 0: // also one that was withdrawn
	default:
		w.t.Errorf("seed %d: refund %+v, and the gateway collected %+v", w.seed, r, c)
	}
}

// checkBooks compares what the gateway actually collected with what was delivered, and the lots with the ledger.
func (w *walk) checkBooks() {
	w.t.Helper()
	if double := w.gateway.DoubleCharged(); len(double) > 0 {
		w.t.Errorf("seed %d: charged twice: %v", w.seed, double)
	}
	collected := map[string]paymenttest.Collection{}
	for _, c := range w.gateway.Collected() {
		collected[c.Charge.Key] = c
	}
	reviewed := map[subscription.OrderID]bool{}
	for _, e := range w.events() {
		reviewed[e.Order] = reviewed[e.Order] || e.Type == subscription.EventOrderReview
	}
	for _, o := range w.orders() {
		var sum pricing.Money
		for i, l := range o.Lines {
			if i == 0 {
				sum = l.Amount
				continue
			}
			var err error
			sum, err = sum.Add(l.Amount)
			w.ok(err)
		}
		check(w.t, "lines of "+string(o.ID), sum, o.Amount)
		c, was := collected[string(o.Attempt)]
		delete(collected, string(o.Attempt))
		refunds, err := w.Refunds(w.t.Context(), app, o.ID)
		w.ok(err)
		switch {
		case o.Status == subscription.OrderPaid && o.Amount.Sign() > 0:
			if !was || c.Amount != o.Amount || !c.Refunded.IsZero() || len(refunds) > 0 {
				w.t.Errorf("seed %d: order %s of %s is %s, and the gateway collected %+v", w.seed, o.ID, o.Amount, outcome(o, refunds), c)
			}
		case o.Refunds > 0, o.Status == subscription.OrderRefunded:
			w.checkRefunds(o, refunds, c)
		case o.Status == subscription.OrderUnreconciled:
			w.checkStray(o)
		case o.Status == subscription.OrderCanceled && reviewed[o.ID] && !o.ClosedAt.Before(o.PlacedAt.Add(w.gateway.Retention())):
			// Canceled after the gateway may have forgotten it: only a person can find out.
		case was && o.Status != subscription.OrderReview:
			w.t.Errorf("seed %d: order %s is %s, and the gateway collected %+v", w.seed, o.ID, o.Status, c)
		case o.Status == subscription.OrderOpen || o.Status == subscription.OrderCanceling:
			w.t.Errorf("seed %d: order %s is still %s", w.seed, o.ID, o.Status)
		}
	}
	if len(collected) > 0 {
		w.t.Errorf("seed %d: collected for no order: %v", w.seed, collected)
	}

	ledger := map[subscription.LotID]subscription.Quantity{}
	granted := map[subscription.OrderID]subscription.Quantity{}
	for _, e := range w.entries() {
		switch e.Kind {
		case subscription.EntryGranted:
			ledger[e.Lot] += e.Quantity
			granted[e.Order] += e.Quantity
		case subscription.EntryExpired:
			ledger[e.Lot] -= e.Quantity
		}
	}
	for _, l := range w.stored().Lots {
		check(w.t, fmt.Sprintf("seed %d: lot %d by its entries", w.seed, l.ID), ledger[l.ID], l.Remaining)
		check(w.t, "granted", l.Granted, l.Remaining+l.Reserved+l.Consumed)
		delete(ledger, l.ID)
	}
	for id, left := range ledger {
		check(w.t, fmt.Sprintf("seed %d: lot %d, which is gone", w.seed, id), left, 0)
	}
	for _, o := range w.orders() {
		if o.Status != subscription.OrderPaid {
			check(w.t, fmt.Sprintf("seed %d: minutes granted by %s, which is %s", w.seed, o.ID, o.Status), granted[o.ID], 0)
		}
	}
	// The document can be rebuilt from the log: revisions have no gaps, and indexes start at zero.
	var last subscription.Event
	for _, e := range w.events() {
		next := e.Revision == last.Revision && e.Index == last.Index+1 || e.Revision == last.Revision+1 && e.Index == 0
		if !next && last.Revision != 0 {
			w.t.Errorf("seed %d: event %d.%d follows %d.%d", w.seed, e.Revision, e.Index, last.Revision, last.Index)
		}
		last = e
	}
}
