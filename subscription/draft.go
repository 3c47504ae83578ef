package subscription

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Draft is a change under construction. A command begins a draft, edits Application, places orders, adds events and
// returns the result of [Draft.Change].
type Draft struct {
	// Application is the next state, a copy that the command can edit freely.
	Application Application
	// Now is the instant of the decision, in UTC.
	Now time.Time

	store   string         // the store's identity
	request string         // the request's key, "" outside a request
	before  []Subscription // the stored state, for comparison; never modified
	loaded  []Order        // the rows loaded with the application; never modified
	given   int            // how many of the events are those of the change that the draft continues

	orders   []Order
	refunds  []Refund
	entries  []Entry
	events   []Event
	receipts []Receipt
	records  []UsageRow
	rows     []SubscriptionRow // of subscriptions that leave the document
}

// Begin returns a draft of the change that follows s or, if s is the result of [Snapshot.After], that continues that
// change. Its instant is now or, if that is later, the instant of the application's last change. Pass the argument now
// of [Command.Decide], never time.Now(): a change that is as of a later instant is refused with [ErrInvariant].
//
// The application may not exist. Check [Snapshot.Exists] first, unless the change creates it.
//
// If a method of the draft fails, the draft may be half changed and is of no more use.
func Begin(s Snapshot, now time.Time) *Draft {
	d := &Draft{
		Application: s.Application.Clone(), Now: s.Application.at(now), store: s.Store, request: s.Request,
		before: s.Application.Subscriptions, loaded: s.Orders,
	}
	if c := s.continued; c != nil {
		d.before, d.given = s.before, len(c.Events)
		d.orders, d.refunds, d.entries, d.events = slices.Clone(c.Orders), c.Refunds, slices.Clone(c.Entries), slices.Clone(c.Events)
		d.receipts, d.records = slices.Clip(c.Receipts), slices.Clip(c.Records)
		for _, row := range c.Subscriptions {
			if d.Application.subscription(row.ID) == nil {
				d.rows = append(d.rows, row)
			}
		}
	}
	return d
}

// AddEvent appends an event. The event needs a type: [Change.Check] refuses one without. Give the events of your own
// command types of their own. The types of this package have a meaning that isn't checked in every case: an
// [EventOrderPlaced] says that its order is new, for example, and an event with a Status that its subscription becomes
// that. If the event has no instant,
// AddEvent sets it to the draft's Now; otherwise, the instant must not be before the application's last change.
// [Draft.Change] sets its application and position. The note is cut to [MaxText] bytes.
func (d *Draft) AddEvent(e Event) {
	e.Note = plain(e.Note)
	if e.At.IsZero() {
		e.At = d.Now
	}
	d.events = append(d.events, e)
}

// Place fills in an order's IDs, account, instant, taxes and amount, and adds the order to the change: as open or, if
// there is nothing to pay, as paid and delivered at once. The price must be the result of [pricing.Total], with at
// least one line; the taxes are those of [Draft.Taxed], and the catalog's [pricing.ChargeTerms] apply. Place returns
// the order's ID.
//
// The caller sets Kind and, if they apply, Deliveries, Catalog, Agreement and Note, as well as Subscription, Product
// and Version, which are used to show and find the order. All other fields are set here or when the order is settled.
//
// Place fails with [ErrNotFound] for an application that has no account, because it doesn't exist; with [ErrInvalid]
// for an order without a kind, for a second order in the same request, and for anything
// that couldn't be delivered if it were paid now; with [ErrTooLarge] if the application has no room for the order;
// with [ErrKeyReused] if the request's order already exists; with the errors of [Draft.Taxed]; with
// [pricing.ErrBelowLeast]; and with [pricing.ErrZone].
func (d *Draft) Place(o Order, price pricing.Price, cat *pricing.Catalog) (OrderID, error) {
	switch {
	case cat == nil:
		return "", fmt.Errorf("%w: no catalog", ErrInvalid)
	case o.Kind == "":
		return "", fmt.Errorf("%w: an order without a kind", ErrInvalid)
	case strings.Contains(d.store, "/"):
		return "", fmt.Errorf("%w: a slash in the store's identity %.40q", ErrInvalid, d.store)
	case d.Application.Account == "":
		return "", fmt.Errorf("%w: application %.80q", ErrNotFound, string(d.Application.ID))
	case len(price.Lines) == 0:
		return "", fmt.Errorf("%w: a price without lines; it comes from pricing.Total", ErrInvalid)
	}
	zones := cat.ZoneOf
	o.Application, o.Account = d.Application.ID, d.Application.Account
	o.PlacedAt, o.Status, o.Note = d.Now, OrderOpen, plain(o.Note)
	if err := d.charge(&o, price, cat); err != nil {
		return "", err
	}
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
		free := o // a separate copy, so that other orders needn't move to the heap
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

// Zones returns the zone with the given name; [pricing.Catalog.ZoneOf] is one implementation.
type Zones func(name string) (pricing.Zone, error)

// update writes an order's new state, in the document while the order is unresolved, and always as a row.
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

// changed reports whether something was added since the draft was begun.
func (d *Draft) changed() bool { return len(d.events) > d.given }

// addOrderEvent appends an event about an order.
func (d *Draft) addOrderEvent(t EventType, o *Order) {
	d.AddEvent(Event{
		Type: t, Order: o.ID, Kind: o.Kind, Amount: o.Amount, Subscription: o.Subscription,
		Product: o.Product, Version: o.Version, Reason: o.Reason, Note: o.Note,
	})
}

// addSubscriptionEvent appends an event about a subscription at the given instant.
func (d *Draft) addSubscriptionEvent(t EventType, s *Subscription, at time.Time, e Event) {
	e.Type, e.At, e.Subscription, e.Product = t, at, s.ID, s.Product
	d.AddEvent(e)
}

// setStatus moves a subscription to another status and adds an event. It does nothing if the status stays the same.
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

// Change completes the draft: it increments the revision, makes the application due now and sets the position of
// every row. If no event was added since [Begin], not even by an order, it returns the zero Change, and edits of
// Application are dropped.
func (d *Draft) Change() Change {
	if !d.changed() {
		return Change{}
	}
	c := Change{
		Application: d.Application.ID, Base: d.Application.Revision, Next: d.Application,
		Orders: d.orders, Refunds: d.refunds, Entries: d.entries, Events: d.events, Receipts: d.receipts, Records: d.records,
		Subscriptions: d.rows,
	}
	c.Next.Revision++
	c.Next.Due, c.Next.AsOf = d.Now, d.Now
	for i := range c.Next.Subscriptions {
		s := &c.Next.Subscriptions[i]
		s.recordDays()
		if row, changed := c.Next.changedRow(s, d.before); changed {
			c.Subscriptions = append(c.Subscriptions, row)
		}
	}
	c.number()
	return c
}
