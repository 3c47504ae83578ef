package renewal_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// foretold formats what Preview predicts for the stored application.
func (w *world) foretold(until time.Time) []string {
	w.t.Helper()
	var lines []string
	for u := range renewal.Preview(w.stored(), w.policy, w.catalog, w.now, until) {
		what := "charge " + u.Charge.String()
		if u.Granted != 0 {
			what = "grant " + u.Granted.String()
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", short(u.At), u.Subscription, u.Product, what, span(u.Period)))
	}
	return lines
}

// happened formats the events after a revision in the same way.
func (w *world) happened(after int64) []string {
	w.t.Helper()
	products := map[subscription.SubscriptionID]pricing.ProductID{}
	var lines []string
	for _, e := range w.events() {
		if e.Product != "" {
			products[e.Subscription] = e.Product
		}
		if e.Revision <= after {
			continue
		}
		var what string
		switch e.Type {
		case subscription.EventOrderPaid:
			what = "charge " + e.Amount.String()
		case subscription.EventLotGranted:
			what = "grant " + e.Quantity.String()
		default:
			continue
		}
		lines = append(lines, fmt.Sprintf("%s %s %s %s %s", short(e.At), e.Subscription, products[e.Subscription], what, span(e.Period)))
	}
	return lines
}

// Preview predicts exactly what the worker then does.
// Rule: preview-foretells.
func TestPreviewForetellsWhatTheWorkerDoes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		setup   setup
		prepare func(w *world)
		want    int // charges and grants in a year
	}{
		{"a year", setup{start: "2025-01-31T10:00:00Z"}, func(w *world) { w.must(buy("call", "one-to-one")) }, 24},
		{"in New York", setup{start: "2025-01-30T23:00:00Z", catalog: catalog(t, `"zone": "UTC"`, `"zone": "America/New_York"`)},
			func(w *world) { w.must(buy("call", "one-to-one")) }, 24},
		{"two products", setup{}, func(w *world) {
			w.must(buy("call", "one-to-one"))
			w.run("2025-01-20T10:00:00Z")
			w.must(buy("live", "pro"))
		}, 48},
		{"cycles paid ahead, then upgraded", setup{}, func(w *world) {
			w.must(buy("call", "one-to-one"))
			w.must(renew(3))
			w.run("2025-02-10T10:00:00Z")
			w.must(subscription.Upgrade{Product: "call", To: "group-call"})
		}, 22},
		{"discounted", setup{}, func(w *world) {
			cheap := buy("call", "one-to-one")
			cheap.Offer = "first-month"
			w.must(cheap)
		}, 24},
		{"the price changes", setup{}, func(w *world) {
			w.must(buy("call", "one-to-one"))
			w.run("2025-01-30T12:00:00Z")
			w.catalog = catalog(t, money249(t)...)
		}, 24},
		{"costs nothing", setup{}, func(w *world) { w.must(buy("call", "free")) }, 24},
		{"turned off", setup{}, func(w *world) { w.must(buy("call", "one-to-one")); w.must(turn(false)) }, 0},
		{"a trial", setup{}, func(w *world) {
			trial := buy("call", "trial")
			trial.Term = pricing.Days(7)
			w.must(trial)
		}, 0},
		{"past due, with money again", setup{}, func(w *world) {
			w.must(buy("call", "one-to-one"))
			w.drain()
			w.run("2025-02-01T07:00:00Z")
			w.deposit("90000.00 USD")
		}, 26},
		{"interrupted", setup{}, func(w *world) {
			w.must(buy("call", "one-to-one"))
			w.drain()
			w.run("2025-02-10T00:00:00Z")
			w.deposit("90000.00 USD")
		}, 0},
		{"no worker for five months, late in the period", setup{}, func(w *world) {
			w.must(buy("call", "one-to-one"))
			w.at("2025-05-29T12:00:00Z")
		}, 26},
		{"no worker for five months, each billed", setup{policy: renewal.Policy{CatchUp: renewal.BillEach}}, func(w *world) {
			w.must(buy("call", "one-to-one"))
			w.at("2025-05-29T12:00:00Z")
		}, 32},
		{"a short term, attempted long before", setup{policy: renewal.Policy{Attempts: hours(-500)}}, func(w *world) {
			week := buy("call", "one-to-one")
			week.Term = pricing.Days(7)
			w.must(week)
		}, 105},
		{"years", setup{}, func(w *world) {
			year := buy("call", "one-to-one")
			year.Term = pricing.Months(12)
			w.must(year)
		}, 2},
		{"no subscription", setup{}, func(*world) {}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.setup)
			tt.prepare(w)
			until := w.now.AddDate(1, 0, 0)
			before := w.stored()
			want := w.foretold(until)
			if diff := cmp.Diff(before, w.stored(), exactly); diff != "" {
				t.Errorf("Preview changed something:\n%s", diff)
			}
			w.run(until.Format(time.RFC3339Nano))
			same(t, "what happened, beside what was foretold", w.happened(before.Revision), want)
			check(t, "charges and grants", len(want), tt.want)
		})
	}
}

// Orders that are open now are assumed to be paid.
func TestPreviewPaysOpenOrders(t *testing.T) {
	for _, cmd := range []subscription.Command{renew(2), subscription.Upgrade{Product: "call", To: "group-call"}} {
		t.Run(cmd.Kind(), func(t *testing.T) {
			open := false
			w := newWorld(t, setup{gateway: pendingWhile(&open)})
			w.must(buy("call", "one-to-one"))
			w.run("2025-01-20T00:00:00Z")
			open = true
			if _, err := w.do(cmd); !errors.Is(err, subscription.ErrPaymentPending) {
				t.Fatal(err)
			}
			open = false
			revision, until := w.stored().Revision, w.now.AddDate(0, 6, 0)
			want := w.foretold(until)
			w.run(until.Format(time.RFC3339))
			same(t, "what happened, beside what was foretold", w.happened(revision), want)
			if len(want) < 10 {
				t.Errorf("predicted only %d", len(want))
			}
		})
	}
}

// An order under review blocks its own subscription, and no other.
func TestPreviewGoesOnBesideAnOrderUnderReview(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.run("2025-01-05T00:00:00Z")
	w.must(buy("live", "lite"))
	app := w.stored()
	o := w.orders()[0]
	o.ID, o.Attempt, o.Kind, o.Status = "9-x", "video-chat/9-x", subscription.RenewalOrder, subscription.OrderReview
	o.Deliveries = []subscription.Delivery{{Extend: &subscription.ExtendDelivery{Subscription: o.Subscription, Count: 1}}}
	app.Orders = append(app.Orders, o)
	products := map[pricing.ProductID]int{}
	for u := range renewal.Preview(app, w.policy, w.catalog, w.now, w.now.AddDate(0, 3, 1)) {
		products[u.Product]++
	}
	check(t, "live", products["live"], 6)
	check(t, "call", products["call"], 0)
}

// From any state of a random walk, the worker does what was predicted once every payment succeeds.
// Rule: preview-foretells.
func TestPreviewForetellsRandomLives(t *testing.T) {
	compared := 0
	for seed := range uint64(25) {
		w := newWorld(t, setup{catalog: changeable(t), policy: []renewal.Policy{{}, {CatchUp: renewal.BillEach}}[seed%2]})
		random := rand.New(rand.NewPCG(seed, 3))
		for range 12 {
			switch random.IntN(11) {
			case 0, 1:
				_, _ = w.do(buy("call", pricing.VersionID([]string{"free", "one-to-one", "group-call"}[random.IntN(3)])))
			case 2:
				_, _ = w.do(buy("live", "lite"))
			case 3:
				_, _ = w.do(subscription.Upgrade{Product: "call", To: "group-call"})
			case 4:
				_, _ = w.do(renewal.Renew{Product: "live", Cycles: random.IntN(3)})
			case 5:
				_, _ = w.do(turn(random.IntN(2) == 0))
			case 6:
				_, _ = w.do(change([]pricing.VersionID{"", "one-to-one", "group-call"}[random.IntN(3)],
					[]pricing.Term{{}, pricing.Months(1), pricing.Months(12), pricing.Days(7)}[random.IntN(4)]))
			case 7:
				_, _ = w.do(deal(t, []string{"0.00 USD", "10.00 USD", "300.00 USD"}[random.IntN(3)], random.IntN(4)))
			case 8:
				_, _ = w.do(renewal.Renew{Product: "call", Cycles: 1 + random.IntN(3)})
			default:
				w.work()
			}
			w.now = w.now.Add(time.Duration(random.IntN(40*24*60)) * time.Minute)
		}
		revision, until := w.stored().Revision, w.now.AddDate(0, 5, 0)
		want := w.foretold(until)
		w.work() // doesn't wait for the due time: overdue steps are taken now
		w.run(until.Format(time.RFC3339))
		same(t, fmt.Sprintf("seed %d: what happened, beside what was foretold", seed), w.happened(revision), want)
		compared += len(want)
	}
	if compared < 200 {
		t.Errorf("compared only %d charges and grants", compared)
	}
}

// Lines come with a charge and belong to the caller. The loop may end early.
func TestPreviewShowsLinesAndCanBeLeft(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	for range 2 {
		for u := range renewal.Preview(w.stored(), w.policy, w.catalog, w.now, w.now.AddDate(9, 0, 0)) {
			check(t, "formula", u.Lines[0].Formula(), "199.00")
			check(t, "amount", u.Lines[0].Amount, u.Charge)
			u.Lines[0] = pricing.Line{}
			break
		}
	}
	var all []renewal.Upcoming
	for u := range renewal.Preview(w.stored(), w.policy, w.catalog, w.now, w.now.AddDate(0, 1, 0)) {
		all = append(all, u)
		if u.Granted != 0 {
			break
		}
	}
	check(t, "charge and grant", len(all), 2)
	check(t, "ordered", slices.IsSortedFunc(all, func(a, b renewal.Upcoming) int { return a.At.Compare(b.At) }), true)
}

// If a decision fails, the preview ends.
func TestPreviewEndsWhereADecisionFails(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	app := w.stored()
	app.Subscriptions[0].Zone = "Nowhere/Land"
	for u := range renewal.Preview(app, w.policy, w.catalog, w.now, w.now.AddDate(1, 0, 0)) {
		t.Errorf("predicted %+v", u)
	}
	app = w.stored()
	app.Subscriptions[0].Anchor.Term = pricing.Term{} // has no price, so it isn't renewable
	for u := range renewal.Preview(app, w.policy, w.catalog, w.now, w.now.AddDate(1, 0, 0)) {
		t.Errorf("predicted %+v", u)
	}
}
