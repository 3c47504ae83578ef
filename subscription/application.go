package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Application is what packages are bound to, and the unit of consistency: it has one revision and
// changes as a whole, one change at a time. It is a document and stays small: what is over is rows.
//
// An Application is plain data. The one that [Service] returns is the caller's own, and is right for
// the instant that it was asked for.
type Application struct {
	ID        ApplicationID `json:"id"`
	Account   AccountID     `json:"account"`  // who pays
	Revision  int64         `json:"revision"` // grows by one with every change; 0: doesn't exist
	CreatedAt time.Time     `json:"created_at"`
	// AsOf is the latest instant at which a change was committed. The application's time never runs backwards: nothing
	// is decided for an earlier one, but after a [ResetClock].
	AsOf time.Time `json:"as_of,omitzero"`
	// Due is the next instant at which something is to be done by itself; the zero time is never.
	Due time.Time `json:"due,omitzero"`
	// Accepted is the last acceptance of an agreement; the earlier ones are events.
	Accepted       Acceptance      `json:"accepted,omitzero"`
	Subscriptions  []Subscription  `json:"subscriptions,omitempty"` // the latest of each product
	Lots           []Lot           `json:"lots,omitempty"`
	Orders         []Order         `json:"orders,omitempty"` // the unresolved ones
	PurchaseCounts []PurchaseCount `json:"bought,omitempty"`
	LastLot        LotID           `json:"last_lot,omitzero"`
	Counters       []UsageCounter  `json:"counters,omitempty"` // of the days that aren't closed, or not paid
	// ClosedThrough is the last day whose usage is dropped from the counters. Whatever a later catalog says of late
	// usage, no record of it or of a day before it counts any more.
	// It was kept in the catalog's zone of then; ClosedUntil, which took its place, is an instant.
	ClosedThrough pricing.Date `json:"closed_through,omitzero"`
	// ClosedUntil is the end of the last day whose usage is billed, or dropped from the counters, likewise: no record from
	// before it counts any more.
	ClosedUntil  time.Time     `json:"closed_until,omitzero"`
	PayAsYouGo   PayAsYouGo    `json:"pay_as_you_go,omitzero"`
	Arrears      Arrears       `json:"arrears,omitzero"`
	Billing      Billing       `json:"billing,omitzero"`
	Reservations []Reservation `json:"reservations,omitempty"`
	Free         []FreeClaim   `json:"free,omitempty"`

	Refunds    []Refund    `json:"refunds,omitempty"` // those that are due
	Tax        *TaxFacts   `json:"tax,omitempty"`     // nil: none known
	AutoTopUps []AutoTopUp `json:"auto_top_ups,omitempty"`
	ClosedAt   time.Time   `json:"closed_at,omitzero"` // the customer left for good
	ErasedAt   time.Time   `json:"erased_at,omitzero"` // and what names a person was removed
}

// Acceptance says which agreement was accepted, and when.
type Acceptance struct {
	Agreement string    `json:"agreement"` // the version that the catalog names
	At        time.Time `json:"at"`
}

// PurchaseCount counts the subscriptions that were opened with a version, at its list price or under an offer: for the limits of
// trials and offers, and for numbering.
type PurchaseCount struct {
	Product pricing.ProductID `json:"product"`
	Version pricing.VersionID `json:"version"`
	Offer   pricing.OfferID   `json:"offer,omitzero"` // "": the list price, or any from before offers were told apart
	Trial   bool              `json:"trial,omitzero"`
	Count   int               `json:"count"`
}

// Subscription is a version held over one or more consecutive periods.
type Subscription struct {
	ID        SubscriptionID    `json:"id"`
	Product   pricing.ProductID `json:"product"`
	Status    Status            `json:"status"`
	Currency  pricing.Currency  `json:"currency"` // fixed for its life
	Trial     bool              `json:"trial,omitzero"`
	AutoRenew bool              `json:"auto_renew,omitzero"`
	Zone      string            `json:"zone"`   // the calendar that its days are counted in
	Anchor    pricing.Anchor    `json:"anchor"` // of the cycles since the last interruption
	Next      int               `json:"next"`   // how many periods of the anchor are taken: the number of the next one
	OpenedAt  time.Time         `json:"opened_at"`
	Cycles    []Cycle           `json:"cycles"` // the last ended one, the current one, those paid ahead
	Renewal   Renewal           `json:"renewal,omitzero"`
	// Numbers counts the orders that were ever placed automatically, by the first day of their period. It never starts
	// again for a day, whatever becomes of the orders, so that no order has the ID of an earlier one.
	Numbers []Number `json:"numbers,omitempty"`
	Planned *Planned `json:"planned,omitempty"` // what the first period that isn't paid for changes; nil: nothing
	Deal    *Deal    `json:"deal,omitempty"`    // the price that was agreed for what follows; nil: none
}

// Number is how many orders were placed automatically for the period that begins on a day.
type Number struct {
	Day    pricing.Date `json:"day"`
	Orders int          `json:"orders"`
}

// Planned is a change of version or term that takes effect with the first period that isn't paid for.
type Planned struct {
	Version pricing.VersionID `json:"version"`
	Term    pricing.Term      `json:"term"`
	At      time.Time         `json:"at"` // when it was asked for
}

// Deal is a price that was agreed with one customer, for a version and term of one subscription.
type Deal struct {
	Version pricing.VersionID `json:"version"`
	Term    pricing.Term      `json:"term"`
	Price   pricing.Money     `json:"price"`
	Left    int               `json:"left"` // further periods; negative: for good
	Reason  string            `json:"reason,omitzero"`
}

// Renewal is where the automatic renewal of what follows [Subscription.End] stands. It is cleared when
// that is paid for. Package renewal keeps it.
type Renewal struct {
	Attempts       int           `json:"tries,omitzero"`       // automatic attempts to charge so far
	LastAttemptAt  time.Time     `json:"tried_at,omitzero"`    // the last attempt, also one that announced another price instead
	RemindedAt     time.Time     `json:"reminded_at,omitzero"` // the last reminder
	BackoffUntil   time.Time     `json:"held_until,omitzero"`  // a decision failed, and isn't made again before
	AnnouncedPrice pricing.Money `json:"told,omitzero"`        // the price that was announced, if it isn't the last one paid
	// Stopped is the reason of a decline after which nothing is tried by itself until the customer acts.
	Stopped payment.Reason `json:"stopped,omitzero"`
}

// Owed reports whether an automatic renewal was promised and never tried, as happens when no worker ran.
// Such a subscription doesn't expire.
func (s *Subscription) Owed() bool { return s.AutoRenew && !s.Trial && s.Renewal.Attempts == 0 }

// Cycle is one period of a subscription, with what was recorded when it was paid for: later changes of
// the catalog don't touch it.
type Cycle struct {
	Number int            `json:"number"` // from 1, over the life of the subscription
	Period pricing.Period `json:"period"`
	// Days are those of the period, as they were promised; zero for a period from before they were recorded.
	Days pricing.DayRange `json:"days,omitzero"`
	// Promised is the end that was paid for, where Period ends sooner, since the payment was taken back.
	Promised time.Time         `json:"promised,omitzero"`
	Version  pricing.VersionID `json:"version"`
	// Price is the current price that an upgrade starts from: what was paid for the period, a discount
	// included; after an upgrade the list price of the version upgraded to.
	Price pricing.Money `json:"price"`
	// Total is what the period cost in all, taxes included; zero: the price.
	Total   pricing.Money `json:"total,omitzero"`
	Minutes int64         `json:"minutes"` // of the whole period, at that version
	Order   OrderID       `json:"order"`   // that paid for it
	// Resumed marks the first cycle after an interruption, which need not follow the one before it.
	Resumed bool `json:"resumed,omitzero"`
	// Begun says that the period has begun and its minutes were granted.
	Begun   bool     `json:"begun,omitzero"`
	Granted Quantity `json:"granted,omitzero"` // so far for this period, upgrades included
}

// Current returns the cycle that contains t, and whether there is one.
func (s Subscription) Current(t time.Time) (Cycle, bool) {
	if i := s.current(t); i >= 0 {
		return s.Cycles[i], true
	}
	return Cycle{}, false
}

func (s *Subscription) current(t time.Time) int {
	return slices.IndexFunc(s.Cycles, func(c Cycle) bool { return c.Period.Contains(t) })
}

// Version returns the version in force: that of the latest cycle that has begun.
func (s Subscription) Version() pricing.VersionID {
	var v pricing.VersionID
	for _, c := range s.Cycles {
		if c.Begun {
			v = c.Version
		}
	}
	return v
}

// End returns the end of what is paid for, cycles paid ahead included.
func (s Subscription) End() time.Time {
	if len(s.Cycles) == 0 {
		return time.Time{}
	}
	return s.Cycles[len(s.Cycles)-1].Period.End
}

// PeriodAt returns period n of the subscription's anchor, and its days. A promised boundary stays: the next period begins
// where the last one that was recorded ends, whatever the rules of the zone are now.
func (s *Subscription) PeriodAt(n int, zone pricing.Zone) (pricing.Period, pricing.DayRange, error) {
	days, err := s.Anchor.Days(n)
	if err != nil {
		return pricing.Period{}, days, err
	}
	period, err := s.Anchor.Period(n, zone)
	if n == s.Next && len(s.Cycles) > 0 {
		period.Start = s.End()
	}
	return period, days, err
}

// recordDays records the days of the periods from before days were recorded, as the anchor has them: of those since the
// last interruption, which alone are counted from it.
func (s *Subscription) recordDays() {
	n := s.Next
	for i := len(s.Cycles) - 1; i >= 0; i-- {
		c := &s.Cycles[i]
		n--
		if !c.Days.IsZero() || n < 0 {
			return
		}
		if days, err := s.Anchor.Days(n); err == nil {
			c.Days = days
		}
		if c.Resumed {
			return
		}
	}
}

// Live returns the live subscription to a product, and whether there is one.
func (a Application) Live(product pricing.ProductID) (Subscription, bool) {
	return valueOf(a.live(product))
}

// Latest returns the latest subscription to a product, whatever its status, and whether there is one.
func (a Application) Latest(product pricing.ProductID) (Subscription, bool) {
	return valueOf(a.latest(product))
}

// valueOf returns what p points to, and whether it points to anything.
func valueOf[T any](p *T) (T, bool) {
	if p == nil {
		var none T
		return none, false
	}
	return *p, true
}

// Minutes returns what can be spent on a product at t: the remaining minutes of all lots that cover it.
func (a Application) Minutes(product pricing.ProductID, t time.Time) Quantity {
	var sum Quantity
	for _, l := range a.Lots {
		if l.Covers(product) && l.Period.Contains(t) {
			sum += l.Remaining
		}
	}
	return sum
}

// Blocking returns the order that may still be collected for a subscription, and whether there is one.
// While there is, nothing else is ordered for it.
func (a Application) Blocking(id SubscriptionID) (Order, bool) {
	return valueOf(a.blocking(id))
}

// OpenOrder returns an unresolved order, and whether there is one of that ID.
func (a Application) OpenOrder(id OrderID) (Order, bool) {
	return valueOf(a.order(id))
}

// References reports whether the document names an order: one that isn't resolved, or that paid for a period or a lot
// that it still has, or collects the excess of a day. Stores keep such orders for as long.
func (a Application) References(id OrderID) bool {
	return slices.ContainsFunc(a.Orders, func(o Order) bool { return o.ID == id }) ||
		slices.ContainsFunc(a.Lots, func(l Lot) bool { return l.Order == id }) ||
		slices.ContainsFunc(a.Counters, func(c UsageCounter) bool { return c.Order == id }) ||
		slices.ContainsFunc(a.Subscriptions, func(s Subscription) bool {
			return slices.ContainsFunc(s.Cycles, func(c Cycle) bool { return c.Order == id })
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
	for i := range a.Subscriptions {
		if a.Subscriptions[i].ID == id {
			return &a.Subscriptions[i]
		}
	}
	return nil
}

// order returns the unresolved order with that ID, nil if there is none.
func (a *Application) order(id OrderID) *Order {
	for i := range a.Orders {
		if a.Orders[i].ID == id {
			return &a.Orders[i]
		}
	}
	return nil
}

// blocking returns the order that may still be collected for a subscription, nil if there is none.
func (a *Application) blocking(id SubscriptionID) *Order {
	for i := range a.Orders {
		if a.Orders[i].Subscription == id && a.Orders[i].Status.Blocking() {
			return &a.Orders[i]
		}
	}
	return nil
}

// opened counts the subscriptions to a product that were opened, trials and paid ones.
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

// Clone returns a copy that shares no memory with a. What is immutable by contract, the lines and
// deliveries of orders and the products of lots, is copied too.
func (a Application) Clone() Application {
	a.Subscriptions = slices.Clone(a.Subscriptions)
	for i := range a.Subscriptions {
		s := &a.Subscriptions[i]
		s.Cycles, s.Numbers = slices.Clone(s.Cycles), slices.Clone(s.Numbers)
		s.Planned, s.Deal = copied(s.Planned), copied(s.Deal)
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
		a.Tax = copied(a.Tax)
		a.Tax.Rates = slices.Clone(a.Tax.Rates)
	}
	a.AutoTopUps = slices.Clone(a.AutoTopUps)
	return a
}

// copied returns a pointer to a copy of what p points to, nil for nil.
func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
