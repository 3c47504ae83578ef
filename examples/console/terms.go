package main

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// next is the first period of a package that isn't paid for: what it is of, and what it costs.
type next struct {
	subscription.NextTerms

	Name    string        // of the version
	Total   pricing.Money // with taxes
	Taxed   bool
	From    time.Time // zero: the day of payment
	Changed bool      // it is another version or term than the last one
}

// next returns the first period of a subscription that isn't paid for, or nil if it has no price.
func (c *console) next(app subscription.Application, s subscription.Subscription) *next {
	terms, err := s.NextTerms(c.catalog)
	if err != nil {
		return nil
	}
	_, total, taxes, err := subscription.Begin(subscription.Snapshot{Application: app}, c.clock.now()).Taxed(terms.Price, c.catalog)
	if err != nil {
		return nil
	}
	n := next{NextTerms: terms, Name: c.versionName(s.Product, terms.Version), Total: total, Taxed: len(taxes) > 0}
	if s.InService() {
		n.From = s.End()
	}
	n.Changed = !isLast(s, terms.Version, terms.Term)
	return &n
}

// isLast reports whether the last period that is paid for is of a version and term.
func isLast(s subscription.Subscription, version pricing.VersionID, term pricing.Term) bool {
	v, t := s.Last()
	return v == version && t == term
}

// dealSpan says for how many periods a deal holds.
func dealSpan(d *subscription.Deal) string {
	switch {
	case d.Left < 0:
		return "for every further period"
	case d.Left == 1:
		return "for the next period"
	}
	return "for each of the next " + plural(d.Left, "period")
}

// dealText says what price is agreed for further periods, or "" if none is: 20.00 EUR for each of the next 3 periods of
// Meet Team for 1 month.
func (c *console) dealText(s subscription.Subscription) string {
	if s.Deal == nil {
		return ""
	}
	pack := c.productName(s.Product) + " " + c.versionName(s.Product, s.Deal.Version)
	return fmt.Sprintf("%s %s of %s for %s", money(s.Deal.Price), dealSpan(s.Deal), pack, s.Deal.Term)
}

// priceText says what the price of the next period is.
func (n *next) priceText(s subscription.Subscription) string {
	switch {
	case n.Dealt != 0 && s.Deal.Left < 0:
		return fmt.Sprintf("The price is the agreed one, %s, %s.", money(s.Deal.Price), dealSpan(s.Deal))
	case n.Dealt != 0:
		return fmt.Sprintf("The price is the agreed one, %s, %s; further ones are at list price.", money(s.Deal.Price), dealSpan(s.Deal))
	case n.Changed:
		return "The price is the list price."
	}
	return "The price is the list price of the version in force."
}

// offerText says what an offer for several periods comes to: 24.00 USD for each of the first 3 periods, then 48.00 USD.
func offerText(price pricing.Money, periods int, list pricing.Money) string {
	return fmt.Sprintf("%s for each of the first %s, then the list price, %s today", money(price), plural(periods, "period"), money(list))
}

// dealOffer says what the offer of a purchase comes to that is for several periods, or "" for any other order.
func (c *console) dealOffer(e *subscription.ExtendDelivery) string {
	if e.Deal == nil || e.Deal.Left < 0 {
		return ""
	}
	list, err := c.catalog.List(e.Product, e.Version, e.Term, e.Price.Currency())
	if err != nil {
		return ""
	}
	return offerText(e.Price, e.Deal.Left+1, list.Price)
}

// chargeName is what a charge to come is for: a package and its version, or usage.
func (c *console) chargeName(u renewal.Upcoming) string {
	if u.Subscription != "" && len(u.Lines) > 0 {
		return c.itemName(u.Lines[0].Item)
	}
	if u.Product != "" {
		return c.productName(u.Product)
	}
	return "pay-as-you-go usage"
}

// dealt reports whether a charge is at an agreed price.
func dealt(lines []pricing.Line) bool { return len(lines) > 0 && lines[0].Kind == pricing.DealLine }

// given is what an order would give if it was paid now.
type given struct {
	Span   pricing.Period // from the beginning of the first period to the end of the last one; zero if it gives none
	Usable pricing.Period // of top-up minutes; zero if it gives none
}

// givenBy returns what an order would give that a change places, if it was paid now. Nothing is stored.
func (c *console) givenBy(change subscription.Change, o subscription.Order) given {
	events, now := change.Events, c.clock.now()
	if o.Status == subscription.OrderOpen {
		paid := payment.Result{Key: string(o.Attempt), Status: payment.Succeeded, Amount: o.Amount, At: now}
		settled, err := subscription.Settle(subscription.Snapshot{Application: change.Next}, o.ID, paid, c.catalog.ZoneOf, now)
		if err != nil {
			return given{}
		}
		events = settled.Events
	}
	var g given
	for _, e := range events {
		switch {
		case e.Type == subscription.EventPeriodPaid && g.Span.IsZero():
			g.Span = e.Period
		case e.Type == subscription.EventPeriodPaid:
			g.Span.End = e.Period.End
		case e.Type == subscription.EventLotGranted && o.Kind == subscription.TopUpOrder:
			g.Usable = e.Period
		}
	}
	return g
}
