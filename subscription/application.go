package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/internal/clone"
	"github.com/prepaidkit/prepaid/pricing"
)

// Application is the unit that packages belong to, and the unit of consistency: it has one revision, and every change
// applies to it as a whole, one change at a time. It is a document and stays small; whatever has ended is stored as
// rows instead.
//
// An Application is plain data. The one that [Service] returns belongs to the caller and is accurate as of the
// instant of the request.
type Application struct {
	ID        ApplicationID `json:"id"`
	Account   AccountID     `json:"account"`  // the payer; "" once it was erased
	Revision  int64         `json:"revision"` // incremented by every change; 0: doesn't exist
	CreatedAt time.Time     `json:"created_at"`
	// AsOf is the instant of the latest committed change. The application's time never runs backward: no decision is
	// made for an earlier instant, except after a [ResetClock].
	AsOf time.Time `json:"as_of,omitzero"`
	// Due is the next instant at which something happens without a request; the zero time means never.
	Due time.Time `json:"due,omitzero"`
	// Accepted is the latest acceptance of an agreement; earlier ones are events.
	Accepted       Acceptance      `json:"accepted,omitzero"`
	Subscriptions  []Subscription  `json:"subscriptions,omitempty"` // the latest one of each product
	Lots           []Lot           `json:"lots,omitempty"`
	Orders         []Order         `json:"orders,omitempty"` // unresolved orders only
	PurchaseCounts []PurchaseCount `json:"bought,omitempty"`
	LastLot        LotID           `json:"last_lot,omitzero"`
	Counters       []UsageCounter  `json:"counters,omitempty"` // for days that aren't closed or aren't paid
	// ClosedThrough does for bills that don't know the end of their days what ClosedUntil does for all others: it is the
	// last day whose usage was dropped from the counters, in the zone that the catalog had then. Records for that day or
	// an earlier one no longer count.
	ClosedThrough pricing.Date `json:"closed_through,omitzero"`
	// ClosedUntil is the end of the last day whose usage was billed or dropped from the counters. Records from before it
	// no longer count, whatever a later catalog says.
	ClosedUntil  time.Time     `json:"closed_until,omitzero"`
	PayAsYouGo   PayAsYouGo    `json:"pay_as_you_go,omitzero"`
	Arrears      Arrears       `json:"arrears,omitzero"`
	Billing      Billing       `json:"billing,omitzero"`
	Reservations []Reservation `json:"reservations,omitempty"`
	Free         []FreeClaim   `json:"free,omitempty"`

	Refunds    []Refund    `json:"refunds,omitempty"`      // due refunds only
	Tax        *TaxFacts   `json:"tax,omitempty"`          // nil: none known
	AutoTopUps []AutoTopUp `json:"auto_top_ups,omitempty"` // at most one for each product
	ClosedAt   time.Time   `json:"closed_at,omitzero"`     // when the customer left for good, see [Close]
	ErasedAt   time.Time   `json:"erased_at,omitzero"`     // when data that identifies a person was removed, see [Erase]
}

// Acceptance records which agreement was accepted, and when.
type Acceptance struct {
	Agreement string    `json:"agreement"` // the version named in the catalog
	At        time.Time `json:"at"`
}

// PurchaseCount is the number of subscriptions opened with a version, at its list price or under an offer. It is used
// for the limits of trials and offers, and for numbering.
type PurchaseCount struct {
	Product pricing.ProductID `json:"product"`
	Version pricing.VersionID `json:"version"`
	Offer   pricing.OfferID   `json:"offer,omitzero"` // "": list price, or any price from before offers were counted separately
	Trial   bool              `json:"trial,omitzero"`
	Count   int               `json:"count"`
}

// Live returns the live subscription to a product and reports whether there is one.
func (a Application) Live(product pricing.ProductID) (Subscription, bool) {
	return valueOf(a.live(product))
}

// Latest returns the latest subscription to a product, whatever its status, and reports whether there is one.
func (a Application) Latest(product pricing.ProductID) (Subscription, bool) {
	return valueOf(a.latest(product))
}

// valueOf returns the value that p points to and reports whether p is non-nil.
func valueOf[T any](p *T) (T, bool) {
	if p == nil {
		var none T
		return none, false
	}
	return *p, true
}

// Minutes returns the quantity that can be spent on a product at t: the sum of the remaining minutes of all lots that
// cover the product. What can be used beyond that is another question, see [Application.Overdraft].
func (a Application) Minutes(product pricing.ProductID, t time.Time) Quantity {
	var sum Quantity
	for _, l := range a.Lots {
		if l.Covers(product) && l.Period.Contains(t) && l.Source != FromOverdraft {
			sum += l.Remaining
		}
	}
	return sum
}

// Blocking returns the order that may still be collected for a subscription and reports whether there is one. While
// there is one, nothing else can be ordered for that subscription.
func (a Application) Blocking(id SubscriptionID) (Order, bool) {
	return valueOf(a.blocking(id))
}

// OpenOrder returns the unresolved order with the given ID and reports whether there is one.
func (a Application) OpenOrder(id OrderID) (Order, bool) {
	return valueOf(a.order(id))
}

// References reports whether the document refers to an order: because the order is unresolved, because it paid for a
// period, a suspended one too, or a lot that is still in the document, because it collects a day's excess, or because a
// refund of it is due. Stores keep an order for as long as the document refers to it.
func (a Application) References(id OrderID) bool {
	return slices.ContainsFunc(a.Orders, func(o Order) bool { return o.ID == id }) ||
		slices.ContainsFunc(a.Lots, func(l Lot) bool { return l.Order == id }) ||
		slices.ContainsFunc(a.Counters, func(c UsageCounter) bool { return c.Order == id }) ||
		slices.ContainsFunc(a.Refunds, func(r Refund) bool { return r.Order == id }) ||
		slices.ContainsFunc(a.Subscriptions, func(s Subscription) bool {
			paid := func(c Cycle) bool { return c.Order == id }
			return slices.ContainsFunc(s.Cycles, paid) || slices.ContainsFunc(s.Suspended, paid)
		})
}

func (a *Application) live(product pricing.ProductID) *Subscription {
	if s := a.latest(product); s != nil && s.Status.Live() {
		return s
	}
	return nil
}

func (a *Application) latest(product pricing.ProductID) *Subscription {
	for i := range a.Subscriptions {
		if a.Subscriptions[i].Product == product {
			return &a.Subscriptions[i]
		}
	}
	return nil
}

func (a *Application) subscription(id SubscriptionID) *Subscription {
	return findSubscription(a.Subscriptions, id)
}

func findSubscription(subscriptions []Subscription, id SubscriptionID) *Subscription {
	for i := range subscriptions {
		if subscriptions[i].ID == id {
			return &subscriptions[i]
		}
	}
	return nil
}

// order returns the unresolved order with the given ID, or nil if there is none.
func (a *Application) order(id OrderID) *Order {
	for i := range a.Orders {
		if a.Orders[i].ID == id {
			return &a.Orders[i]
		}
	}
	return nil
}

// blocking returns the order that may still be collected for a subscription, or nil if there is none.
func (a *Application) blocking(id SubscriptionID) *Order {
	for i := range a.Orders {
		if a.Orders[i].Subscription == id && a.Orders[i].Status.Blocking() {
			return &a.Orders[i]
		}
	}
	return nil
}

// opened returns how many trial and paid subscriptions to a product were opened.
func (a *Application) opened(product pricing.ProductID) (trials, paid int) {
	for _, b := range a.PurchaseCounts {
		switch {
		case b.Product != product:
		case b.Trial:
			trials += b.Count
		default:
			paid += b.Count
		}
	}
	return trials, paid
}

// Clone returns a copy that shares no memory with a. It even copies data that is immutable by contract: the lines and
// deliveries of orders, and the products of lots.
func (a Application) Clone() Application {
	a.Subscriptions = slices.Clone(a.Subscriptions)
	for i := range a.Subscriptions {
		s := &a.Subscriptions[i]
		s.Cycles, s.Numbers, s.Suspended = slices.Clone(s.Cycles), slices.Clone(s.Numbers), slices.Clone(s.Suspended)
		s.Planned, s.Deal = clone.Pointer(s.Planned), clone.Pointer(s.Deal)
	}
	a.Lots = cloneLots(a.Lots)
	a.Orders = slices.Clone(a.Orders)
	for i := range a.Orders {
		a.Orders[i] = a.Orders[i].Clone()
	}
	a.PurchaseCounts = slices.Clone(a.PurchaseCounts)
	a.Counters = slices.Clone(a.Counters)
	a.Reservations = slices.Clone(a.Reservations)
	for i := range a.Reservations {
		a.Reservations[i].Parts = slices.Clone(a.Reservations[i].Parts)
	}
	a.Free = slices.Clone(a.Free)
	for i := range a.Free {
		a.Free[i].Products = slices.Clone(a.Free[i].Products)
	}
	a.Refunds = slices.Clone(a.Refunds)
	for i := range a.Refunds {
		a.Refunds[i] = a.Refunds[i].Clone()
	}
	if a.Tax != nil {
		a.Tax = clone.Pointer(a.Tax)
		a.Tax.Rates = slices.Clone(a.Tax.Rates)
	}
	a.AutoTopUps = slices.Clone(a.AutoTopUps)
	return a
}

// bought selects which purchases to count: those of a version under one offer ("" for none) or under any.
type bought struct {
	product pricing.ProductID
	version pricing.VersionID
	offer   pricing.OfferID
	any     bool
}

// is reports whether a purchase is one of those to count.
func (b bought) is(product pricing.ProductID, version pricing.VersionID, offer pricing.OfferID) bool {
	return b.product == product && b.version == version && (b.any || b.offer == offer)
}

// bought returns how often something was bought.
func (a *Application) bought(what bought) int {
	n := 0
	for _, b := range a.PurchaseCounts {
		if what.is(b.Product, b.Version, b.Offer) {
			n += b.Count
		}
	}
	return n
}

func (a *Application) lot(id LotID) *Lot {
	for i := range a.Lots {
		if a.Lots[i].ID == id {
			return &a.Lots[i]
		}
	}
	return nil
}
