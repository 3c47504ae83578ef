package subscription

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Import takes over a subscription from another system, where it was paid for. It is for staff and migrations. It places an
// order of its own kind, [ImportOrder], with an amount of zero, which belongs in no sum of what was sold.
//
// The subscription is as if it had been here all along: Anchor is the day from which its periods are counted, and PaidUntil
// the day after the last one that is paid. Periods that are paid ahead begin, and grant the version's minutes, when their
// time comes. If no period of the anchor ends there, because the other system counts in another way, the end becomes the
// anchor, and the current period began one term before it. What is left of the current period's minutes becomes one lot.
// Paid is the price of one period, without tax, as it was paid: later upgrades start from it, and a renewal whose price
// differs is announced first. The minutes of a whole period, and all else, are the catalog's.
//
// The same import twice does nothing the second time, also under another key, and so does any repetition, whatever has
// become of the subscription. So a migration that was interrupted is simply started again.
//
// It fails with:
//
//   - [ErrNotFound]: no such application; it must be created first;
//   - [pricing.ErrUnknownProduct], [pricing.ErrUnknownVersion], [pricing.ErrNoPrice]: not in the catalog. A version that is
//     withdrawn can be imported;
//   - [ErrAlreadySubscribed]: a subscription to the product is active or past due, and wasn't imported with the same
//     content. A trial is closed, as by a [Purchase];
//   - [ErrOrderOpen]: a purchase of the product is still waiting for payment;
//   - [ErrPeriodEnded]: nothing is paid for any more;
//   - [ErrInvalid]: a trial; an anchor that is ahead; an end that is neither a day of the anchor's nor within one term;
//     more than [MaxCount] periods; minutes outside 0 to [MaxGift]; an amount that is negative or of another currency; a
//     source that isn't plain UTF-8 of at most [MaxText] bytes;
//   - [ErrTooLarge] and [ErrClosed].
type Import struct {
	Product   pricing.ProductID `json:"product"`
	Version   pricing.VersionID `json:"version"`
	Term      pricing.Term      `json:"term"`
	Currency  pricing.Currency  `json:"currency"`
	Anchor    pricing.Date      `json:"anchor"`
	PaidUntil pricing.Date      `json:"paid_until"`
	Minutes   Quantity          `json:"minutes"`       // left in the current period
	Paid      pricing.Money     `json:"paid,omitzero"` // the zero Money: the list price
	// NoAutoRenew turns off auto-renewal, which is otherwise on.
	NoAutoRenew bool   `json:"no_auto_renew,omitzero"`
	Source      string `json:"source,omitzero"` // the system that it comes from
}

// Kind returns "import".
func (Import) Kind() string { return "import" }

// Needs requests the order of an earlier import of the same content.
func (c Import) Needs() Needs { return Needs{Orders: []OrderID{c.order()}} }

// Decide implements [Command].
func (c Import) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if find(s.Orders, c.order()) != nil {
		return Change{}, nil // imported before
	}
	version, err := cat.Version(c.Product, c.Version)
	if err != nil {
		return Change{}, err
	}
	list, err := cat.List(c.Product, c.Version, c.Term, c.Currency)
	if err != nil {
		return Change{}, err
	}
	if !c.Paid.IsZero() {
		list.Price = c.Paid
	}
	switch {
	case version.IsTrial():
		return Change{}, fmt.Errorf("%w: %s is a trial", ErrInvalid, item(c.Product, c.Version))
	case list.Price.Currency() != c.Currency || list.Price.Sign() < 0:
		return Change{}, fmt.Errorf("%w: %s was paid, in %s", ErrInvalid, list.Price, c.Currency)
	}
	app := &s.Application
	if live := app.live(c.Product); live != nil && !replaces(false, live) {
		return Change{}, fmt.Errorf("%w: %s holds %s", ErrAlreadySubscribed, named(app.ID), live.ID)
	}
	trials, paid := app.opened(c.Product)
	id := SubscriptionID(string(c.Product) + "-" + strconv.Itoa(trials+paid+1))
	if o := app.blocking(id); o != nil {
		return Change{}, fmt.Errorf("%w: %s for %s", ErrOrderOpen, o.ID, id)
	}
	return c.place(Begin(s, now), id, list, cat)
}

// place places the order.
func (c Import) place(d *Draft, id SubscriptionID, list pricing.Package, cat *pricing.Catalog) (Change, error) {
	price, err := free(pricing.ImportLine, item(c.Product, c.Version), c.Currency, cat)
	if err != nil {
		return Change{}, err
	}
	i := &Imported{Anchor: c.Anchor, PaidUntil: c.PaidUntil, Minutes: c.Minutes, Source: c.Source}
	b, err := i.periods(c.Term, cat.Zone().DateOf(d.Now))
	if err != nil {
		return Change{}, err
	}
	_, err = d.Place(Order{
		ID: c.order(), Kind: ImportOrder, Subscription: id, Product: c.Product, Version: c.Version, Catalog: cat.Revision(),
		Deliveries: []Delivery{{Extend: &ExtendDelivery{
			Subscription: id, Product: c.Product, Version: c.Version, Term: c.Term, Zone: cat.Zone().Name(), Open: true,
			AutoRenew: !c.NoAutoRenew, Count: len(b.days), Price: list.Price, Minutes: list.Minutes, Imported: i,
		}}},
	}, price, cat)
	return d.Change(), err
}

// importPrefix begins the IDs of the orders of imports.
const importPrefix = "i-"

// order returns the ID of the import's order. It follows from the whole content, so the same content is imported once.
func (c Import) order() OrderID {
	h := newDigester()
	h.text(string(c.Product))
	h.text(string(c.Version))
	h.number(int64(c.Term.Months))
	h.number(int64(c.Term.Days))
	h.text(string(c.Currency))
	h.number(int64(c.Anchor))
	h.number(int64(c.PaidUntil))
	h.number(int64(c.Minutes))
	h.money(c.Paid)
	h.flag(c.NoAutoRenew)
	h.text(c.Source)
	sum := h.sum()
	return OrderID(hex.AppendEncode([]byte(importPrefix), sum[:16]))
}

// imports reports whether an ID is that of an import's order.
func (id OrderID) imports() bool {
	return strings.HasPrefix(string(id), importPrefix) && len(id) == len(importPrefix)+32
}
