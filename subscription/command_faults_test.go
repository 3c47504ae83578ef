package subscription_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// ownCommand is a command of the caller's own whose parts each test supplies.
type ownCommand struct {
	kind   string
	decide func(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error)
}

func (c ownCommand) Kind() string { return c.kind }

func (c ownCommand) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	return c.decide(s, cat, now)
}

// edit returns a command that edits a draft.
func edit(do func(d *subscription.Draft)) ownCommand {
	return ownCommand{"custom", func(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
		d := subscription.Begin(s, now)
		do(d)
		return d.Change(), nil
	}}
}

// fee is a command that sells something, and doesn't look whether the application exists.
func fee(tb testing.TB) ownCommand {
	tb.Helper()
	amount := money(tb, "5.00 USD")
	return ownCommand{"fee", func(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
		price, err := pricing.PricePurchase("fee", amount, 1, cat.Rounding())
		if err != nil {
			return subscription.Change{}, err
		}
		d := subscription.Begin(s, now)
		_, err = d.Place(subscription.Order{Kind: "fee"}, price, cat)
		return d.Change(), err
	}}
}

// An application comes into being only through a change that says so, with an account that can pay: no other command
// creates one, whatever it does on an application that doesn't exist.
// Rule: first-change-creates.
func TestFirstChangeCreates(t *testing.T) {
	w := newWorld(t, setup{})
	created := subscription.Event{Type: subscription.EventCreated}
	for _, tt := range []struct {
		name string
		cmd  subscription.Command
		want error
	}{
		{"an event", edit(func(d *subscription.Draft) { d.AddEvent(subscription.Event{Type: "noted"}) }), subscription.ErrInvariant},
		{"an order", fee(t), subscription.ErrNotFound},
		{"an account without the event", edit(func(d *subscription.Draft) {
			d.Application.Account, d.Application.CreatedAt = acme, d.Now
			d.AddEvent(subscription.Event{Type: "noted"})
		}), subscription.ErrInvariant},
		{"the event without an account", edit(func(d *subscription.Draft) {
			d.Application.CreatedAt = d.Now
			d.AddEvent(created)
		}), subscription.ErrInvariant},
		{"the event with an account that isn't valid", edit(func(d *subscription.Draft) {
			d.Application.Account, d.Application.CreatedAt = "a\nb", d.Now
			d.AddEvent(created)
		}), subscription.ErrInvariant},
		{"the event without an instant of creation", edit(func(d *subscription.Draft) {
			d.Application.Account = acme
			d.AddEvent(created)
		}), subscription.ErrInvariant},
		{"an instant of creation that is ahead", edit(func(d *subscription.Draft) {
			d.Application.Account, d.Application.CreatedAt = acme, d.Now.Add(time.Hour)
			d.AddEvent(created)
		}), subscription.ErrInvariant},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.Do(t.Context(), "new", tt.cmd, "key")
			fails(t, err, tt.want)
			_, err = w.Application(t.Context(), "new")
			fails(t, err, subscription.ErrNotFound)
		})
	}
	nothing := subscription.Application{ID: "new"}
	fails(t, subscription.Reschedule(nothing, w.now).Check(nothing), subscription.ErrInvariant)

	_, err := w.Do(t.Context(), "new", edit(func(d *subscription.Draft) {
		d.Application.Account, d.Application.CreatedAt = acme, d.Now
		d.AddEvent(created)
	}), "key")
	w.ok(err)
}

// What exists isn't created again, and stays as old as it is.
// Rule: first-change-creates.
func TestNothingIsCreatedAgain(t *testing.T) {
	w := newWorld(t, setup{})
	w.refuse(subscription.ErrInvariant, edit(func(d *subscription.Draft) {
		d.AddEvent(subscription.Event{Type: subscription.EventCreated})
	}))
	w.refuse(subscription.ErrInvariant, edit(func(d *subscription.Draft) {
		d.Application.CreatedAt = d.Now.Add(-time.Hour)
		d.AddEvent(subscription.Event{Type: "backdated"})
	}))
}

// A command that reads a clock of its own can't move an application's time ahead: everything after it would fail with
// ErrClock. Neither a quote nor a request accepts its change.
// Rule: decided-for-its-instant.
func TestChangeIsNotAheadOfItsDecision(t *testing.T) {
	w := newWorld(t, setup{})
	for _, ahead := range []time.Duration{time.Microsecond, time.Hour, 10 * 365 * 24 * time.Hour} {
		own := fee(t)
		decide := own.decide
		own.decide = func(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
			return decide(s, cat, now.Add(ahead))
		}
		w.refuse(subscription.ErrInvariant, own)
		_, err := w.Quote(t.Context(), app, own)
		fails(t, err, subscription.ErrInvariant)
		w.refuse(subscription.ErrInvariant, edit(func(d *subscription.Draft) {
			d.Now = d.Now.Add(ahead)
			d.AddEvent(subscription.Event{Type: "noted"})
		}))
	}
	w.now = w.now.Add(-time.Minute) // a clock that is a little behind: the instant is that of the last change
	w.must(edit(func(d *subscription.Draft) { d.AddEvent(subscription.Event{Type: "noted"}) }))
}

// A worker's own check is the same: the change must not be later than the instant it was decided for.
// Rule: decided-for-its-instant.
func TestCheckAt(t *testing.T) {
	w := newWorld(t, setup{})
	base := w.stored()
	later := w.now.Add(time.Hour)
	change, err := buy("call", "one-to-one").Decide(w.load(), w.catalog, later)
	w.ok(err)
	w.ok(change.CheckAt(base, later))
	fails(t, change.CheckAt(base, later.Add(-time.Microsecond)), subscription.ErrInvariant)
	change.Next.Account = "other"
	fails(t, change.CheckAt(base, later), subscription.ErrInvariant)
}

// What has no name can't be told from anything else: an event without a type and a command without a kind are refused,
// as is a kind that no receipt could hold.
// Rule: every-change-is-told.
func TestEventsAndCommandsHaveNames(t *testing.T) {
	w := newWorld(t, setup{})
	w.refuse(subscription.ErrInvariant, edit(func(d *subscription.Draft) { d.AddEvent(subscription.Event{Note: "of no type"}) }))
	for _, kind := range []string{"", strings.Repeat("k", 65), "a\nb", "\xff"} {
		cmd := fee(t)
		cmd.kind = kind
		w.refuse(subscription.ErrInvalid, cmd)
		_, err := w.Quote(t.Context(), app, cmd)
		fails(t, err, subscription.ErrInvalid)
		_, err = w.Confirm(t.Context(), app, cmd, subscription.Quote{}, "key")
		fails(t, err, subscription.ErrInvalid)
	}
}

// A refusal says which fault it found, and what to write instead.
func TestRefusalsNameTheFault(t *testing.T) {
	w := newWorld(t, setup{})
	price, err := pricing.PricePurchase("fee", money(t, "5.00 USD"), 1, pricing.HalfUp)
	w.ok(err)
	grant := subscription.GrantDelivery{
		Source: subscription.FromTopUp, Products: []pricing.ProductID{"call"}, Minutes: 1,
		Validity: pricing.Validity{Months: 1}, Zone: "UTC",
	}
	type given struct {
		subscription.Snapshot
		subscription.Order
		subscription.GrantDelivery
		catalog *pricing.Catalog
	}
	place := func(spoil func(g *given)) error {
		g := given{w.load(), subscription.Order{Kind: "fee"}, grant, w.catalog}
		spoil(&g)
		g.Order.Deliveries = []subscription.Delivery{{Grant: &g.GrantDelivery}}
		_, err := subscription.Begin(g.Snapshot, w.now).Place(g.Order, price, g.catalog)
		return err
	}
	do := func(cmd subscription.Command) error { _, err := w.do(cmd); return err }
	sell := func(price pricing.Price) error {
		return do(ownCommand{"fee", func(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
			d := subscription.Begin(s, now)
			_, err := d.Place(subscription.Order{Kind: "fee"}, price, cat)
			return d.Change(), err
		}})
	}
	for _, tt := range []struct {
		name, want string
		err        error
	}{
		{"no catalog", "catalog", place(func(g *given) { g.catalog = nil })},
		{"no kind", "kind", place(func(g *given) { g.Kind = "" })},
		{"a slash", `"a/b"`, place(func(g *given) { g.Store = "a/b" })},
		{"source", `"free"`, place(func(g *given) { g.Source = subscription.FromFree })},
		{"validity", "validity", place(func(g *given) { g.Validity = pricing.Validity{} })},
		{"products", "products", place(func(g *given) { g.Products = nil })},
		{"minutes", "minutes", place(func(g *given) { g.Minutes = 0 })},
		{"lines that don't sum", "pricing.Total", sell(pricing.Price{Amount: price.Amount, Lines: slices.Repeat(price.Lines, 2)})},
		{"no lines", "pricing.Total", sell(pricing.Price{Amount: money(t, "0.00 USD")})},
		{"a lot by hand", "only orders grant minutes", do(edit(func(d *subscription.Draft) {
			d.Application.LastLot++
			d.Application.Lots = append(d.Application.Lots, subscription.Lot{
				ID: d.Application.LastLot, Source: subscription.FromTopUp, Granted: 1000, Remaining: 1000,
			})
			d.AddEvent(subscription.Event{Type: "gift"})
		}))},
		{"not created", "Exists", func() error {
			_, err := w.Do(t.Context(), "new", edit(func(d *subscription.Draft) { d.AddEvent(subscription.Event{Type: "noted"}) }), "key")
			return err
		}()},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: %v doesn't say %s", tt.name, tt.err, tt.want)
		}
	}
}

// A returned package stays paid: what happened stays, and its refund says why the money went back.
// Rule: refund-is-a-row.
func TestReturnedPackageStaysPaid(t *testing.T) {
	w := newMeter(t)
	bought := w.must(buy("call", "small"))
	w.must(subscription.ReturnPackage{Order: bought.Order.ID})
	o, err := w.Collect(t.Context(), app, bought.Order.ID)
	w.ok(err)
	check(t, "status", o.Status, subscription.OrderPaid)
	check(t, "left", o.Left().String(), "0.00 USD")
	refunds, err := w.Refunds(t.Context(), app, o.ID)
	w.ok(err)
	check(t, "note", refunds[0].Note, "package returned")
	check(t, "status", refunds[0].Status, subscription.RefundMade)
}
