package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// MaxGift is the maximum number of minutes of a [Gift].
const MaxGift = 1_000_000_000_000

// Gift gives an application minutes that cost nothing. It is for staff: compensation, say. It places an order of its own
// kind, [GiftOrder], which is paid at once, with an amount of zero, and belongs in no sum of what was sold.
//
// The minutes are one lot with the source [FromGift]. It is spent and weighted like a top-up: after free minutes and the
// minutes of packages, at the weight of the kind. Its validity counts from 00:00 of the day, in the catalog's zone, so it
// covers what was used earlier that day.
//
// It fails with [ErrNotFound], [pricing.ErrUnknownProduct], with [ErrInvalid] for no product or one twice, for minutes
// outside 1 to [MaxGift] or a validity of more than [pricing.MaxTermMonths], with [ErrTooLarge], and with [ErrClosed].
type Gift struct {
	Products []pricing.ProductID `json:"products"` // that the minutes can be spent on
	Minutes  int64               `json:"minutes"`
	Validity pricing.Validity    `json:"validity"` // 0 months and ToMonthEnd: until the end of this month
}

// Kind returns "gift".
func (Gift) Kind() string { return "gift" }

// Decide implements [Command].
func (c Gift) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if err := c.valid(cat); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	price, err := free(pricing.GiftLine, "minutes", d.Application.currency(c.Products[0], cat), cat)
	if err != nil {
		return Change{}, err
	}
	o := Order{Kind: GiftOrder, Catalog: cat.Revision(), Deliveries: []Delivery{{Grant: &GrantDelivery{
		Source: FromGift, Products: slices.Clone(c.Products), Minutes: c.Minutes, Validity: c.Validity, Zone: cat.Zone().Name(),
	}}}}
	if len(c.Products) == 1 {
		o.Product = c.Products[0]
	}
	_, err = d.Place(o, price, cat)
	return d.Change(), err
}

// valid returns what is wrong with the command whatever the application.
func (c Gift) valid(cat *pricing.Catalog) error {
	if len(c.Products) == 0 || c.Minutes < 1 || c.Minutes > MaxGift {
		return fmt.Errorf("%w: a gift of %d minutes for %d products", ErrInvalid, c.Minutes, len(c.Products))
	}
	if m := c.Validity.Months; m < 0 || m > pricing.MaxTermMonths || m == 0 && !c.Validity.ToMonthEnd {
		return fmt.Errorf("%w: a gift that is valid for %d months", ErrInvalid, m)
	}
	for i, p := range c.Products {
		if _, err := cat.Product(p); err != nil {
			return err
		}
		if slices.Contains(c.Products[:i], p) {
			return fmt.Errorf("%w: %s twice", ErrInvalid, p)
		}
	}
	return nil
}

// free returns a price of zero, as one line.
func free(kind pricing.LineKind, item string, currency pricing.Currency, cat *pricing.Catalog) (pricing.Price, error) {
	return pricing.Total(currency, cat.Rounding(), []pricing.Line{{Kind: kind, Item: item, Times: pricing.Ratio{Num: 1, Den: 1}}})
}

// currency returns the currency of an order of zero that nobody chose one for: that of the subscription to a product, of
// any other subscription, or of pay-as-you-go, or else the one that most of the catalog's list prices are in.
func (a *Application) currency(product pricing.ProductID, cat *pricing.Catalog) pricing.Currency {
	if s := a.latest(product); s != nil {
		return s.Currency
	}
	if len(a.Subscriptions) > 0 {
		return a.Subscriptions[0].Currency
	}
	if a.PayAsYouGo.Currency != "" {
		return a.PayAsYouGo.Currency
	}
	return usual(cat)
}

// usual returns the currency that most of a catalog's list prices are in, of several the first by name; USD if there are
// none.
func usual(cat *pricing.Catalog) pricing.Currency {
	best, most := pricing.Currency("USD"), 0
	for _, currency := range cat.Currencies() {
		n := 0
		for _, p := range cat.Products() {
			for _, v := range cat.Versions(p.ID) {
				for _, term := range cat.Terms(p.ID, v.ID) {
					if _, err := cat.List(p.ID, v.ID, term, currency); err == nil {
						n++
					}
				}
			}
		}
		if n > most {
			best, most = currency, n
		}
	}
	return best
}

// given reports whether orders of the kind cost nothing because nothing was sold.
func (k OrderKind) given() bool { return k == GiftOrder || k == ImportOrder }

// wrongKind returns why an order's kind doesn't match what it delivers, or "" if it does: only a gift or an import delivers
// what those do, and for nothing. So whoever sums up what was sold can rely on the kind alone.
func (o *Order) wrongKind() string {
	gift, imported := false, false
	for _, v := range o.Deliveries {
		gift = gift || v.Grant != nil && v.Grant.Source == FromGift
		imported = imported || v.Extend != nil && v.Extend.Imported != nil
	}
	switch {
	case gift != (o.Kind == GiftOrder):
		return "an order is a gift if, and only if, it grants minutes of that source"
	case imported != (o.Kind == ImportOrder):
		return "an order is an import if, and only if, it delivers what is imported"
	case (gift || imported) && (len(o.Deliveries) != 1 || o.Amount.Sign() != 0):
		return "a gift or an import costs nothing, and delivers nothing else"
	}
	return ""
}
