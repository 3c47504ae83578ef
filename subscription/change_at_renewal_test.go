package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

func change(version pricing.VersionID, term pricing.Term) subscription.ChangeAtRenewal {
	return subscription.ChangeAtRenewal{Product: "call", Version: version, Term: term}
}

// What isn't allowed, isn't sold, or can't be renewed can't be chosen, and nothing changes.
// Rule: change-at-renewal.
func TestChangeAtRenewalRefuses(t *testing.T) {
	t.Run("where the product doesn't allow it", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("live", "lite"))
		w.refuse(subscription.ErrNotChangeable, subscription.ChangeAtRenewal{Product: "live", Version: "pro"})
		check(t, "code", subscription.CodeOf(subscription.ErrNotChangeable), "not_changeable")
	})
	w := newWorld(t, setup{})
	w.refuse(subscription.ErrNotFound, change("group-call", pricing.Term{}))
	w.must(try())
	w.refuse(subscription.ErrNotChangeable, change("group-call", pricing.Term{})) // a trial
	w.must(buy("call", "one-to-one"))
	w.refuse(pricing.ErrUnknownVersion, change("party", pricing.Term{}))
	w.refuse(pricing.ErrNoPrice, change("stadium", pricing.Months(12)))
	w.refuse(pricing.ErrNoPrice, change("", pricing.Months(7)))
	w.refuse(pricing.ErrNoPrice, change("", pricing.Term{Months: 1, Days: 1}))
	w.refuse(subscription.ErrNotOnSale, change("legacy", pricing.Term{}))
	w.refuse(subscription.ErrNotChangeable, change("trial", pricing.Days(7)))
	whole := w.catalog
	w.catalog = catalog(t, "catalog.json", `{"id": "call", "name": "Call",`, `{"id": "calls", "name": "Call",`)
	w.refuse(pricing.ErrUnknownProduct, change("group-call", pricing.Term{}))
	w.catalog = whole
	r, err := w.do(change("", pricing.Term{}))
	w.ok(err)
	check(t, "the present one changes nothing", r.Receipt.Key, "")
	w.must(subscription.SetTax{Rates: []pricing.TaxRate{{Name: "VAT", Percent: rate(t, "19")}}})
	w.must(change("group-call", pricing.Term{}))
	check(t, "told with taxes", w.latest("call").Renewal.AnnouncedPrice.String(), "710.43 USD")
	w.at("2025-12-01T00:00:00Z")
	w.must(subscription.AutoRenew{Product: "call"})
	w.at("2026-02-01T00:00:00Z")
	w.refuse(subscription.ErrNotChangeable, change("group-call", pricing.Term{})) // over
	_, err = w.Quote(t.Context(), app, change("group-call", pricing.Term{}))
	fails(t, err, subscription.ErrNotChangeable)

	t.Run("while an order is open", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		w.settle(paid(w.place(buy("call", "one-to-one"))))
		w.place(renewal.Renew{Product: "call"})
		w.refuse(subscription.ErrOrderOpen, change("group-call", pricing.Term{}))
	})
	t.Run("what isn't eligible", func(t *testing.T) {
		refusal := errors.New("no")
		w := newWorld(t, setup{options: subscription.Options{
			Eligible: func(_ context.Context, e subscription.Eligibility) error {
				if c, ok := e.Command.(subscription.ChangeAtRenewal); ok && c.Version == "group-call" {
					return refusal
				}
				return nil
			},
		}})
		w.must(buy("call", "one-to-one"))
		w.refuse(subscription.ErrNotEligible, change("group-call", pricing.Term{}))
		w.must(change("", pricing.Months(12)))
	})
}

// A withdrawn version that is held can be kept for another term.
// Rule: change-at-renewal, withdrawn-version-renews.
func TestWithdrawnVersionForAnotherTerm(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.catalog = catalog(t, "catalog.json", `{"id": "one-to-one"`, `{"withdrawn": true, "id": "one-to-one"`)
	w.must(change("", pricing.Months(12)))
	o := w.must(renewal.Renew{Product: "call"}).Order
	check(t, "amount", o.Amount.String(), "1990.00 USD")
}

// A change that was chosen is replaced by another one, and undone by the present version and term, as if it had never been.
// Rule: change-at-renewal.
func TestChangeAtRenewalIsUndone(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	before := w.latest("call")
	w.must(change("group-call", pricing.Term{}))
	w.must(change("", pricing.Months(12)))
	p := w.latest("call").Planned
	check(t, "planned", *p, subscription.Planned{Version: "one-to-one", Term: pricing.Months(12), At: w.now})
	w.must(change("one-to-one", pricing.Months(1)))
	after := w.latest("call")
	check(t, "planned", after.Planned == nil, true)
	check(t, "told nothing", after.Renewal.AnnouncedPrice.IsZero(), true)
	check(t, "anchor", after.Anchor, before.Anchor)
	check(t, "events", w.count(subscription.EventChangePlanned)*10+w.count(subscription.EventChangeDropped), 21)
}

// An upgrade undoes a change that was chosen. It moves the cycles paid ahead that are lower and of the same term; those that
// a change has made another package already stay as they were paid for.
// Rule: change-at-renewal, upgrade-future-cycles.
func TestUpgradeAndChangeAtRenewal(t *testing.T) {
	for _, tt := range []struct {
		name   string
		from   pricing.VersionID
		plan   subscription.ChangeAtRenewal
		ahead  int
		to     pricing.VersionID
		amount string
		cycles string // version, price and minutes of each
	}{
		{
			"nothing is paid ahead", "one-to-one", change("stadium", pricing.Term{}), 0, "group-call", "205.42 USD",
			"group-call 597.00 300000",
		},
		{
			"the same version ahead", "one-to-one", change("group-call", pricing.Term{}), 1, "group-call", "205.42 USD",
			"group-call 597.00 300000, group-call 597.00 300000",
		},
		{
			"a higher version ahead", "one-to-one", change("stadium", pricing.Term{}), 2, "group-call", "205.42 USD",
			"group-call 597.00 300000, stadium 1500.00 1000000, stadium 1500.00 1000000",
		},
		{
			"a lower version ahead", "group-call", change("one-to-one", pricing.Term{}), 1, "stadium", "1767.06 USD",
			"stadium 1500.00 1000000, stadium 1500.00 1000000",
		},
		{
			"a version between ahead", "one-to-one", change("group-call", pricing.Term{}), 1, "stadium", "1574.48 USD",
			"stadium 1500.00 1000000, stadium 1500.00 1000000",
		},
		{
			"another term ahead", "one-to-one", change("", pricing.Months(12)), 1, "group-call", "205.42 USD",
			"group-call 597.00 300000, one-to-one 1990.00 1200000",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", tt.from))
			w.must(tt.plan)
			if tt.ahead > 0 {
				w.must(renewal.Renew{Product: "call", Cycles: tt.ahead})
				w.must(change("", pricing.Months(1))) // also if nothing changes
			}
			w.at("2025-07-25T12:00:00Z") // 16 of 31 days
			cycles := func() string {
				var all []string
				for _, c := range w.latest("call").Cycles {
					all = append(all, fmt.Sprint(c.Version, " ", c.Price.Amount(), " ", c.Minutes))
				}
				return strings.Join(all, ", ")
			}
			before := cycles()
			o := w.must(upgrade(tt.to)).Order
			check(t, "amount", o.Amount.String(), tt.amount)
			check(t, "cycles", cycles(), tt.cycles)
			s := w.latest("call")
			check(t, "planned", s.Planned == nil, true)
			if tt.ahead == 0 {
				check(t, "told", s.Renewal.AnnouncedPrice.IsZero(), true)
				check(t, "dropped", w.count(subscription.EventChangeDropped), 1)
			}
			// A refund takes all of it back, and nothing else.
			w.must(subscription.RefundOrder{Order: o.ID, Take: subscription.TakeAll})
			check(t, "taken back", cycles(), before)
		})
	}
}

// Periods of a changed term that are taken back, by a refund or by a reversal, leave those before it as they were; a
// reinstated payment brings them back.
// Rule: change-at-renewal, cycles-ahead-go-last-first, reinstatement-gives-again.
func TestTakingBackAChangedTerm(t *testing.T) {
	start := func(t *testing.T, first pricing.Term, then pricing.Term, cycles int) (*world, subscription.Subscription, subscription.Order) {
		t.Helper()
		w := newWorld(t, setup{start: "2025-01-31T10:00:00Z", catalog: catalog(t, "catalog.json", `{"months": 12, "minutes": 1200000, "list": {"USD": "1990.00"}}`,
			`{"months": 12, "minutes": 1200000, "list": {"USD": "1990.00"}}, {"days": 10, "minutes": 9, "list": {"USD": "70.00"}}`)})
		p := buy("call", "one-to-one")
		p.Term = first
		w.must(p)
		before := w.latest("call")
		w.must(change("", then))
		return w, before, w.must(renewal.Renew{Product: "call", Cycles: cycles}).Order
	}
	for _, tt := range []struct {
		name        string
		first, then pricing.Term
		next        string // the period that follows once the change is taken back
		later       string // and once another change has come, to a year
	}{
		{"months to a year", pricing.Months(1), pricing.Months(12), "2025-02-28/2025-03-31", "2025-03-31/2026-03-31"},
		{"months to days", pricing.Months(1), pricing.Days(10), "2025-02-28/2025-03-31", "2025-03-31/2026-03-31"},
		{"days to months", pricing.Days(10), pricing.Months(1), "2025-02-10/2025-02-20", "2025-02-20/2026-02-20"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			next := func(w *world, want string) {
				t.Helper()
				p := w.must(renewal.Renew{Product: "call"}).Order.Delivered.Period
				check(t, "the next period", p.Start.Format("2006-01-02")+"/"+p.End.Format("2006-01-02"), want)
			}
			t.Run("by a refund", func(t *testing.T) {
				w, before, o := start(t, tt.first, tt.then, 2)
				w.must(subscription.RefundOrder{Order: o.ID, Cycles: 1, KeepAutoRenew: true})
				check(t, "one of two", w.latest("call").Anchor.Term, tt.then)
				w.must(subscription.RefundOrder{Order: o.ID, Cycles: 1, KeepAutoRenew: true})
				check(t, "end", w.latest("call").End(), before.End())
				next(w, tt.next)
				w.must(change("", pricing.Months(12)))
				next(w, tt.later)
			})
			t.Run("by a reversal", func(t *testing.T) {
				w, before, o := start(t, tt.first, tt.then, 2)
				paidUntil := w.latest("call")
				w.reverse(o, "dp-1", payment.Reversed, o.Amount.String())
				check(t, "end", w.latest("call").End(), before.End())
				check(t, "suspended", len(w.latest("call").Suspended), 2)
				w.reverse(o, "dp-1", payment.Reinstated, o.Amount.String())
				s := w.latest("call")
				check(t, "end again", s.End(), paidUntil.End())
				check(t, "anchor again", s.Anchor, paidUntil.Anchor)
				check(t, "counted again", s.Next, paidUntil.Next)
				w.reverse(o, "dp-2", payment.Reversed, o.Amount.String())
				next(w, tt.next)
			})
		})
	}
}

// A version with a long name that is planned fits in the document wherever the present one does.
// Rule: change-at-renewal, document-stays-small.
func TestPlannedVersionFits(t *testing.T) {
	long := pricing.VersionID(strings.Repeat("v", 64))
	w := newWorld(t, setup{catalog: catalog(t, "catalog.json", `{"id": "group-call"`, `{"id": "`+string(long)+`"`)})
	w.deposit("1000000.00 USD")
	w.must(buy("call", "one-to-one"))
	refused := 0
	for n := 100; n > 0; n /= 2 {
		for range 8 {
			_, err := w.do(prepay{Product: "call", Cycles: n})
			if errors.Is(err, subscription.ErrTooLarge) {
				refused++
				break
			}
			w.ok(err)
		}
	}
	if refused == 0 {
		t.Fatal("the document never fills up")
	}
	w.must(change(long, pricing.Months(12)))
	a := w.stored()
	b, err := document.Append(nil, &a)
	w.ok(err)
	if len(b) > subscription.MaxDocument {
		t.Errorf("the document has %d bytes", len(b))
	}
}

// Once the periods of a changed term are taken back, those before them can be, too: what follows is counted as if neither had
// been bought. Reinstated payments bring both back.
// Rule: change-at-renewal, cycles-ahead-go-last-first, reinstatement-gives-again.
func TestTakingBackBeyondAChangedTerm(t *testing.T) {
	for _, tt := range []struct {
		name        string
		first, then pricing.Term
		next        []string // the periods that follow once everything ahead is taken back, the second one for a year
	}{
		{"months to a year", pricing.Months(1), pricing.Months(12), []string{"2025-02-28/2025-03-31", "2025-03-31/2026-03-31"}},
		{"months to days", pricing.Months(1), pricing.Days(10), []string{"2025-02-28/2025-03-31", "2025-03-31/2026-03-31"}},
		{"days to months", pricing.Days(10), pricing.Months(1), []string{"2025-02-10/2025-02-20", "2025-02-20/2026-02-20"}},
	} {
		start := func(t *testing.T) (w *world, before subscription.Subscription, same, other subscription.Order) {
			t.Helper()
			w = newWorld(t, setup{start: "2025-01-31T10:00:00Z", catalog: catalog(t, "catalog.json", `{"months": 12, "minutes": 1200000, "list": {"USD": "1990.00"}}`,
				`{"months": 12, "minutes": 1200000, "list": {"USD": "1990.00"}}, {"days": 10, "minutes": 9, "list": {"USD": "70.00"}}`)})
			p := buy("call", "one-to-one")
			p.Term = tt.first
			w.must(p)
			before = w.latest("call")
			same = w.must(renewal.Renew{Product: "call", Cycles: 2}).Order
			w.must(change("", tt.then))
			return w, before, same, w.must(renewal.Renew{Product: "call"}).Order
		}
		follows := func(t *testing.T, w *world) {
			t.Helper()
			for _, want := range tt.next {
				p := w.must(renewal.Renew{Product: "call"}).Order.Delivered.Period
				check(t, "the next period", p.Start.Format("2006-01-02")+"/"+p.End.Format("2006-01-02"), want)
				w.must(change("", pricing.Months(12)))
			}
		}
		t.Run(tt.name+", by refunds", func(t *testing.T) {
			w, before, same, other := start(t)
			w.must(subscription.RefundOrder{Order: other.ID, Cycles: 1, KeepAutoRenew: true})
			w.must(subscription.RefundOrder{Order: same.ID, Cycles: 1, KeepAutoRenew: true})
			w.must(subscription.RefundOrder{Order: same.ID, Cycles: 1, KeepAutoRenew: true})
			check(t, "end", w.latest("call").End(), before.End())
			follows(t, w)
		})
		t.Run(tt.name+", by reversals", func(t *testing.T) {
			w, before, same, other := start(t)
			all := w.latest("call")
			w.reverse(other, "dp-1", payment.Reversed, other.Amount.String())
			w.reverse(same, "dp-2", payment.Reversed, same.Amount.String())
			check(t, "end", w.latest("call").End(), before.End())
			w.reverse(same, "dp-2", payment.Reinstated, same.Amount.String())
			w.reverse(other, "dp-1", payment.Reinstated, other.Amount.String())
			s := w.latest("call")
			check(t, "end again", s.End(), all.End())
			check(t, "anchor again", s.Anchor, all.Anchor)
			check(t, "counted again", s.Next, all.Next)
			w.reverse(other, "dp-3", payment.Reversed, other.Amount.String())
			w.reverse(same, "dp-4", payment.Reversed, same.Amount.String())
			check(t, "end", w.latest("call").End(), before.End())
			follows(t, w)
		})
	}
}
