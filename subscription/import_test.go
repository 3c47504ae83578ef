package subscription_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

func date(tb testing.TB, s string) pricing.Date {
	tb.Helper()
	d, err := pricing.ParseDate(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// imported is a month of one-to-one calls from elsewhere, with 40,000 minutes left, for which 150.00 was paid.
func imported(tb testing.TB, anchor, until string) subscription.Import {
	tb.Helper()
	return subscription.Import{
		Product: "call", Version: "one-to-one", Term: pricing.Months(1), Currency: "USD", Anchor: date(tb, anchor),
		PaidUntil: date(tb, until), Minutes: subscription.Minutes(40_000), Paid: money(tb, "150.00 USD"), Source: "old",
	}
}

// days formats the days of all cycles, and of the period after them.
func (w *world) days() string {
	w.t.Helper()
	s := w.latest("call")
	var out []string
	for _, c := range s.Cycles {
		out = append(out, c.Days.String())
	}
	next, err := s.Anchor.Days(s.Next)
	w.ok(err)
	return strings.Join(out, " ") + ", then " + next.String()
}

// The days of an import are the anchor's, also where a month is too short for the day. Where they aren't, the end is the
// new anchor, and the current period began one term before it.
// Rule: import-keeps-the-days.
func TestImportKeepsTheDays(t *testing.T) {
	for _, tt := range []struct {
		name, now, anchor, until string
		term                     pricing.Term
		want                     string
	}{
		{"the 31st", "2025-07-10", "2025-01-31", "2025-07-31", pricing.Months(1), "[2025-06-30, 2025-07-31), then [2025-07-31, 2025-08-31)"},
		{"the 31st in February", "2025-02-10", "2024-10-31", "2025-02-28", pricing.Months(1), "[2025-01-31, 2025-02-28), then [2025-02-28, 2025-03-31)"},
		{"its first day", "2025-07-10", "2025-07-10", "2025-08-10", pricing.Months(1), "[2025-07-10, 2025-08-10), then [2025-08-10, 2025-09-10)"},
		{"its last day", "2025-07-10", "2025-01-11", "2025-07-11", pricing.Months(1), "[2025-06-11, 2025-07-11), then [2025-07-11, 2025-08-11)"},
		{
			"paid ahead", "2025-07-10", "2025-06-16", "2025-09-16", pricing.Months(1),
			"[2025-06-16, 2025-07-16) [2025-07-16, 2025-08-16) [2025-08-16, 2025-09-16), then [2025-09-16, 2025-10-16)",
		},
		{"a year", "2025-07-10", "2024-02-29", "2026-02-28", pricing.Months(12), "[2025-02-28, 2026-02-28), then [2026-02-28, 2027-02-28)"},
		{"another day", "2025-07-10", "2025-01-10", "2025-07-25", pricing.Months(1), "[2025-06-25, 2025-07-25), then [2025-07-25, 2025-08-25)"},
		{"another day, after a short month", "2025-03-10", "2025-01-05", "2025-03-31", pricing.Months(1), "[2025-02-28, 2025-03-31), then [2025-03-31, 2025-04-30)"},
		{"another day, from the anchor's", "2025-07-10", "2025-07-10", "2025-08-09", pricing.Months(1), "[2025-07-09, 2025-08-09), then [2025-08-09, 2025-09-09)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{start: tt.now + "T02:30:00Z"})
			c := imported(t, tt.anchor, tt.until)
			c.Term = tt.term
			w.must(c)
			check(t, "days", w.days(), tt.want)
			s := w.latest("call")
			check(t, "paid until", s.End(), instant(t, tt.until+"T00:00:00Z"))
			check(t, "status", s.Status, subscription.Active)
			check(t, "auto-renewal", s.AutoRenew, true)
		})
	}
}

// An import is an order of zero of its own kind. What was left is one lot, what was paid is recorded, and from then on the
// subscription is like any other: an upgrade after 16 of 31 days costs (597 − 150) × 15/31, its renewal the list price.
// Rule: import-is-an-order-of-zero.
func TestImport(t *testing.T) {
	w := newWorld(t, setup{})
	o := w.must(imported(t, "2025-01-31", "2025-07-31")).Order
	check(t, "kind", o.Kind, subscription.ImportOrder)
	check(t, "amount", o.Amount.String()+" "+string(o.Status), "0.00 USD paid")
	check(t, "line", string(o.Lines[0].Kind)+" "+o.Lines[0].Item, "import call/one-to-one")
	check(t, "delivered", o.Delivered.Increment.String()+" "+span(o.Delivered.Period), "40000 2025-06-30T00:00:00Z/2025-07-31T00:00:00Z")
	a := w.stored()
	check(t, "lots", len(a.Lots), 1)
	check(t, "left", a.Lots[0].Remaining.String()+" "+string(a.Lots[0].Source), "40000 package")
	check(t, "price", a.Subscriptions[0].Cycles[0].Price.String(), "150.00 USD")
	check(t, "minutes of a period", a.Subscriptions[0].Cycles[0].Minutes, 100_000)
	w.at("2025-07-16T09:00:00Z")
	up := w.must(upgrade("group-call")).Order
	check(t, "upgrade", up.Amount.String()+" "+up.Delivered.Increment.String(), "216.29 USD 96774")
	renewed := w.must(renewal.Renew{Product: "call"}).Order
	check(t, "renewal", renewed.Amount.String(), "597.00 USD")
	check(t, "days", w.days(), "[2025-06-30, 2025-07-31) [2025-07-31, 2025-08-31), then [2025-08-31, 2025-09-30)")
	_, _, net := w.charged()
	check(t, "revenue", net.String(), "813.29 USD")
	w.refuse(subscription.ErrNotRefundable, subscription.RefundOrder{Order: o.ID})
	w.refuse(subscription.ErrNotRefundable, subscription.ReturnPackage{Order: o.ID})
}

// Periods that are paid ahead begin, and grant the version's minutes, in their time. Without a price it is the list price,
// and the total that a renewal is compared with has today's tax.
// Rule: import-is-an-order-of-zero.
func TestImportAhead(t *testing.T) {
	w := newWorld(t, setup{catalog: taxed(t, false)})
	w.tax(subscription.SetTax{Region: "DE"})
	c := imported(t, "2025-06-16", "2025-09-16")
	c.Paid, c.Minutes, c.NoAutoRenew = pricing.Money{}, 0, true
	o := w.must(c).Order
	check(t, "taxes of nothing", o.Amount.String(), "0.00 USD")
	a := w.stored()
	check(t, "lots", len(a.Lots), 0)
	check(t, "price", a.Subscriptions[0].Cycles[2].Price.String()+" "+a.Subscriptions[0].Cycles[2].Total.String(), "199.00 USD 236.81 USD")
	check(t, "auto-renewal", a.Subscriptions[0].AutoRenew, false)
	w.at("2025-08-01T00:00:00Z")
	check(t, "minutes", w.application().Minutes("call", w.now).String(), "100000")
	check(t, "period", w.latest("call").Cycles[1].Begun, true)
}

// The same import does nothing, under whatever key, also after the subscription has gone on or is over. Another one for a
// product that is held is refused; for one that isn't held any more, it isn't.
// Rule: import-counts-once.
func TestImportCountsOnce(t *testing.T) {
	w := newWorld(t, setup{})
	c := imported(t, "2025-01-31", "2025-07-31")
	first := w.must(c)
	again, err := w.Do(t.Context(), app, c, first.Receipt.Key)
	w.ok(err)
	check(t, "under its key", again.Order.ID, first.Order.ID)
	for _, now := range []string{"", "2025-07-16T09:00:00Z", "2025-11-20T00:00:00Z"} {
		w.at(now)
		commits := len(w.store.changes)
		out := w.must(c)
		check(t, "receipt", out.Receipt.Key, "")
		check(t, "commits", len(w.store.changes), commits)
	}
	w.at("2025-07-10T02:30:00Z")
	for name, edit := range map[string]func(c *subscription.Import){
		"version": func(c *subscription.Import) { c.Version = "group-call" },
		"term":    func(c *subscription.Import) { c.Term = pricing.Months(12) },
		"anchor":  func(c *subscription.Import) { c.Anchor = date(t, "2025-03-31") },
		"until":   func(c *subscription.Import) { c.PaidUntil = date(t, "2025-08-31") },
		"minutes": func(c *subscription.Import) { c.Minutes++ },
		"paid":    func(c *subscription.Import) { c.Paid = money(t, "150.01 USD") },
		"renewal": func(c *subscription.Import) { c.NoAutoRenew = true },
		"source":  func(c *subscription.Import) { c.Source = "older" },
	} {
		t.Run(name, func(*testing.T) {
			other := c
			edit(&other)
			w.refuse(subscription.ErrAlreadySubscribed, other)
		})
	}
	w.at("2025-11-20T00:00:00Z") // interrupted, so it isn't held
	later := w.must(imported(t, "2025-11-01", "2025-12-01")).Order
	check(t, "number", later.Subscription, "call-2")
	w.refuse(subscription.ErrAlreadySubscribed, buy("call", "group-call"))
}

// Rule: import-is-an-order-of-zero, import-keeps-the-days.
func TestImportIsRefused(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	for _, tt := range []struct {
		name string
		want error
		edit func(c *subscription.Import)
	}{
		{"no such product", pricing.ErrUnknownProduct, func(c *subscription.Import) { c.Product = "fax" }},
		{"no such version", pricing.ErrUnknownVersion, func(c *subscription.Import) { c.Version = "solo" }},
		{"no such term", pricing.ErrNoPrice, func(c *subscription.Import) { c.Term = pricing.Days(7) }},
		{"no such price", pricing.ErrNoPrice, func(c *subscription.Import) { c.Currency = "JPY" }},
		{"a trial", subscription.ErrInvalid, func(c *subscription.Import) { c.Version, c.Term = "trial", pricing.Days(7) }},
		{"over", subscription.ErrPeriodEnded, func(c *subscription.Import) { c.PaidUntil = date(t, "2025-07-10") }},
		{"long over", subscription.ErrPeriodEnded, func(c *subscription.Import) { c.PaidUntil = date(t, "2025-06-30") }},
		{"not begun", subscription.ErrInvalid, func(c *subscription.Import) { c.Anchor = date(t, "2025-07-11") }},
		{"more than a term, of other days", subscription.ErrInvalid, func(c *subscription.Import) { c.PaidUntil = date(t, "2025-08-12") }},
		{"too far ahead", subscription.ErrInvalid, func(c *subscription.Import) { c.PaidUntil = date(t, "2035-07-31") }},
		{"negative minutes", subscription.ErrInvalid, func(c *subscription.Import) { c.Minutes = -1 }},
		{"too many minutes", subscription.ErrInvalid, func(c *subscription.Import) { c.Minutes = subscription.Minutes(subscription.MaxGift) + 1 }},
		{"another currency", subscription.ErrInvalid, func(c *subscription.Import) { c.Paid = money(t, "1 JPY") }},
		{"a negative price", subscription.ErrInvalid, func(c *subscription.Import) { c.Paid = money(t, "-1.00 USD") }},
		{"a source that can't be kept", subscription.ErrInvalid, func(c *subscription.Import) { c.Source = "\x00" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := imported(t, "2025-01-31", "2025-07-31")
			tt.edit(&c)
			w.refuse(tt.want, c)
		})
	}
	_, err := w.Do(t.Context(), "nobody", imported(t, "2025-01-31", "2025-07-31"), "key")
	fails(t, err, subscription.ErrNotFound)
	w.place(buy("call", "one-to-one"))
	w.refuse(subscription.ErrOrderOpen, imported(t, "2025-01-31", "2025-07-31"))
}

// 120 periods are imported, and what was withdrawn, too. A trial gives way.
// Rule: import-is-an-order-of-zero.
func TestImportBounds(t *testing.T) {
	w := newWorld(t, setup{})
	w.must(try())
	c := imported(t, "2025-01-31", "2035-06-30")
	c.Version = "legacy"
	o := w.must(c).Order
	check(t, "subscription", o.Subscription, "call-2")
	s := w.latest("call")
	check(t, "periods", len(s.Cycles), 120)
	check(t, "next", s.Next, 125)
	check(t, "opened", fmt.Sprint(w.stored().PurchaseCounts), "[{call trial  true 1} {call legacy  false 1}]")
}

// An application is created and its subscription imported in one change.
// Rule: import-is-an-order-of-zero.
func TestCreateAndImportInOneChange(t *testing.T) {
	w := newWorld(t, setup{})
	out, err := w.Do(t.Context(), "moved", moving{Account: acme, Import: imported(t, "2025-01-31", "2025-07-31")}, "move-1")
	w.ok(err)
	check(t, "order", out.Order.Kind, subscription.ImportOrder)
	last := w.store.last()
	check(t, "base", last.base.Revision, 0)
	check(t, "revision", last.change.Next.Revision, 1)
	a, err := w.Application(t.Context(), "moved")
	w.ok(err)
	check(t, "account", a.Account, acme)
	check(t, "subscriptions", len(a.Subscriptions), 1)
}

// moving creates an application and imports a subscription.
type moving struct {
	subscription.Import

	Account subscription.AccountID `json:"account"`
}

func (moving) Kind() string { return "moving" }

func (c moving) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	created, err := subscription.Create{Account: c.Account}.Decide(s, cat, now)
	if err != nil {
		return created, err
	}
	return c.Import.Decide(s.After(created), cat, now)
}
