package subscription

import (
	"cmp"
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
	by, why string         // who acts and why, "" if nobody in particular
	before  []Subscription // the stored state, for comparison; never modified
	payer   AccountID      // likewise
	loaded  []Order        // the rows loaded with the application; never modified
	known   []Refund       // likewise
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
		Application: s.Application.Clone(), Now: s.Application.at(now), store: s.Store, request: s.Request, by: s.By, why: s.Why,
		before: s.Application.Subscriptions, payer: s.Application.Account, loaded: s.Orders, known: s.Refunds,
	}
	if c := s.continued; c != nil {
		d.before, d.payer, d.given = s.before, s.payer, len(c.Events)
		d.orders, d.refunds = slices.Clone(c.Orders), slices.Clone(c.Refunds)
		d.entries, d.events = slices.Clone(c.Entries), slices.Clone(c.Events)
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
// that. If the event has no instant, AddEvent sets it to the draft's Now; otherwise, the instant must not be before the
// application's last change. [Draft.Change] sets its application and position. The note is cut to [MaxText] bytes. By
// and Why are those of the snapshot.
func (d *Draft) AddEvent(e Event) {
	e.Note, e.By, e.Why = plain(e.Note), d.by, d.why
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
// for an order without a kind, for a second order in the same request, and for anything that couldn't be delivered if
// it were paid now; with [ErrTooLarge] if the application has no room for the order; with [ErrKeyReused] if the
// request's order already exists; with [ErrClosed]; with the errors of [Draft.Taxed]; with [pricing.ErrBelowLeast]; and
// with [pricing.ErrZone].
func (d *Draft) Place(o Order, price pricing.Price, cat *pricing.Catalog) (OrderID, error) {
	switch {
	case cat == nil:
		return "", fmt.Errorf("%w: no catalog", ErrInvalid)
	case o.Kind == "":
		return "", fmt.Errorf("%w: an order without a kind", ErrInvalid)
	case strings.Contains(d.store, "/"):
		return "", fmt.Errorf("%w: a slash in the store's identity %.40q", ErrInvalid, d.store)
	case !d.Application.ClosedAt.IsZero():
		return "", closedError(&d.Application)
	case d.Application.Account == "":
		return "", fmt.Errorf("%w: application %.80q", ErrNotFound, string(d.Application.ID))
	case len(price.Lines) == 0:
		return "", fmt.Errorf("%w: a price without lines; it comes from pricing.Total", ErrInvalid)
	}
	zones := cat.ZoneOf
	o.Application, o.Account = d.Application.ID, d.Application.Account
	o.PlacedAt, o.Status, o.Note, o.Present = d.Now, OrderOpen, plain(cmp.Or(o.Note, d.why)), d.request != "" && !o.topsUp()
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
	if o.Status != OrderOpen {
		o.Action = nil
	}
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

// updateRefund writes a refund's new state, in the document while it is due, and always as a row.
func (d *Draft) updateRefund(r Refund) {
	same := func(x Refund) bool { return x.Order == r.Order && x.Number == r.Number }
	if i := slices.IndexFunc(d.Application.Refunds, same); i >= 0 && r.Status != RefundDue {
		d.Application.Refunds = slices.Delete(d.Application.Refunds, i, i+1)
	}
	if i := slices.IndexFunc(d.refunds, same); i >= 0 {
		d.refunds[i] = r
	} else {
		d.refunds = append(d.refunds, r)
	}
}

// refundsOf returns the refunds of an order that are loaded, as the draft leaves them.
func (d *Draft) refundsOf(id OrderID) []Refund {
	var all []Refund
	for _, list := range [][]Refund{d.refunds, d.Application.Refunds, d.known} { // the newest state of each first
		for i := range list {
			r := &list[i]
			if r.Order == id && !slices.ContainsFunc(all, func(x Refund) bool { return x.Number == r.Number }) {
				all = append(all, r.Clone())
			}
		}
	}
	slices.SortFunc(all, func(r, x Refund) int { return r.Number - x.Number })
	return all
}

// changed reports whether something was added since the draft was begun.
func (d *Draft) changed() bool { return len(d.events) > d.given }

// addOrderEvent appends an event about an order.
func (d *Draft) addOrderEvent(t EventType, o *Order) {
	e := o.event(t)
	e.Reason, e.Note = o.Reason, o.Note
	d.AddEvent(e)
}

// event returns an event about the order. Why it happened is for the caller to say.
func (o *Order) event(t EventType) Event {
	return Event{
		Type: t, Order: o.ID, Kind: o.Kind, Amount: o.Amount, Subscription: o.Subscription, Product: o.Product, Version: o.Version,
	}
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
	s.Status, s.OutOfService = to, false
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
	d.repay(&d.Application.Lots[len(d.Application.Lots)-1], at)
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
		if row, changed := c.Next.changedRow(s, d.before, d.payer); changed {
			c.Subscriptions = append(c.Subscriptions, row)
		}
	}
	c.forget()
	c.number()
	for i := range c.Entries {
		if e := &c.Entries[i]; e.At.Before(d.Now) {
			e.RecordedAt = d.Now
		}
	}
	return c
}

// order finds an order in the draft or among the rows loaded with the application.
func (d *Draft) order(id OrderID) (Order, error) {
	if o := d.Application.order(id); o != nil && d.Application.Revision != 0 {
		return *o, nil
	}
	if o := find(d.orders, id); o != nil {
		return o.Clone(), nil
	}
	s := Snapshot{Application: d.Application, Orders: d.loaded}
	return s.order(id)
}
