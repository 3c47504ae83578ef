package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// card is the information card of an application and one of its packages.
type card struct {
	App       subscription.Application
	Sub       subscription.Subscription
	Cycle     subscription.Cycle // the current one, or the last one
	Badge     badge
	DaysLeft  int // the current day included; 0 if no period is in force
	Ends      time.Time
	Minutes   subscription.Quantity
	Overdraft *overdraft         // what can be used or was used beyond them; nil if nothing
	Lots      []subscription.Lot // that the product's usage takes from, in the order in which it does
	Renews    bool               // auto-renewal can be turned on and off
	Manage    bool               // it can be renewed or upgraded
	Period    *next              // the first period that isn't paid for; nil if it has no price
	Planned   bool               // it is another version or term, which the customer has chosen
	Dropped   bool               // what was chosen can't be had anymore, so that the present one renews
	Deal      string             // the price that is agreed for further periods; "" if none is
	DealEnds  string             // the agreed price that ends with what the customer has chosen; "" if none does
	PriceText string             // what the price of the next period is
	Next      *renewal.Upcoming  // the next charge; nil if there is none, or it depends on the open order
	Open      *waitingOrder      // that waits for its payment
	Why       []reason           // what led to a status that isn't active
	Resumable time.Time          // until when an interrupted one can be resumed
	GraceEnds time.Time          // until when one whose period has ended is in service
	Graces    bool               // there is a grace time
	Service   bool               // the package is in service now
	Unpaid    bool               // it isn't because pay-as-you-go usage isn't paid
	Ending    *ending            // what it means that it isn't renewed; nil if that isn't a question
	Timed     bool               // the product has minutes
	Takes     string             // what usage takes once the period has ended; "" if the product has no minutes
	Method    method             // the account's
	AutoOff   string             // what turned auto-renewal off; "" for the customer
	Reversed  bool               // the payment of its last period was taken back, which ended it
	Short     pricing.Money      // what the balance lacks for the next period; the zero value if nothing
}

// badge is a status in a word, and how it is shown: good, warn, bad or plain.
type badge struct{ Kind, Text string }

// cards returns a card for each package of an application that isn't over.
func (c *console) cards(ctx context.Context, app subscription.Application) ([]card, error) {
	var all []card
	for _, s := range app.Subscriptions {
		k, err := c.card(ctx, app, s)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, nil
}

func (c *console) card(ctx context.Context, app subscription.Application, s subscription.Subscription) (card, error) {
	now := c.clock.now()
	k := card{App: app, Sub: s, Ends: s.End(), Minutes: app.Minutes(s.Product, now)}
	over := s.Status.Over()
	k.Renews = !s.Trial && !over
	k.Manage = !s.Trial && !over
	if cycle, ok := s.Current(now); ok && !over {
		k.Cycle = cycle
		zone := c.catalog.Zone()
		k.DaysLeft = int(zone.DateOf(cycle.Period.End) - zone.DateOf(now))
	} else if n := len(s.Cycles); n > 0 {
		k.Cycle = s.Cycles[n-1]
	}
	if !over {
		k.Overdraft = c.overdraft(&app, s, now)
	}
	k.Badge = statusBadge(s)
	for _, l := range app.Lots {
		if l.Covers(s.Product) && l.Remaining > 0 && l.Period.Contains(now) && l.Source != subscription.FromOverdraft {
			k.Lots = append(k.Lots, l)
		}
	}
	slices.SortFunc(k.Lots, func(a, b subscription.Lot) int {
		if a.Before(&b) {
			return -1
		}
		return 1
	})
	if o, ok := app.Blocking(s.ID); ok {
		w := c.waiting(app, o)
		k.Open = &w
	}
	if k.Open == nil && s.AutoRenew {
		k.Next = c.nextCharge(app, s.ID, now, now)
	}
	terms := c.catalog.ServiceTerms()
	k.GraceEnds, k.Graces = s.End().Add(terms.Grace), terms.Grace > 0
	k.Resumable = k.GraceEnds.Add(terms.Retention)
	if n := len(s.Cycles); n > 0 {
		k.Reversed = !s.Cycles[n-1].Promised.IsZero()
	}
	k.Timed = c.sellsMinutes(s.Product)
	entitled, err := app.Entitlement(s.Product, c.catalog, now)
	if err != nil {
		return k, err
	}
	k.Service, k.Unpaid = entitled.Service, s.InService() && app.Arrears.Interrupted
	if k.Timed {
		k.Takes = c.takes(&k)
	}
	k.Ending = c.ending(&k)
	k.terms(c)
	if k.Method, err = c.provider.method(ctx, string(app.Account)); err != nil {
		return k, err
	}
	if k.Renews && !s.AutoRenew {
		if k.AutoOff, err = c.autoOff(ctx, app.ID, s); err != nil {
			return k, err
		}
	}
	switch s.Status { //nolint:exhaustive // the others say all themselves
	case subscription.PastDue, subscription.Interrupted:
		if k.Why, err = c.why(ctx, app.ID, s); err == nil {
			k.Short, err = c.shortOf(ctx, app, s)
		}
	case subscription.Ended:
		k.Why, err = c.why(ctx, app.ID, s)
	}
	return k, err
}

// terms says what holds for the next period.
func (k *card) terms(c *console) {
	if k.Renews {
		k.Period = c.next(k.App, k.Sub)
	}
	if k.Period == nil {
		return
	}
	k.Planned, k.Dropped, k.PriceText = k.Period.Changed, k.Period.Dropped != "", k.Period.priceText(k.Sub)
	switch d := k.Sub.Deal; {
	case d == nil:
	case k.Planned && isLast(k.Sub, d.Version, d.Term):
		k.DealEnds = money(d.Price)
	case k.Period.Dealt != 0:
		k.Deal = money(d.Price) + " " + dealSpan(d)
	default:
		k.Deal = c.dealText(k.Sub) + ", once the package is of that version and term"
	}
}

// shortOf returns what a balance lacks for the next period of a subscription, taxes included.
func (c *console) shortOf(ctx context.Context, app subscription.Application, s subscription.Subscription) (pricing.Money, error) {
	account := app.Account
	next, err := s.NextTerms(c.catalog)
	if err != nil {
		return pricing.Money{}, nil //nolint:nilerr // it isn't sold anymore, so nothing is lacking
	}
	how, err := c.provider.method(ctx, string(account))
	if err != nil {
		return pricing.Money{}, err
	}
	has, err := c.accounts.Balance(ctx, string(account), s.Currency)
	if err != nil {
		return pricing.Money{}, err
	}
	_, total, _, err := subscription.Begin(subscription.Snapshot{Application: app}, c.clock.now()).Taxed(next.Price, c.catalog)
	if err != nil {
		return pricing.Money{}, nil //nolint:nilerr // its tax isn't known, so it has no price
	}
	return missing(how, has, total)
}

// nextCharge returns the first charge for a subscription that isn't before an instant, or nil if there is none.
func (c *console) nextCharge(
	app subscription.Application, id subscription.SubscriptionID, now, notBefore time.Time,
) *renewal.Upcoming {
	for u := range renewal.Preview(app, c.policy, c.catalog, now, now.AddDate(0, renewal.MaxCycles+12, 0)) {
		if u.Subscription == id && !u.Charge.IsZero() && !u.At.Before(notBefore) {
			return &u
		}
	}
	return nil
}

func statusBadge(s subscription.Subscription) badge {
	switch s.Status {
	case subscription.Active:
		if s.Trial {
			return badge{"good", "Trial"}
		}
		return badge{"good", "Active"}
	case subscription.PastDue:
		return badge{"warn", "Past due"}
	case subscription.Interrupted:
		return badge{"bad", "Interrupted"}
	case subscription.Ended:
		if s.InService() {
			return badge{"plain", "Ended, still in service"}
		}
		return badge{"plain", "Ended"}
	case subscription.Expired:
		return badge{"plain", "Expired"}
	case subscription.Refunded:
		return badge{"plain", "Returned"}
	}
	return badge{"plain", string(s.Status)}
}

func orderBadge(s subscription.OrderStatus) badge {
	return cmp.Or(orderBadges[s], badge{"plain", string(s)})
}

var orderBadges = map[subscription.OrderStatus]badge{
	subscription.OrderPaid:         {"good", "Paid"},
	subscription.OrderOpen:         {"warn", "Waiting for payment"},
	subscription.OrderDeclined:     {"bad", "Declined"},
	subscription.OrderReview:       {"warn", "Under review"},
	subscription.OrderCanceling:    {"plain", "Being canceled"},
	subscription.OrderCanceled:     {"plain", "Canceled"},
	subscription.OrderRefundDue:    {"plain", "Being refunded"},
	subscription.OrderRefunded:     {"plain", "Refunded"},
	subscription.OrderUnreconciled: {"warn", "Needs a person"},
}

// subscribed returns the application's latest package of a product, if it isn't over.
func subscribed(app subscription.Application, product pricing.ProductID) (subscription.Subscription, bool) {
	s, ok := app.Latest(product)
	return s, ok && !s.Status.Over()
}
