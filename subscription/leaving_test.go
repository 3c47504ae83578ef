package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// opened opens a second account with funds.
func (w *world) opened(account string) subscription.AccountID {
	w.t.Helper()
	ctx := w.t.Context()
	w.ok(w.accounts.Open(ctx, account))
	w.ok(w.accounts.Deposit(ctx, account, "first", money(w.t, "10000.00 USD")))
	return subscription.AccountID(account)
}

// has returns the balance of an account.
func (w *world) has(account subscription.AccountID) string {
	w.t.Helper()
	m, err := w.accounts.Balance(w.t.Context(), string(account), "USD")
	w.ok(err)
	return m.String()
}

// Another account pays from the change on. What was paid before goes back to whoever paid it.
// Rule: orders-keep-their-account.
func TestChangeAccount(t *testing.T) {
	w := newWorld(t, setup{})
	buyer := w.opened("buyer")
	bought := w.must(buy("call", "one-to-one")).Order
	w.must(subscription.ChangeAccount{Account: buyer})
	a := w.stored()
	check(t, "account", a.Account, buyer)
	last := w.store.last().change
	check(t, "event", string(last.Events[0].Type)+" "+last.Events[0].Note, "account_changed buyer")
	check(t, "row", last.Subscriptions[0].Account, buyer)
	for id, err := range w.store.ApplicationsOf(t.Context(), acme) {
		t.Errorf("the old account has %s, %v", id, err)
	}
	renewed := w.must(renewal.Renew{Product: "call"}).Order
	check(t, "new order", renewed.Account, buyer)
	check(t, "old order", w.order(bought.ID).Account, acme)
	check(t, "paid", w.has(buyer), "9801.00 USD")
	w.must(subscription.RefundOrder{Order: renewed.ID, Take: subscription.TakeAll})
	w.must(subscription.RefundOrder{Order: bought.ID, Amount: money(t, "50.00 USD")})
	check(t, "refunded to the new one", w.has(buyer), "10000.00 USD")
	check(t, "refunded to the old one", w.has(acme), "99851.00 USD")
	all, err := w.Refunds(t.Context(), app, bought.ID)
	w.ok(err)
	check(t, "refund", all[0].Account, acme)

	commits := len(w.store.changes)
	w.must(subscription.ChangeAccount{Account: buyer})
	check(t, "commits without a change", len(w.store.changes), commits)
	w.refuse(subscription.ErrInvalid, subscription.ChangeAccount{})
	w.refuse(subscription.ErrInvalid, subscription.ChangeAccount{Account: "a\x00"})
	_, err = w.Do(t.Context(), "nobody", subscription.ChangeAccount{Account: buyer}, "key")
	fails(t, err, subscription.ErrNotFound)
}

// A late payment of an order that was given up goes back to the account that it was charged to.
// Rule: orders-keep-their-account.
func TestLatePaymentAfterAChangeOfAccount(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	buyer := w.opened("buyer")
	o := w.place(buy("call", "one-to-one"))
	w.refuse(subscription.ErrOrderOpen, subscription.ChangeAccount{Account: buyer})
	w.must(subscription.Cancel{Order: o.ID})
	w.refuse(subscription.ErrOrderOpen, subscription.ChangeAccount{Account: buyer})
	w.settle(payment.Result{Key: string(o.Attempt), Status: payment.Declined, Reason: payment.Canceled, At: w.now})
	w.must(subscription.ChangeAccount{Account: buyer})
	_, err := w.accounts.Charge(t.Context(), payment.Charge{
		Key: string(o.Attempt), Account: string(acme), Amount: o.Amount, Order: string(o.ID), Application: string(app),
		Description: o.Lines[0].Item, Present: true,
	})
	w.ok(err)
	check(t, "charged", w.has(acme), "99801.00 USD")
	w.settle(paid(o))
	check(t, "back", w.has(acme), "100000.00 USD")
	check(t, "the other", w.has(buyer), "10000.00 USD")
}

// The account doesn't change while a refund is due, or while usage of a day that is closed is owed. What was used on a day
// that is still open goes along.
// Rule: orders-keep-their-account.
func TestChangeAccountWaits(t *testing.T) {
	w := newWorld(t, setup{gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
		return &gatewayFuncs{Gateway: behind, OnRefund: func(context.Context, payment.Refund) (payment.Result, error) {
			return payment.Result{}, errors.New("down")
		}}
	}})
	bought := w.must(buy("call", "one-to-one")).Order
	w.must(subscription.RefundOrder{Order: bought.ID})
	w.refuse(subscription.ErrOrderOpen, subscription.ChangeAccount{Account: "buyer"})
	w.refuse(subscription.ErrOrderOpen, subscription.Close{})

	m := newMeter(t)
	m.paidGo()
	m.use(m.used("audio", 60))
	m.at("2025-07-12T00:00:00Z") // the day is closed
	m.refuse(subscription.ErrArrears, subscription.ChangeAccount{Account: "buyer"})
	m.work()
	m.use(m.used("audio", 60))
	m.refuse(subscription.ErrArrears, subscription.Close{})
	m.must(subscription.ChangeAccount{Account: m.opened("buyer")})
	m.run("2025-07-14T00:00:00Z")
	check(t, "accounts", string(m.orders()[0].Account+" "+m.orders()[1].Account), "acme buyer")
}

// leave closes the application of a customer who has a subscription, free minutes and pay-as-you-go.
func leave(t *testing.T) (m *meter, bought subscription.Order) {
	t.Helper()
	m = newMeter(t)
	bought = m.must(buy("call", "small")).Order
	m.must(subscription.ClaimFree{Free: "starter"})
	m.paidGo()
	m.must(subscription.Close{})
	return m, bought
}

// Nothing is sold to a closed application, renewed, granted or counted, by whatever command, request or worker.
// Rule: closed-is-closed.
func TestClose(t *testing.T) {
	m, bought := leave(t)
	a := m.stored()
	check(t, "closed", a.ClosedAt, m.now)
	check(t, "auto-renewal", a.Subscriptions[0].AutoRenew, false)
	sameLines(t, "events", m.noted(subscription.EventClosed, subscription.EventAutoRenewOff), "auto_renew_off", "application_closed")
	ctx := t.Context()
	for _, cmd := range []subscription.Command{
		subscription.Close{}, subscription.Create{Account: acme}, subscription.Accept{Agreement: agreement}, buy("live", "lite"),
		subscription.Upgrade{Product: "call", To: "large"}, subscription.AutoRenew{Product: "call", On: true},
		subscription.Cancel{Order: bought.ID}, subscription.ClaimFree{Free: "welcome"}, subscription.BillUsage{},
		subscription.Reserve{ID: "r", Product: "call", Usage: "hd", Minutes: 1, Until: m.now.Add(1)}, subscription.Release{ID: "r"},
		subscription.PaymentMethodChanged{}, subscription.SetTax{}, gift(1), imported(t, "2025-07-01", "2025-08-01"),
		subscription.ChangeAccount{Account: "buyer"}, renewal.Renew{Product: "call"}, topUp("call-50"),
		subscription.ChangeAtRenewal{Product: "call", Version: "large"}, subscription.SetDeal{Product: "call"},
	} {
		m.refuse(subscription.ErrClosed, cmd)
		if _, err := m.Quote(ctx, app, cmd); !errors.Is(err, subscription.ErrClosed) {
			t.Errorf("Quote(%T) = %v, want ErrClosed", cmd, err)
		}
	}
	if code := subscription.CodeOf(fmt.Errorf("%w: a", subscription.ErrClosed)); code != "closed" {
		t.Errorf("code %q", code)
	}
	_, err := m.Consume(ctx, app, m.used("audio", 1))
	fails(t, err, subscription.ErrClosed)
	e, err := m.Entitlement(ctx, app, "call")
	m.ok(err)
	check(t, "service", e.Service, false)

	// Time goes on without a charge, a reminder or a grant, and comes to an end.
	before := len(m.events())
	m.run("2026-07-10T00:00:00Z")
	var seen []string
	for _, e := range m.events()[before:] {
		if s := strings.TrimSpace(fmt.Sprint(e.Type, " ", e.Status)); !slices.Contains(seen, s) {
			seen = append(seen, s)
		}
	}
	for _, s := range seen {
		if !strings.HasPrefix(s, "status_changed") && s != "lot_expired" && s != "service_ended" {
			t.Errorf("after it was closed: %s", s)
		}
	}
	check(t, "due", m.stored().Due.IsZero(), true)
	check(t, "lots", len(m.stored().Lots), 0)
	for range renewal.Preview(m.stored(), renewal.Policy{}, m.catalog, m.now, m.now.AddDate(1, 0, 0)) {
		t.Error("something is upcoming")
	}
}

// A repeated request finds its receipt after the application was closed, too.
// Rule: closed-is-closed.
func TestClosedRepeats(t *testing.T) {
	w := newWorld(t, setup{})
	first, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	w.ok(err)
	w.must(subscription.Close{})
	again, err := w.Do(t.Context(), app, buy("call", "one-to-one"), "buy")
	w.ok(err)
	check(t, "order", again.Order.ID, first.Order.ID)
}

// Usage that was counted before the application was closed is still told to be a duplicate, and not to be refused: an answer
// may have been lost. Nothing else of the call is counted.
// Rule: closed-is-closed.
func TestClosedRepeatsUsage(t *testing.T) {
	m := newMeter(t)
	m.must(buy("call", "small"))
	first := m.used("audio", 3)
	m.use(first)
	m.must(subscription.Close{})
	before := m.stored()
	results, err := m.Consume(t.Context(), app, m.used("audio", 1), first)
	m.ok(err)
	fails(t, results[0].Err, subscription.ErrClosed)
	check(t, "of the first", fmt.Sprintf("%+v", results[1]), fmt.Sprintf("%+v", subscription.UsageResult{ID: first.ID, Duplicate: true}))
	check(t, "revision", m.stored().Revision, before.Revision)
	other := first
	other.Seconds++
	m.refuses(other, subscription.ErrIDReused)
}

// What concerns money that was paid before still works: refunds, returned packages, reversals and their end, late results.
// Rule: closed-is-closed.
func TestClosedReturnsMoney(t *testing.T) {
	m, bought := leave(t)
	m.must(subscription.RefundOrder{Order: bought.ID, Amount: money(t, "1.00 USD")})
	check(t, "balance", m.balance(), "99991.00 USD")
	notice := payment.Reversal{
		ID: "dp-1", Charge: string(bought.Attempt), Status: payment.Reversed, Amount: money(t, "9.00 USD"), At: m.now,
	}
	o, err := m.Reverse(t.Context(), bought.Attempt, notice)
	m.ok(err)
	check(t, "left", o.Left().String(), "0.00 USD")
	check(t, "status", m.stored().Subscriptions[0].Status, subscription.Interrupted)
	notice.Status = payment.Reinstated
	o, err = m.Reverse(t.Context(), bought.Attempt, notice)
	m.ok(err)
	check(t, "left again", o.Left().String(), "9.00 USD")
	check(t, "status", m.stored().Subscriptions[0].Status, subscription.Active)
	check(t, "auto-renewal", m.stored().Subscriptions[0].AutoRenew, false)
	m.must(subscription.ReturnPackage{Order: bought.ID})
	check(t, "balance", m.balance(), "100000.00 USD")

	w := newWorld(t, setup{gateway: pending})
	late := w.place(buy("call", "one-to-one"))
	w.settle(payment.Result{Key: string(late.Attempt), Status: payment.Declined, Reason: payment.Other, At: w.now})
	w.must(subscription.Close{})
	_, err = w.accounts.Charge(t.Context(), payment.Charge{
		Key: string(late.Attempt), Account: string(acme), Amount: late.Amount, Order: string(late.ID), Application: string(app),
		Description: late.Lines[0].Item, Present: true,
	})
	w.ok(err)
	check(t, "late", w.settle(paid(late)).Refunds, 1)
	check(t, "back", w.balance(), "100000.00 USD")
}

// Rule: closed-is-closed.
func TestCloseWaits(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	w.refuse(subscription.ErrOrderOpen, subscription.Close{})
	w.must(subscription.Cancel{Order: o.ID})
	w.refuse(subscription.ErrOrderOpen, subscription.Close{}) // it may still be collected
	_, err := w.Do(t.Context(), "nobody", subscription.Close{}, "key")
	fails(t, err, subscription.ErrNotFound)

	m := newMeter(t)
	m.must(buy("call", "small"))
	m.must(subscription.Reserve{ID: "r", Product: "call", Usage: "hd", Minutes: 1, Until: m.now.AddDate(0, 0, 1)})
	m.refuse(subscription.ErrOrderOpen, subscription.Close{})
	m.must(subscription.Release{ID: "r"})
	m.must(subscription.Close{})
}

// secrets are texts that identify somebody; none of them may be left in anything that is stored.
var secrets = []string{"acme", "buyer", "DE123", "ada", "called-us", "wrong-card", "ref-1", "dispute-text", "T-17"}

// everything returns all that a store has of the application, but for receipts, which have no texts.
func (w *world) everything() string {
	w.t.Helper()
	var b strings.Builder
	a := w.stored()
	fmt.Fprintf(&b, "%+v\n", a)
	if a.Tax != nil {
		fmt.Fprintf(&b, "%+v\n", *a.Tax)
	}
	for _, o := range w.orders() {
		fmt.Fprintf(&b, "%+v %+v\n", o, w.load(o.ID).Orders)
	}
	for _, e := range w.events() {
		fmt.Fprintf(&b, "%+v\n", e)
	}
	for _, e := range w.entries() {
		fmt.Fprintf(&b, "%+v\n", e)
	}
	for r, err := range w.store.Store.Refunds(w.t.Context(), app) {
		w.ok(err)
		fmt.Fprintf(&b, "%+v\n", r)
	}
	for r, err := range w.store.Store.Subscriptions(w.t.Context(), app) {
		w.ok(err)
		fmt.Fprintf(&b, "%+v\n", r)
	}
	return b.String()
}

// gone fails the test if any of the secrets is left.
func (w *world) gone() {
	w.t.Helper()
	all := w.everything()
	for _, s := range secrets {
		if i := strings.Index(all, s); i >= 0 {
			w.t.Errorf("%q is left: …%s…", s, all[max(0, i-80):min(len(all), i+80)])
		}
	}
}

// erased is a world whose application had all that identifies somebody, was closed and is erased.
func erased(t *testing.T) (w *world, bought, late subscription.Order) {
	t.Helper()
	w = newWorld(t, setup{catalog: taxed(t, false), gateway: pending})
	w.opened("buyer")
	ctx := t.Context()
	staff := w.As("ada", "called-us")
	_, err := staff.Do(ctx, app, subscription.SetTax{Region: "DE", Number: "DE123"}, "tax")
	w.ok(err)
	bought = w.place(buy("call", "one-to-one"))
	result := paid(bought)
	result.Reference = "ref-1"
	w.settle(result)
	_, err = staff.Do(ctx, app, gift(10), "gift")
	w.ok(err)
	_, err = staff.Do(ctx, app, subscription.RefundOrder{
		Order: bought.ID, Amount: money(t, "36.81 USD"), Note: "wrong-card", Elsewhere: true,
	}, "refund")
	w.ok(err)
	_, err = w.Reverse(ctx, bought.Attempt, payment.Reversal{
		ID: "dp-1", Charge: string(bought.Attempt), Status: payment.Reversed, Amount: money(t, "10.00 USD"),
		Reference: "dispute-text", At: w.now,
	})
	w.ok(err)
	late = w.place(buy("live", "lite"))
	w.settle(payment.Result{Key: string(late.Attempt), Status: payment.Declined, Reason: payment.Other, Reference: "ref-1", At: w.now})
	w.must(subscription.ChangeAccount{Account: "buyer"})
	w.refuse(subscription.ErrInvalid, subscription.Erase{})
	w.must(subscription.Close{})
	all := w.everything()
	for _, s := range secrets {
		if !strings.Contains(all, s) && s != "T-17" {
			t.Fatalf("%q was never there", s)
		}
	}
	_, err = w.As("ada", "T-17").Do(ctx, app, subscription.Erase{}, "erase")
	w.ok(err)
	return w, bought, late
}

// Nothing that identifies somebody is left of an erased application, in no row and no event. The books are as they were:
// amounts, taxes, IDs, instants.
// Rule: erased-is-gone.
func TestErase(t *testing.T) {
	w, bought, _ := erased(t)
	w.gone()
	a := w.stored()
	check(t, "erased", a.ErasedAt, w.now)
	check(t, "account", a.Account, "")
	check(t, "tax", a.Tax == nil, true)
	o := w.order(bought.ID)
	check(t, "order", taxesOf(o.Net(), o.Amount, o.Taxes)+" "+o.Collected.String(), "199.00 USD, VAT 19% 37.81 USD, 236.81 USD 236.81 USD")
	check(t, "attempt", o.Attempt, bought.Attempt)
	sameLines(t, "refunds", w.refunds(bought.ID), "1 refund 36.81 USD made, VAT 5.88 USD", "2 reversal 10.00 USD made, VAT 1.59 USD")
	last := w.events()[len(w.events())-1]
	check(t, "last event", last.Type, subscription.EventErased)

	// Twice does nothing more.
	revision := w.stored().Revision
	_, err := w.As("ada", "called-us").Do(t.Context(), app, subscription.Erase{}, "again")
	w.ok(err)
	check(t, "revision", w.stored().Revision, revision)
	_, err = w.Do(t.Context(), "nobody", subscription.Erase{}, "key")
	fails(t, err, subscription.ErrNotFound)
}

// A deal stays with an erased application, for as many periods as it was made for, and its reason goes.
// Rule: erased-is-gone, deal-price.
func TestEraseWithADeal(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(buy("call", "one-to-one"))
	w.must(subscription.SetDeal{Product: "call", Price: money(t, "150.00 USD"), Periods: 3, Reason: "contract of Ada"})
	w.must(subscription.Close{})
	w.must(subscription.Erase{})
	want := subscription.Deal{Version: "one-to-one", Term: pricing.Months(1), Price: money(t, "150.00 USD"), Left: 3}
	check(t, "deal", *w.latest("call").Deal, want)
	for _, e := range w.events() {
		check(t, "note of "+string(e.Type), e.Note, "")
	}
}

// What still arrives for an erased application is recorded without anything that identifies somebody. Money can't be
// returned through the gateway any more, which takes the account, so a person is told.
// Rule: erased-is-gone.
func TestErasedStillRecordsMoney(t *testing.T) {
	w, bought, late := erased(t)
	ctx := t.Context()
	staff := w.As("ada", "called-us")
	_, err := staff.Do(ctx, app, subscription.RefundOrder{Order: bought.ID}, "refund-2")
	fails(t, err, subscription.ErrNotRefundable)
	_, err = staff.Do(ctx, app, subscription.RefundOrder{Order: bought.ID, Elsewhere: true, Note: "wrong-card"}, "refund-2")
	w.ok(err)
	_, err = staff.Reverse(ctx, bought.Attempt, payment.Reversal{
		ID: "dp-1", Charge: string(bought.Attempt), Status: payment.Reinstated, Amount: money(t, "10.00 USD"), Reference: "dispute-text", At: w.now,
	})
	w.ok(err)
	result := paid(late)
	result.Reference = "ref-1"
	o, err := staff.Settle(ctx, late.Attempt, result)
	w.ok(err)
	check(t, "late", string(o.Status)+" "+o.Left().String(), "declined 153.51 USD")
	check(t, "due", len(w.stored().Refunds), 0)
	last := w.events()[len(w.events())-1]
	check(t, "told", string(last.Type)+": "+last.Note, "needs_person: paid, and the account was erased: return it by other means")
	_, err = staff.Do(ctx, app, subscription.RefundOrder{Order: late.ID, Elsewhere: true, Note: "wrong-card"}, "refund-3")
	w.ok(err)
	check(t, "left", w.order(late.ID).Left().Sign(), 0)
	w.gone()
	_, err = staff.Do(ctx, app, buy("call", "one-to-one"), "buy-again")
	fails(t, err, subscription.ErrClosed)
}

// A store that can't erase is left as it is.
// Rule: erased-is-gone.
func TestEraseNeedsAStoreThatCan(t *testing.T) {
	w := newWorld(t, setup{wrap: func(_ *world, st subscription.Store) subscription.Store { return struct{ subscription.Store }{st} }})
	w.must(subscription.Close{})
	w.refuse(subscription.ErrInvalid, subscription.Erase{})
}

// Every change that closes, erases or moves an application, once tampered with, is refused; so is every change of one that
// is closed and sells something.
// Rule: closed-is-closed, erased-is-gone, orders-keep-their-account.
func TestCheckOfLeaving(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.opened("buyer")
	w.tax(subscription.SetTax{Region: "DE", Number: "DE123"})
	bought := w.must(buy("call", "one-to-one")).Order
	bought2 := w.store.last()
	w.must(subscription.ChangeAccount{Account: "buyer"})
	moved := w.store.last()
	w.must(subscription.Close{})
	closed := w.store.last()
	w.must(subscription.RefundOrder{Order: bought.ID, Amount: money(t, "1.00 USD")})
	refunded := w.store.changes[len(w.store.changes)-2]
	c, err := subscription.Erase{}.Decide(w.load(), w.catalog, w.now)
	w.ok(err)
	erases := recorded{w.stored(), c}
	for _, r := range []recorded{moved, closed, refunded, erases} {
		w.ok(r.change.Check(r.base))
	}
	for _, tt := range []struct {
		name   string
		of     recorded
		doctor func(c *subscription.Change, base *subscription.Application)
	}{
		{"moved without its event", moved, func(c *subscription.Change, _ *subscription.Application) { c.Events[0].Type = subscription.EventTax }},
		{"moved to nobody", moved, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.Account, c.Subscriptions[0].Account = "", ""
		}},
		{"not moved at all", moved, func(c *subscription.Change, base *subscription.Application) {
			c.Next.Account, c.Subscriptions[0].Account = base.Account, base.Account
		}},
		{"moved while an order is open", moved, func(_ *subscription.Change, base *subscription.Application) {
			base.Orders = append(base.Orders, bought)
		}},
		{"a row that stays behind", moved, func(c *subscription.Change, _ *subscription.Application) { c.Subscriptions = nil }},
		{"a refund to the new account", refunded, func(c *subscription.Change, _ *subscription.Application) {
			c.Refunds[0].Account, c.Next.Refunds[0].Account = "buyer", "buyer"
		}},
		{"closed without its event", closed, func(c *subscription.Change, _ *subscription.Application) {
			c.Events = slices.DeleteFunc(c.Events, func(e subscription.Event) bool { return e.Type == subscription.EventClosed })
		}},
		{"not closed at all", closed, func(c *subscription.Change, _ *subscription.Application) { c.Next.ClosedAt = time.Time{} }},
		{"closed while a refund is due", closed, func(c *subscription.Change, base *subscription.Application) {
			base.Refunds, c.Next.Refunds = refunded.change.Next.Refunds, refunded.change.Next.Refunds
		}},
		{"closed and renewing itself", closed, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.Subscriptions[0].AutoRenew, c.Subscriptions[0].AutoRenew = true, true
		}},
		{"closed with minutes reserved", closed, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.Reservations = []subscription.Reservation{{ID: "r"}}
		}},
		{"closed while usage is owed", closed, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.Counters = []subscription.UsageCounter{{Product: "call", Kind: "hd", Weight: 1000, Excess: 1}}
		}},
		{"opened again", refunded, func(c *subscription.Change, _ *subscription.Application) { c.Next.ClosedAt = time.Time{} }},
		{"closed again, later", refunded, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.ClosedAt = c.Next.ClosedAt.Add(1)
		}},
		{"renews itself again", refunded, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.Subscriptions[0].AutoRenew = true
			c.Subscriptions = []subscription.SubscriptionRow{c.Next.Rows()[0]}
		}},
		{"counts usage", refunded, func(c *subscription.Change, _ *subscription.Application) {
			c.Records = []subscription.UsageRow{{ID: "u"}}
		}},
		{"promises minutes", refunded, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.Free = []subscription.FreeClaim{{ID: "f"}}
		}},
		{"tops up by itself", refunded, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.AutoTopUps = []subscription.AutoTopUp{{Product: "call"}}
		}},
		{"pays as it goes", refunded, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.PayAsYouGo = subscription.PayAsYouGo{Since: c.Next.AsOf, Currency: "USD"}
		}},
		{"buys", bought2, func(c *subscription.Change, base *subscription.Application) {
			base.ClosedAt, c.Next.ClosedAt = c.Next.AsOf, c.Next.AsOf
		}},
		{"erased and not closed", erases, func(c *subscription.Change, base *subscription.Application) {
			base.ClosedAt, c.Next.ClosedAt = time.Time{}, time.Time{}
		}},
		{"erased without its event", erases, func(c *subscription.Change, _ *subscription.Application) { c.Events[0].Type = subscription.EventTax }},
		{"erased with an account", erases, func(c *subscription.Change, _ *subscription.Application) {
			c.Next.Account, c.Subscriptions[0].Account = "buyer", "buyer"
		}},
		{"erased with tax facts", erases, func(c *subscription.Change, base *subscription.Application) { c.Next.Tax = base.Tax }},
		{"erased with the reason of a deal", erases, func(c *subscription.Change, base *subscription.Application) {
			base.Subscriptions[0].Deal = &subscription.Deal{Reason: "called-us"}
			c.Next.Subscriptions[0].Deal = base.Subscriptions[0].Deal
		}},
		{"erased by name", erases, func(c *subscription.Change, _ *subscription.Application) { c.Events[0].By = "ada" }},
		{"erased with a note", erases, func(c *subscription.Change, _ *subscription.Application) { c.Events[0].Note = "called-us" }},
		{"erased while a refund is due", erases, func(_ *subscription.Change, base *subscription.Application) {
			base.Refunds = refunded.change.Next.Refunds
		}},
		{"an order with its account", erases, func(c *subscription.Change, _ *subscription.Application) {
			c.Orders = append(c.Orders, bought)
			c.Refunds = append(c.Refunds, refunded.change.Refunds[0].Erased())
		}},
		{"a refund with its account", erases, func(c *subscription.Change, _ *subscription.Application) {
			c.Orders = append(c.Orders, refunded.change.Orders[0].Erased())
			c.Refunds = append(c.Refunds, refunded.change.Refunds[0])
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, base := tt.of.change.Clone(), tt.of.base.Clone()
			tt.doctor(&c, &base)
			for i := range c.Events {
				c.Events[i].Index = i
			}
			if err := c.Check(base); !errors.Is(err, subscription.ErrInvariant) {
				t.Errorf("Check = %v, want ErrInvariant", err)
			}
		})
	}
}

// A command of one's own can't sell to a closed application either.
// Rule: closed-is-closed.
func TestPlaceOnAClosedApplication(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(subscription.Close{})
	d := subscription.Begin(w.load(), w.now)
	_, err := d.Place(subscription.Order{Kind: "fee"}, pricing.Price{Amount: money(t, "1.00 USD"), Lines: []pricing.Line{{}}}, w.catalog)
	fails(t, err, subscription.ErrClosed)
}
