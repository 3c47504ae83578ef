package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Delivery is what an order gives when it is paid, as plain data of a closed set: exactly one field is
// set. Settling reads nothing else, so that an order can be delivered long after the catalogue has
// changed.
type Delivery struct {
	Extend *Extend `json:"extend,omitempty"`
	Raise  *Raise  `json:"raise,omitempty"`
	Grant  *Grant  `json:"grant,omitempty"`
	Bill   *Bill   `json:"bill,omitempty"`
}

// Extend gives periods of a version, in one of three ways:
//
//   - Open: to a new subscription, whose first period begins on the day of payment;
//   - From: precisely the period that begins then, counted from the subscription's anchor, which nothing
//     else may have paid for;
//   - otherwise the periods that follow what is paid for.
//
// A subscription that was interrupted starts again on the day of payment, with a new anchor. What no worker
// did in time is caught up with otherwise: with CatchUp, From is the period of that day, and with Missed any
// period, without service, that is paid for all the same.
type Extend struct {
	Subscription SubscriptionID    `json:"subscription"`
	Product      pricing.ProductID `json:"product"`
	Version      pricing.VersionID `json:"version"`
	Term         pricing.Term      `json:"term"`
	Zone         string            `json:"zone"` // the calendar of a new subscription
	Open         bool              `json:"open,omitzero"`
	Trial        bool              `json:"trial,omitzero"`
	AutoRenew    bool              `json:"auto_renew,omitzero"`
	From         time.Time         `json:"from,omitzero"`
	Automatic    bool              `json:"automatic,omitzero"` // nobody asked for it: it renews by itself
	CatchUp      bool              `json:"catch_up,omitzero"`
	Missed       bool              `json:"missed,omitzero"`
	Count        int               `json:"count"`   // how many periods
	Price        pricing.Money     `json:"price"`   // of each, recorded with it
	Minutes      int64             `json:"minutes"` // of each, granted as it begins
}

// Raise gives a higher version for the rest of the current period and for the cycles paid ahead.
type Raise struct {
	Subscription SubscriptionID    `json:"subscription"`
	Cycle        int               `json:"cycle"` // the number of the current cycle; in another it isn't delivered
	From         pricing.VersionID `json:"from"`  // the version it was priced from; likewise
	To           pricing.VersionID `json:"to"`
	Price        pricing.Money     `json:"price"`           // recorded with every cycle: the list price of To
	Minutes      int64             `json:"minutes"`         // of a whole period at To
	Grant        int64             `json:"grant"`           // minutes granted at once
	Ahead        []int64           `json:"ahead,omitempty"` // minutes added to each cycle paid ahead
}

// Grant gives one lot of minutes, valid from the day of payment.
type Grant struct {
	Source   Source              `json:"source"`
	Products []pricing.ProductID `json:"products"` // what they can be spent on
	Minutes  int64               `json:"minutes"`  // positive
	Validity pricing.Validity    `json:"validity"`
	Zone     string              `json:"zone"` // the calendar of the validity
}

// valid reports whether it gives exactly one thing.
func (d Delivery) valid() bool {
	given := 0
	for _, is := range [...]bool{d.Extend != nil, d.Raise != nil, d.Grant != nil, d.Bill != nil} {
		if is {
			given++
		}
	}
	return given == 1
}

// equal reports whether two valid deliveries give the same.
func (d Delivery) equal(e Delivery) bool {
	switch {
	case d.Extend != nil && e.Extend != nil:
		a, b := *d.Extend, *e.Extend
		same := a.From.Equal(b.From)
		a.From, b.From = time.Time{}, time.Time{}
		return same && a == b
	case d.Raise != nil && e.Raise != nil:
		a, b := d.Raise, e.Raise
		return a.Subscription == b.Subscription && a.Cycle == b.Cycle && a.From == b.From && a.To == b.To &&
			a.Price == b.Price && a.Minutes == b.Minutes && a.Grant == b.Grant && slices.Equal(a.Ahead, b.Ahead)
	case d.Grant != nil && e.Grant != nil:
		a, b := d.Grant, e.Grant
		return a.Source == b.Source && a.Minutes == b.Minutes && a.Validity == b.Validity && a.Zone == b.Zone &&
			slices.Equal(a.Products, b.Products)
	case d.Bill != nil && e.Bill != nil:
		return *d.Bill == *e.Bill
	}
	return false
}

func (d Delivery) clone() Delivery {
	if d.Extend != nil {
		e := *d.Extend
		d.Extend = &e
	}
	if d.Raise != nil {
		r := *d.Raise
		r.Ahead = slices.Clone(r.Ahead)
		d.Raise = &r
	}
	if d.Grant != nil {
		g := *d.Grant
		g.Products = slices.Clone(g.Products)
		d.Grant = &g
	}
	if d.Bill != nil {
		b := *d.Bill
		d.Bill = &b
	}
	return d
}
