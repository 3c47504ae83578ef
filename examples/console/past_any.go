package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// history is what a new database begins with: customers with a past.
type history struct {
	begins, ends time.Time
	happenings   []happening
}

// history returns the past of the sample catalog's customers or, for another catalog, of some who buy its first product.
func (c *console) history() history {
	if strings.HasPrefix(c.catalog.Revision(), "sample-") {
		return history{pastBegins(), pastEnds(), past()}
	}
	h := history{begins: c.hour(time.July, 1, 9), ends: c.hour(time.September, 16, 10)}
	product, plans, term := firstPlans(c.catalog)
	if len(plans) == 0 {
		return h
	}
	low, middle := plans[0], plans[len(plans)/2]
	elm := customer{ID: "elm", Name: "Elm Studio", About: "All is well: it renews by itself, and pays by card.", Allowed: true}
	fir := customer{ID: "fir", Name: "Fir Legal", About: "Past due: the money doesn't suffice for the renewal.", Allowed: true}
	gorse := customer{ID: "gorse", Name: "Gorse Travel", About: "Has left: its package ends by itself, and nothing is owed.", Allowed: true}
	best := subscription.Purchase{Product: product, Version: middle, Term: term, Offer: anyOffer(c.catalog, product, middle, term)}
	basic := subscription.Purchase{Product: product, Version: low, Term: term}
	once := basic
	once.NoAutoRenew = true
	h.happenings = slices.Concat(
		c.buyer(buyer{elm, payCard}, 5, best), c.buyer(buyer{fir, payBalance}, 16, basic), c.buyer(buyer{gorse, payCard}, 16, once),
	)
	return h
}

// hour returns a full hour of 2026 in the catalog's zone.
func (c *console) hour(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, c.zone())
}

// firstPlans returns the paid versions of the first product that has any, by rank, and the first term of the lowest.
func firstPlans(cat *pricing.Catalog) (pricing.ProductID, []pricing.VersionID, pricing.Term) {
	for _, p := range cat.Products() {
		var plans []pricing.VersionID
		var term pricing.Term
		for _, v := range cat.Versions(p.ID) {
			terms := cat.Terms(p.ID, v.ID)
			if v.IsTrial() || v.Withdrawn || len(terms) == 0 {
				continue
			}
			if len(plans) == 0 {
				term = terms[0]
			}
			if _, err := cat.List(p.ID, v.ID, term, currencies(cat)[0]); err == nil {
				plans = append(plans, v.ID)
			}
		}
		if len(plans) > 0 {
			return p.ID, plans, term
		}
	}
	return "", nil, pricing.Term{}
}

// anyOffer returns an offer for a version and term that has no limit in time, or "".
func anyOffer(cat *pricing.Catalog, product pricing.ProductID, version pricing.VersionID, term pricing.Term) pricing.OfferID {
	for _, o := range cat.Offers(product, version) {
		if o.Term == term && o.From == 0 && o.Until == 0 {
			return o.ID
		}
	}
	return ""
}

// buyer is a customer with a payment method.
type buyer struct {
	customer

	how method
}

// buyer returns the past of a customer who bought a package on a day in August: the currency and the region are the next
// ones of the catalog, and a balance has enough for one period and a half.
func (c *console) buyer(b buyer, day int, buy subscription.Purchase) []happening {
	app := subscription.ApplicationID(b.ID + "-app")
	if n := len(c.currencies); b.how == payBalance {
		b.Currency = c.currencies[n-1]
	} else {
		b.Currency = c.currencies[0]
	}
	buy.Currency = b.Currency
	at := func(hour int) time.Time { return c.hour(time.August, day, hour) }
	all := []happening{
		{at(9), arrives(b.customer, b.how)},
		{at(10), requests(app, subscription.Create{Account: b.account()})},
		{at(11), func(ctx context.Context, c *console) error {
			regions := c.catalog.TaxRegions()
			if len(regions) == 0 {
				return nil
			}
			return c.setTax(ctx, b.customer, taxFacts{Region: regions[0]})
		}},
	}
	list, err := c.catalog.List(buy.Product, buy.Version, buy.Term, b.Currency)
	if err == nil && b.how == payBalance {
		all = append(all, happening{at(12), func(ctx context.Context, c *console) error {
			amount, err := pricing.FromMinor(list.Price.Minor()*3/2, b.Currency)
			if err != nil {
				return err
			}
			return c.accounts.Deposit(ctx, b.ID, "first", amount)
		}}, happening{c.hour(time.September, 1, 9), spends(b.ID)})
	}
	all = append(all, happening{at(13), requests(app, buy)})
	kinds := c.catalog.UsageKinds()
	if len(kinds) == 0 || list.Minutes == 0 || !kinds[0].Covered {
		return all
	}
	for evening := at(20); evening.Before(c.hour(time.September, 16, 0)); evening = evening.AddDate(0, 0, 1) {
		record := subscription.Usage{
			ID: fmt.Sprintf("day-%s", evening.Format(time.DateOnly)), Product: buy.Product, Kind: kinds[0].ID, At: evening,
			Seconds: list.Minutes * 60 / 50, // of which a month has some thirty
		}
		all = append(all, happening{evening, func(ctx context.Context, c *console) error {
			_, err := c.service.Consume(ctx, app, record)
			return err
		}})
	}
	return all
}
