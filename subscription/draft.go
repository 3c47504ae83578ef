package subscription

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Draft is a change in the making. A command begins one, edits Application, places orders and notes
// events, and returns what [Draft.Change] gives.
type Draft struct {
	// Application is the next state, a copy that the command may edit freely.
	Application Application
	// Now is the instant of the decision, in UTC.
	Now time.Time

	store   string         // the store's identity
	request string         // the key of the request, "" outside of one
	before  []Subscription // what the draft began with, to be compared and never changed

	orders  []Order
	entries []Entry
	events  []Event
	records []UsageRow
	rows    []SubscriptionRow // of those that leave the document
}

// Begin returns a draft of the change that follows s, at now or, if that is later, at the instant of the application's
// last change.
func Begin(s Snapshot, now time.Time) *Draft {
	return &Draft{
		Application: s.Application.Clone(), Now: s.Application.at(now), store: s.Store, request: s.Request,
		before: s.Application.Subscriptions,
	}
}

// AddEvent appends an event. It needs a type, which can be one of the command's own. Its instant is now unless it has one,
// which must not be before that of the application's last change; its application and place are set by [Draft.Change]. Of
// its note [MaxText] bytes are kept.
func (d *Draft) AddEvent(e Event) {
	e.Note = plain(e.Note)
	if e.At.IsZero() {
		e.At = d.Now
	}
	d.events = append(d.events, e)
}

// Place completes an order with its IDs, account, instant and amount, and makes it part of the change:
// open, or, where there is nothing to pay, paid and delivered at once. The lines must be what
// [pricing.Total] made, at least one. zones is the catalog's ZoneOf. It returns the order's ID.
//
// The caller sets Kind and, as far as there are any, Deliveries, Catalog, Agreement, Note, and Subscription, Product and
// Version, which are what the order is shown and found by. The rest is set here, or when the order is settled.
//
// It fails with [ErrInvalid] for an order without a kind, for a second one of the same request, and for what couldn't be
// delivered if it were paid now, with [ErrTooLarge] where the application has no room for it, with [ErrKeyReused] for a
// request whose order is there, and with what zones returns.
func (d *Draft) Place(o Order, price pricing.Price, zones Zones) (OrderID, error) {
	if zones == nil || o.Kind == "" || strings.Contains(d.store, "/") {
		return "", fmt.Errorf("%w: no zones, no kind, or a store's identity with a slash, %.40q", ErrInvalid, d.store)
	}
	o.Application, o.Account = d.Application.ID, d.Application.Account
	o.PlacedAt, o.Status, o.Note = d.Now, OrderOpen, plain(o.Note)
	o.Amount, o.Lines = price.Amount, price.Lines
	if err := d.deliverable(&o, zones); err != nil {
		return "", err
	}
	if err := d.number(&o); err != nil {
		return "", err
	}
	if find(d.orders, o.ID) != nil {
		return "", fmt.Errorf("%w: the same order twice in one change", ErrInvalid)
	}
	if d.Application.order(o.ID) != nil { // the receipt of its request was pruned
		return "", fmt.Errorf("%w: order %s is %s", ErrKeyReused, o.ID, d.Application.order(o.ID).Status)
	}
	d.addOrderEvent(EventOrderPlaced, &o)
	if o.Amount.Sign() == 0 {
		free := o // of its own, so that other orders needn't move to the heap
		if err := d.deliver(&free, zones); err != nil {
			return "", err
		}
		d.orders = append(d.orders, free)
		return free.ID, nil
	}
	o.Attempt = attemptOf(d.store, o.Application, o.ID)
	d.Application.Orders = append(d.Application.Orders, o)
	d.orders = append(d.orders, o)
	return o.ID, nil
}

// Zones returns the zone of a name; [pricing.Catalog.ZoneOf] is one.
type Zones func(name string) (pricing.Zone, error)

// update writes an order's new state: into the document while it is unresolved, and as a row.
func (d *Draft) update(o Order) {
	i := slices.IndexFunc(d.Application.Orders, func(x Order) bool { return x.ID == o.ID })
	switch {
	case i >= 0 && o.Status.Unresolved():
		d.Application.Orders[i] = o
	case i >= 0:
		d.Application.Orders = slices.Delete(d.Application.Orders, i, i+1)
	case o.Status.Unresolved():
		d.Application.Orders = append(d.Application.Orders, o)
	}
	if row := find(d.orders, o.ID); row != nil {
		*row = o
	} else {
		d.orders = append(d.orders, o)
	}
}

// addOrderEvent appends an event about an order.
func (d *Draft) addOrderEvent(t EventType, o *Order) {
	d.AddEvent(Event{
		Type: t, Order: o.ID, Kind: o.Kind, Amount: o.Amount, Subscription: o.Subscription,
		Product: o.Product, Version: o.Version, Reason: o.Reason, Note: o.Note,
	})
}

// addSubscriptionEvent appends an event about a subscription, at an instant.
func (d *Draft) addSubscriptionEvent(t EventType, s *Subscription, at time.Time, e Event) {
	e.Type, e.At, e.Subscription, e.Product = t, at, s.ID, s.Product
	d.AddEvent(e)
}

// setStatus moves a subscription to another status and notes it; it is a no-op where nothing changes.
func (d *Draft) setStatus(s *Subscription, to Status, at time.Time) {
	if s.Status == to {
		return
	}
	from := s.Status
	s.Status = to
	d.addSubscriptionEvent(EventStatus, s, at, Event{From: from, Status: to})
}

// grant opens a lot.
func (d *Draft) grant(l Lot, at time.Time) {
	if l.Granted == 0 {
		return
	}
	d.Application.LastLot++
	quantity := l.Granted
	l.ID, l.GrantedAt, l.Granted = d.Application.LastLot, at, 0
	d.move(&l, Entry{At: at, Kind: EntryGranted, Quantity: quantity, Order: l.Order})
	d.Application.Lots = append(d.Application.Lots, l)
	d.AddEvent(Event{
		Type: EventLotGranted, At: at, Lot: l.ID, Quantity: quantity, Subscription: l.Subscription,
		Order: l.Order, Period: l.Period,
	})
}

// Change completes the draft: the revision grows by one, the application is due now, and every row has
// its place. It returns the zero Change if no event was noted, also by an order: then edits of Application are dropped.
func (d *Draft) Change() Change {
	if len(d.events) == 0 {
		return Change{}
	}
	c := Change{
		Application: d.Application.ID, Base: d.Application.Revision, Next: d.Application,
		Orders: d.orders, Entries: d.entries, Events: d.events, Records: d.records, Subscriptions: d.rows,
	}
	c.Next.Revision++
	c.Next.Due, c.Next.AsOf = d.Now, d.Now
	for i := range c.Next.Subscriptions {
		s := &c.Next.Subscriptions[i]
		s.recordDays()
		row := c.Next.row(s)
		same := func(was Subscription) bool { return was.ID == s.ID && c.Next.row(&was) == row }
		if !slices.ContainsFunc(d.before, same) {
			c.Subscriptions = append(c.Subscriptions, row)
		}
	}
	c.number()
	return c
}
