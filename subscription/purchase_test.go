package subscription_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// A paid purchase gives a subscription with auto-renewal and its minutes.
// Rule: auto-renewal-is-on.
func TestPurchaseDelivers(t *testing.T) {
	w := newWorld(t, setup{})
	r := w.must(buy("call", "one-to-one"))

	sub := w.latest("call")
	check(t, "ID", sub.ID, "call-1")
	check(t, "status", sub.Status, subscription.Active)
	check(t, "auto-renewal is on unless it was turned off", sub.AutoRenew, true)
	check(t, "version", sub.Version(), "one-to-one")
	check(t, "the period, from 00:00:00 of the day", span(sub.Cycles[0].Period), "2025-07-10T00:00:00Z/2025-08-10T00:00:00Z")
	check(t, "recorded price", sub.Cycles[0].Price, money(t, "199.00 USD"))
	check(t, "balance", w.balance(), "99801.00 USD")
	check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
	check(t, "minutes of another product", w.application().Minutes("live", w.now), 0)

	check(t, "order status", r.Order.Status, subscription.OrderPaid)
	check(t, "order", r.Order.ID, r.Receipt.OrderID)
	check(t, "collected", r.Order.Collected, money(t, "199.00 USD"))
	check(t, "line", r.Order.Lines[0].Formula(), "199.00")
	want := subscription.Delivered{
		Period: sub.Cycles[0].Period, Increment: subscription.Minutes(100000), Total: subscription.Minutes(100000),
		Remaining: subscription.Minutes(100000),
	}
	if diff := cmp.Diff(want, r.Order.Delivered); diff != "" {
		t.Errorf("delivered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]subscription.EventType{
		subscription.EventCreated,
		subscription.EventAccepted, subscription.EventOrderPlaced,
		subscription.EventOrderPaid, subscription.EventOpened, subscription.EventPeriodPaid,
		subscription.EventPeriodBegan, subscription.EventLotGranted,
	}, types(w.events())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func types(events []subscription.Event) []subscription.EventType {
	var all []subscription.EventType
	for _, e := range events {
		all = append(all, e.Type)
	}
	return all
}

// Days are the catalog's, wherever the server is.
// Rule: days-are-the-catalogs.
func TestPurchaseDayIsTheCatalogs(t *testing.T) {
	for _, tt := range []struct{ name, at, want string }{
		{"late evening in UTC is the next day in Shanghai", "2025-07-10T16:00:00Z", "2025-07-10T16:00:00Z/2025-08-10T16:00:00Z"},
		{"a second before is the day before", "2025-07-10T15:59:59Z", "2025-07-09T16:00:00Z/2025-08-09T16:00:00Z"},
		{"the 31st is clamped to the month's end", "2025-01-31T03:00:00Z", "2025-01-30T16:00:00Z/2025-02-27T16:00:00Z"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{catalog: catalog(t, "catalog_shanghai.json"), start: tt.at})
			w.must(buy("call", "one-to-one"))
			check(t, "period", span(w.latest("call").Cycles[0].Period), tt.want)
			check(t, "zone", w.latest("call").Cycles[0].Period.Zone, "Asia/Shanghai")
		})
	}
}

// Daylight saving changes the hour at which days begin in UTC, and nothing else.
// Rule: daylight-saving-changes-no-count.
func TestPurchaseAcrossDaylightSaving(t *testing.T) {
	cat := catalog(t, "catalog.json", `"zone": "UTC"`, `"zone": "America/New_York"`)
	w := newWorld(t, setup{catalog: cat, start: "2025-10-15T03:59:59Z"}) // 14 October, 23:59:59 in New York
	w.must(buy("call", "one-to-one"))
	check(t, "period", span(w.latest("call").Cycles[0].Period), "2025-10-14T04:00:00Z/2025-11-14T05:00:00Z")
	w.at("2025-11-14T04:59:59Z") // 13 November, the last day
	r := w.must(subscription.Upgrade{Product: "call", To: "group-call"})
	check(t, "days", r.Order.Lines[0].Times.String(), "1/31")
}

// When a purchase begins, what it grants, and what prevents it.
// Rule: term-is-one-period, purchase-starts-when-paid, minutes-follow-payment, same-product-does-not-stack,
// one-open-order, decline-is-final.
func TestPurchaseRules(t *testing.T) {
	t.Run("paid on a later day, it starts on that day", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.place(buy("call", "one-to-one"))
		w.at("2025-07-13T23:59:00Z")
		o = w.settle(paid(o))
		check(t, "status", o.Status, subscription.OrderPaid)
		check(t, "period", span(o.Delivered.Period), "2025-07-13T00:00:00Z/2025-08-13T00:00:00Z")
		check(t, "opened", w.latest("call").OpenedAt, w.now)
		check(t, "anchor", w.latest("call").Anchor.Date.String(), "2025-07-13")
	})
	t.Run("no minutes before the money", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		o := w.place(buy("call", "one-to-one"))
		check(t, "subscriptions", len(w.application().Subscriptions), 0)
		check(t, "lots", len(w.application().Lots), 0)
		check(t, "minutes", w.application().Minutes("call", w.now), 0)
		check(t, "ledger", len(w.entries()), 0)
		w.settle(paid(o))
		check(t, "minutes once paid", w.application().Minutes("call", w.now).String(), "100000")
	})
	t.Run("the same product does not stack while active", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		w.refuse(subscription.ErrAlreadySubscribed, buy("call", "one-to-one"))
		w.refuse(subscription.ErrAlreadySubscribed, buy("call", "group-call"))
		w.must(buy("live", "lite")) // another product is allowed
		w.at("2025-08-09T23:59:59Z")
		w.refuse(subscription.ErrAlreadySubscribed, buy("call", "one-to-one"))
	})
	t.Run("nor while past due, which is still in service", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		w.at("2025-08-10T23:59:59Z")
		check(t, "status", w.latest("call").Status, subscription.PastDue)
		w.refuse(subscription.ErrAlreadySubscribed, buy("call", "one-to-one"))
	})
	t.Run("after an interruption a purchase opens a new subscription with a new anchor", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		w.at("2025-08-20T12:00:00Z")
		check(t, "status", w.latest("call").Status, subscription.Interrupted)
		w.must(buy("call", "group-call"))
		sub := w.latest("call")
		check(t, "ID", sub.ID, "call-2")
		check(t, "anchor", sub.Anchor.Date.String(), "2025-08-20")
		check(t, "period", span(sub.Cycles[0].Period), "2025-08-20T00:00:00Z/2025-09-20T00:00:00Z")
		check(t, "number of the first cycle", sub.Cycles[0].Number, 1)
		check(t, "the old one is over, by its events", lastStatus(w.events(), "call-1"), subscription.Expired)
	})
	t.Run("and after expiry", func(t *testing.T) {
		w := newWorld(t, setup{})
		p := buy("call", "one-to-one")
		p.NoAutoRenew = true
		w.must(p)
		w.at("2025-12-24T12:00:00Z")
		check(t, "status", w.latest("call").Status, subscription.Expired)
		w.must(buy("call", "one-to-one"))
		check(t, "anchor", w.latest("call").Anchor.Date.String(), "2025-12-24")
		check(t, "ID", w.latest("call").ID, "call-2")
	})
	t.Run("NoAutoRenew turns the renewal off", func(t *testing.T) {
		w := newWorld(t, setup{})
		p := buy("call", "one-to-one")
		p.NoAutoRenew = true
		w.must(p)
		check(t, "auto-renewal", w.latest("call").AutoRenew, false)
	})
	t.Run("a term of twelve months is one period, one price, one number of minutes", func(t *testing.T) {
		w := newWorld(t, setup{})
		p := buy("call", "one-to-one")
		p.Term = pricing.Months(12)
		r := w.must(p)
		check(t, "amount", r.Order.Amount, money(t, "1990.00 USD"))
		check(t, "period", span(r.Order.Delivered.Period), "2025-07-10T00:00:00Z/2026-07-10T00:00:00Z")
		check(t, "minutes", r.Order.Delivered.Increment.String(), "1200000")
	})
	t.Run("the currency is the subscription's", func(t *testing.T) {
		w := newWorld(t, setup{})
		p := buy("live", "lite")
		p.Currency = "JPY"
		r := w.must(p)
		check(t, "amount", r.Order.Amount, money(t, "19000 JPY"))
		check(t, "currency", w.latest("live").Currency, "JPY")
		r = w.must(subscription.Upgrade{Product: "live", To: "pro"})
		check(t, "upgrade", r.Order.Amount, money(t, "130000 JPY"))
	})
	t.Run("a second order for the product waits for the first", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		w.place(buy("call", "one-to-one"))
		w.refuse(subscription.ErrOrderOpen, buy("call", "one-to-one"))
		w.place(buy("live", "lite"))
	})
	t.Run("no payment method is a decline", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.ok(w.accounts.SetPaymentMethod(t.Context(), string(acme), false))
		w.decline(payment.NoPaymentMethod, buy("call", "one-to-one"))
	})
	t.Run("too small a balance is a decline", func(t *testing.T) {
		w := newWorld(t, setup{poor: true})
		w.deposit("198.99 USD")
		w.decline(payment.InsufficientBalance, buy("call", "one-to-one"))
		check(t, "balance", w.balance(), "198.99 USD")
	})
}

// decline runs a command that must be declined for a reason and grant nothing.
func (w *world) decline(reason payment.Reason, cmd subscription.Command) {
	w.t.Helper()
	r, err := w.do(cmd)
	var declined *subscription.OrderError
	if !errors.As(err, &declined) || declined.Status != subscription.OrderDeclined || declined.Reason != reason || declined.Order != r.Receipt.OrderID {
		w.t.Fatalf("Do = %v, want declined: %s", err, reason)
	}
	check(w.t, "order", r.Order.Status, subscription.OrderDeclined)
	check(w.t, "subscriptions", len(w.application().Subscriptions), 0)
	check(w.t, "open orders", len(w.application().Orders), 0)
	check(w.t, "minutes", w.application().Minutes(r.Order.Product, w.now), 0)
}

// lastStatus returns the status of a subscription after the events.
func lastStatus(events []subscription.Event, id subscription.SubscriptionID) subscription.Status {
	var status subscription.Status
	for _, e := range events {
		if e.Subscription == id && e.Status != "" {
			status = e.Status
		}
	}
	return status
}

// What isn't in the catalog, is withdrawn or lacks the agreement can't be bought.
// Rule: only-what-is-on-sale.
func TestPurchaseRefuses(t *testing.T) {
	buyWith := func(change func(*subscription.Purchase)) subscription.Purchase {
		p := buy("call", "one-to-one")
		change(&p)
		return p
	}
	for _, tt := range []struct {
		name string
		cmd  subscription.Purchase
		want error
	}{
		{"an unknown product", buy("fax", "one-to-one"), pricing.ErrUnknownProduct},
		{"an unknown version", buy("call", "gold"), pricing.ErrUnknownVersion},
		{"a version that is withdrawn", buy("call", "legacy"), subscription.ErrNotOnSale},
		{"a currency without a price", buyWith(func(p *subscription.Purchase) { p.Currency = "EUR" }), pricing.ErrNoPrice},
		{"no currency", buyWith(func(p *subscription.Purchase) { p.Currency = "" }), pricing.ErrNoPrice},
		{"a term without a price", buyWith(func(p *subscription.Purchase) { p.Term = pricing.Months(3) }), pricing.ErrNoPrice},
		{"no term", buyWith(func(p *subscription.Purchase) { p.Term = pricing.Term{} }), pricing.ErrNoPrice},
		{"an absurd term", buyWith(func(p *subscription.Purchase) { p.Term = pricing.Term{Months: -1, Days: 1 << 40} }), pricing.ErrNoPrice},
		{"an unknown offer", buyWith(func(p *subscription.Purchase) { p.Offer = "black-friday" }), pricing.ErrUnknownOffer},
		{"without the agreement", buyWith(func(p *subscription.Purchase) { p.Agreement = "" }), subscription.ErrAgreementRequired},
		{"another version of the agreement", buyWith(func(p *subscription.Purchase) { p.Agreement = "2024-01" }), subscription.ErrAgreementRequired},
	} {
		t.Run(tt.name, func(t *testing.T) { newWorld(t, setup{}).refuse(tt.want, tt.cmd) })
	}
	t.Run("an application that doesn't exist", func(t *testing.T) {
		w := newWorld(t, setup{})
		_, err := w.Do(t.Context(), "nobody", buy("call", "one-to-one"), "k")
		fails(t, err, subscription.ErrNotFound)
	})
}

// The accepted agreement is recorded, with the time.
// Rule: agreement-is-recorded.
func TestAgreement(t *testing.T) {
	t.Run("with the purchase", func(t *testing.T) {
		w := newWorld(t, setup{})
		r := w.must(buy("call", "one-to-one"))
		check(t, "accepted", w.application().Accepted, subscription.Acceptance{Agreement: agreement, At: w.now})
		check(t, "the order's", r.Order.Agreement, agreement)
		e := w.events()[1]
		check(t, "event", e.Type, subscription.EventAccepted)
		check(t, "the event's version", e.Note, agreement)
		check(t, "the event's time", e.At, w.now)
	})
	t.Run("once, before", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(subscription.Accept{Agreement: agreement})
		at := w.now
		w.at("2025-07-11T00:00:00Z")
		p := buy("call", "one-to-one")
		p.Agreement = ""
		check(t, "the order's", w.must(p).Order.Agreement, agreement)
		check(t, "accepted", w.application().Accepted, subscription.Acceptance{Agreement: agreement, At: at})
	})
	t.Run("again, when another one has come into force", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(buy("call", "one-to-one"))
		w.catalog = catalog(t, "catalog.json", `"version": "2025-06"`, `"version": "2025-12"`)
		up := subscription.Upgrade{Product: "call", To: "group-call"}
		w.refuse(subscription.ErrAgreementRequired, up)
		up.Agreement = agreement // the old one
		w.refuse(subscription.ErrAgreementRequired, up)
		up.Agreement = "2025-12"
		w.must(up)
		check(t, "acceptances", w.count(subscription.EventAccepted), 2)
		check(t, "accepted", w.application().Accepted.Agreement, "2025-12")
	})
	t.Run("of another version, or of none", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.refuse(subscription.ErrAgreementRequired, subscription.Accept{Agreement: "2024-01"})
		w.refuse(subscription.ErrAgreementRequired, subscription.Accept{})
	})
	t.Run("where the catalog has none, nothing is to be accepted", func(t *testing.T) {
		cat := catalog(t, "catalog.json", `"agreement": {"version": "2025-06", "documents": [{"name": "Billing Terms", "url": "https://example.com/terms"}]},`, "")
		w := newWorld(t, setup{catalog: cat})
		w.refuse(subscription.ErrAgreementRequired, buy("call", "one-to-one"))
		p := buy("call", "one-to-one")
		p.Agreement = ""
		check(t, "the order's", w.must(p).Order.Agreement, "")
	})
}

// A trial can be taken as often as its limit allows, never renews, and ends when a paid version is bought.
// Rule: trial-limit, trial-never-renews, trial-to-paid-is-a-purchase, zero-price-needs-no-gateway.
func TestTrials(t *testing.T) {
	t.Run("two free trials, no more, and the duplicate guard leaves them alone", func(t *testing.T) {
		w := newWorld(t, setup{poor: true})
		first := w.must(try())
		check(t, "status", first.Order.Status, subscription.OrderPaid)
		check(t, "attempt", first.Order.Attempt, "")
		check(t, "period", span(first.Order.Delivered.Period), "2025-07-10T00:00:00Z/2025-07-17T00:00:00Z")
		w.refuse(subscription.ErrAlreadySubscribed, try())
		w.at("2025-07-17T00:00:00Z")
		second := w.must(try())
		check(t, "same order", first.Receipt.OrderID == second.Receipt.OrderID, false)
		w.at("2025-07-24T00:00:00Z")
		w.refuse(subscription.ErrTrialLimit, try())
		charges, _, _ := w.charged()
		check(t, "charges", charges, 0)
	})
	t.Run("a trial never renews itself, and expires at its end", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(try())
		check(t, "auto-renewal", w.latest("call").AutoRenew, false)
		w.refuse(subscription.ErrNoAutoRenew, subscription.AutoRenew{Product: "call", On: true})
		w.at("2025-07-16T23:59:59Z")
		check(t, "status", w.latest("call").Status, subscription.Active)
		w.at("2025-07-17T00:00:00Z")
		check(t, "status", w.latest("call").Status, subscription.Expired)
	})
	t.Run("from a trial to a paid version is a purchase at full price that starts today and closes the trial", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(try())
		w.at("2025-07-14T08:00:00Z")
		w.refuse(subscription.ErrNotUpgradable, subscription.Upgrade{Product: "call", To: "one-to-one"})
		r := w.must(buy("call", "one-to-one"))
		check(t, "amount", r.Order.Amount, money(t, "199.00 USD"))
		check(t, "period", span(r.Order.Delivered.Period), "2025-07-14T00:00:00Z/2025-08-14T00:00:00Z")
		check(t, "the trial", lastStatus(w.events(), "call-1"), subscription.Expired)
		check(t, "subscriptions", len(w.application().Subscriptions), 1)
		check(t, "live", w.latest("call").ID, "call-2")
		lots := w.application().Lots
		check(t, "lots", len(lots), 2)
		check(t, "the trial's minutes stay", lots[0].Remaining.String(), "10000")
		check(t, "to the trial's end", lots[0].Period.End, instant(t, "2025-07-17T00:00:00Z"))
		w.refuse(subscription.ErrAlreadySubscribed, try())
	})
	t.Run("the trial goes on until the paid version is paid", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		w.must(try())
		o := w.place(buy("call", "one-to-one"))
		check(t, "live", w.latest("call").ID, "call-1")
		w.settle(paid(o))
		check(t, "live", w.latest("call").ID, "call-2")
	})
	t.Run("a trial while the paid version's payment is pending", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		w.place(buy("call", "one-to-one"))
		w.refuse(subscription.ErrOrderOpen, try())
	})
	t.Run("a trial without minutes grants no lot", func(t *testing.T) {
		w := newWorld(t, setup{})
		p := buy("live", "trial")
		p.Term = pricing.Days(14)
		w.must(p)
		check(t, "lots", len(w.application().Lots), 0)
		check(t, "status", w.latest("live").Status, subscription.Active)
	})
}

// An offer is valid for a first purchase, or from its first day through its last.
// Rule: offer-limits.
func TestOffers(t *testing.T) {
	with := func(offer pricing.OfferID) subscription.Purchase {
		p := buy("call", "one-to-one")
		p.Offer = offer
		return p
	}
	t.Run("a first purchase is discounted, and the price paid is recorded", func(t *testing.T) {
		w := newWorld(t, setup{})
		r := w.must(with("first-month"))
		check(t, "amount", r.Order.Amount, money(t, "99.00 USD"))
		check(t, "recorded", w.latest("call").Cycles[0].Price, money(t, "99.00 USD"))
		check(t, "minutes are the list's", r.Order.Delivered.Increment.String(), "100000")
	})
	t.Run("only a first one", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(with("first-month"))
		w.at("2025-08-20T00:00:00Z")
		w.refuse(subscription.ErrOffer, with("first-month"))
	})
	t.Run("a trial before isn't a purchase", func(t *testing.T) {
		w := newWorld(t, setup{})
		w.must(try())
		check(t, "amount", w.must(with("first-month")).Order.Amount, money(t, "99.00 USD"))
	})
	t.Run("a decline before isn't one either", func(t *testing.T) {
		w := newWorld(t, setup{poor: true})
		w.decline(payment.InsufficientBalance, with("first-month"))
		w.deposit("99.00 USD")
		w.must(with("first-month"))
	})
	t.Run("an offer is in force from its first day to its last one", func(t *testing.T) {
		for at, want := range map[string]error{
			"2025-10-31T23:59:59Z": pricing.ErrUnknownOffer,
			"2025-11-01T00:00:00Z": nil,
			"2025-11-11T23:59:59Z": nil,
			"2025-11-12T00:00:00Z": pricing.ErrUnknownOffer,
		} {
			w := newWorld(t, setup{start: at})
			if _, err := w.do(with("november")); !errors.Is(err, want) {
				t.Errorf("at %s: %v, want %v", at, err, want)
			}
		}
	})
}

// The eligibility hook is asked at quote, at confirm and at a direct request.
// Rule: eligibility-is-asked.
func TestEligibility(t *testing.T) {
	var asked []subscription.Eligibility
	refused := errors.New("not on the list")
	var answer error
	w := newWorld(t, setup{options: subscription.Options{
		Eligible: func(_ context.Context, e subscription.Eligibility) error {
			asked = append(asked, e)
			return answer
		},
	}})
	cmd := buy("call", "one-to-one")
	q, err := w.Quote(t.Context(), app, cmd)
	w.ok(err)
	check(t, "asked at the quote", len(asked), 1)
	check(t, "application", asked[0].Application, app)
	check(t, "account", asked[0].Account, acme)
	check(t, "amount", asked[0].Order.Amount, money(t, "199.00 USD"))
	check(t, "trial", asked[0].Trial, pricing.Trial{})

	answer = refused
	_, err = w.Quote(t.Context(), app, cmd)
	check(t, "quote", errors.Is(err, subscription.ErrNotEligible) && errors.Is(err, refused), true)
	_, err = w.Confirm(t.Context(), app, cmd, q, "confirm")
	check(t, "confirm", errors.Is(err, subscription.ErrNotEligible) && errors.Is(err, refused), true)
	w.refuse(subscription.ErrNotEligible, cmd)
	check(t, "asked", len(asked), 4)

	// The hook isn't asked about a command that orders nothing.
	w.must(subscription.Accept{Agreement: agreement})
	check(t, "asked", len(asked), 4)

	// A refusal leaves the key unused, and the hook is told a trial's limits.
	answer = nil
	_, err = w.Confirm(t.Context(), app, try(), q, "confirm")
	fails(t, err, subscription.ErrQuoteStale)
	w.must(try())
	check(t, "trial", asked[len(asked)-1].Trial, pricing.Trial{PerApplication: 2, PerAccount: 10})
	w.at("2025-07-10T02:31:00Z")
	_, err = w.Confirm(t.Context(), app, cmd, q, "confirm")
	fails(t, err, subscription.ErrQuoteStale)
	w.must(cmd)
	w.must(subscription.AutoRenew{Product: "call"})
	check(t, "auto-renewal isn't asked about", asked[len(asked)-1].Order.Kind, subscription.PurchaseOrder)
	w.must(subscription.Upgrade{Product: "call", To: "group-call"})
	check(t, "an upgrade is", asked[len(asked)-1].Order.Kind, subscription.UpgradeOrder)
}

// An application is created once, for one account, with identifiers of 1 to 64 bytes.
// Rule: identifiers-are-plain.
func TestCreate(t *testing.T) {
	w := newWorld(t, setup{})
	a := w.application()
	check(t, "account", a.Account, acme)
	check(t, "created", a.CreatedAt, w.now)
	check(t, "revision", a.Revision, int64(1))
	w.refuse(subscription.ErrExists, subscription.Create{Account: "other"})

	for _, tt := range []struct {
		name    string
		app     subscription.ApplicationID
		account subscription.AccountID
		key     string
	}{
		{"no application", "", acme, "k"},
		{"no account", "new", "", "k"},
		{"no key", "new", acme, ""},
		{"an ID of 65 bytes", subscription.ApplicationID(strings.Repeat("x", 65)), acme, "k"},
		{"an account of 65 bytes", "new", subscription.AccountID(strings.Repeat("x", 65)), "k"},
		{"a key of 65 bytes", "new", acme, strings.Repeat("x", 65)},
		{"NUL", "a\x00", acme, "k"},
		{"no UTF-8", "new", "\xff", "k"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.Do(t.Context(), tt.app, subscription.Create{Account: tt.account}, tt.key)
			fails(t, err, subscription.ErrInvalid)
		})
	}
}

// Auto-renewal can be switched at any time before expiry, whatever the funds.
// Rule: auto-renewal-is-on.
func TestAutoRenew(t *testing.T) {
	w := newWorld(t, setup{})
	w.refuse(subscription.ErrNotFound, subscription.AutoRenew{Product: "call"})
	w.must(buy("call", "one-to-one"))

	// Switching it never checks funds.
	w.ok(w.accounts.SetPaymentMethod(t.Context(), string(acme), false))
	w.must(subscription.AutoRenew{Product: "call"})
	check(t, "off", w.latest("call").AutoRenew, false)
	w.must(subscription.AutoRenew{Product: "call", On: true})
	check(t, "on", w.latest("call").AutoRenew, true)
	check(t, "events on", w.count(subscription.EventAutoRenewOn), 1)
	check(t, "events off", w.count(subscription.EventAutoRenewOff), 1)
	w.must(subscription.AutoRenew{Product: "call"})

	w.at("2025-08-20T00:00:00Z")
	check(t, "status", w.latest("call").Status, subscription.Ended)
	w.must(subscription.AutoRenew{Product: "call"})
	w.now = w.now.Add(365 * 24 * time.Hour)
	check(t, "status", w.latest("call").Status, subscription.Expired)
	w.refuse(subscription.ErrNoAutoRenew, subscription.AutoRenew{Product: "call", On: true})
}

// Every command needs an application.
func TestNoApplication(t *testing.T) {
	w := newWorld(t, setup{})
	for _, cmd := range []subscription.Command{
		buy("call", "one-to-one"), subscription.Upgrade{Product: "call", To: "group-call"},
		subscription.AutoRenew{Product: "call"}, subscription.Accept{Agreement: agreement}, subscription.Cancel{Order: "1-a"},
	} {
		_, err := w.Do(t.Context(), "nobody", cmd, "k")
		check(t, cmd.Kind()+" on nobody", errors.Is(err, subscription.ErrNotFound), true)
	}
	_, err := w.Application(t.Context(), "nobody")
	fails(t, err, subscription.ErrNotFound)
	_, err = w.Order(t.Context(), "nobody", "1-a")
	fails(t, err, subscription.ErrNotFound)
	_, err = w.Collect(t.Context(), app, "1-a")
	fails(t, err, subscription.ErrNotFound)
	_, err = w.Application(t.Context(), "")
	fails(t, err, subscription.ErrInvalid)
	_, err = w.Quote(t.Context(), "", buy("call", "one-to-one"))
	fails(t, err, subscription.ErrInvalid)
}
