package subscription

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// AutoTopUp is a standing order for a pack: when less than Below is left of a product, a worker buys one, and again until
// there is enough. [SetAutoTopUp] turns it on and off; an application has at most one for each product, and keeps it when
// it is off.
//
// What is left is [Application.Minutes]: what is reserved doesn't count. A worker buys one pack at a time: while an
// automatic order that would bring minutes of the product may still be collected, it places no other. In a period of the
// subscription, or in a calendar month of the catalog's zone if no period is running, at most PerPeriod orders are paid.
// What is bought by hand isn't counted.
//
// Nothing is ordered while the last subscription to the product isn't active: a customer who has left wants no more
// minutes, and the money of one who owes a renewal is for that. Without a subscription, packs alone are bought.
//
// The price is the pack's list price when the order is placed. What keeps a pack from being bought, such as a new agreement
// that wasn't accepted, or a pack that is no longer on sale, is told once, in an [EventAutoTopUpStopped], and when it has
// passed, the worker goes on.
type AutoTopUp struct {
	Product   pricing.ProductID `json:"product"`
	Pack      pricing.PackID    `json:"pack"`
	Currency  pricing.Currency  `json:"currency"`
	Quantity  int               `json:"quantity"`           // of a fixed pack
	Minutes   int64             `json:"minutes,omitzero"`   // of a custom pack
	Below     Quantity          `json:"below"`              // order when less than this is left
	PerPeriod int               `json:"per_period"`         // maximum number of paid orders
	Off       bool              `json:"off,omitzero"`       // turned off: nothing is ordered
	Agreement string            `json:"agreement,omitzero"` // version accepted with it
	Number    int               `json:"number,omitzero"`    // number of orders it ever placed
	Since     time.Time         `json:"since,omitzero"`     // start of the period that Bought is counted in
	Bought    int               `json:"bought,omitzero"`    // paid in that period
	// Attempts is the number of orders since the last one that was paid, in that period. HeldUntil is when the next may be
	// placed.
	Attempts  int       `json:"tries,omitzero"`
	HeldUntil time.Time `json:"held_until,omitzero"`
	// Stopped is the reason for a decline that stopped automatic orders until the payment method is changed
	// ([PaymentMethodChanged]), or the customer pays an order by hand.
	Stopped payment.Reason `json:"stopped,omitzero"`
	// Obstacle is why nothing was ordered when less than Below was left: "limit", "inactive", or the code of an error
	// ([CodeOf]); "" if nothing is in the way.
	Obstacle string `json:"obstacle,omitzero"`
}

// AutoTopUp returns the automatic top-up of a product and reports whether there is one, on or off.
func (a Application) AutoTopUp(product pricing.ProductID) (AutoTopUp, bool) {
	return valueOf(a.autoTopUp(product))
}

func (a *Application) autoTopUp(product pricing.ProductID) *AutoTopUp {
	for i := range a.AutoTopUps {
		if a.AutoTopUps[i].Product == product {
			return &a.AutoTopUps[i]
		}
	}
	return nil
}

// order returns what the automatic top-up orders.
func (t *AutoTopUp) order() PackOrder {
	return PackOrder{Pack: t.Pack, Currency: t.Currency, Quantity: int64(t.Quantity), Minutes: t.Minutes}
}

// AutoTopUp returns the product whose minutes ran low, if a worker placed the order for an [AutoTopUp], and reports
// whether it did.
func (o Order) AutoTopUp() (pricing.ProductID, bool) {
	if !o.topsUp() {
		return "", false
	}
	return o.Product, true
}

// topUpPrefix begins the IDs of the orders of automatic top-ups.
const topUpPrefix = "t-"

// topsUp reports whether the order is one of an automatic top-up.
func (o *Order) topsUp() bool {
	return o.Kind == TopUpOrder && strings.HasPrefix(string(o.ID), topUpPrefix)
}

// topUpID returns the ID of the nth order of a product's automatic top-up.
func topUpID(product pricing.ProductID, n int) OrderID {
	var buf [sizeOfOrderID]byte
	id := append(appendHex(append(buf[:0], topUpPrefix...), fnv(string(product))), '-')
	return OrderID(strconv.AppendInt(id, int64(n), 10))
}

// covers reports whether the order's minutes can be spent on a product.
func (o *Order) covers(product pricing.ProductID) bool {
	return slices.ContainsFunc(o.Deliveries, func(d Delivery) bool {
		return d.Grant != nil && slices.Contains(d.Grant.Products, product)
	})
}

// topUpPeriod returns the period in which automatic top-ups of a product are counted at an instant: that of the
// subscription which is running, or else the calendar month.
func (a *Application) topUpPeriod(product pricing.ProductID, zone pricing.Zone, at time.Time) (pricing.Period, error) {
	if s := a.latest(product); s != nil && !s.Status.Over() {
		if c, running := s.Current(at); running {
			return c.Period, nil
		}
	}
	last := zone.DateOf(at).MonthEnd()
	next, err := last.AddDays(1)
	if err != nil {
		return pricing.Period{}, err
	}
	first, err := next.AddMonths(-1)
	return pricing.Period{Start: zone.StartOf(first), End: zone.StartOf(next), Zone: zone.Name()}, err
}

// countIn has an automatic top-up count in a period, from nothing if the period is a later one than before.
func (t *AutoTopUp) countIn(p pricing.Period) {
	if p.Start.After(t.Since) {
		t.Since, t.Bought, t.Attempts = p.Start, 0, 0
	}
}

// boughtTopUp counts an order that is paid.
func (d *Draft) boughtTopUp(o *Order, zones Zones) error {
	t := d.Application.autoTopUp(o.Product)
	if t == nil { // the application was closed
		return nil
	}
	zone, err := zones(o.Deliveries[0].Grant.Zone)
	if err != nil {
		return err
	}
	period, err := d.Application.topUpPeriod(t.Product, zone, d.Now)
	if err != nil {
		return err
	}
	t.countIn(period)
	t.Bought++
	t.Attempts, t.HeldUntil = 0, time.Time{}
	return nil
}

// declinedTopUp stops an automatic top-up after a decline that makes further orders pointless, unless another payment
// method was reported since the order was placed, or the customer has paid an order by hand.
func (d *Draft) declinedTopUp(o *Order) {
	t := d.Application.autoTopUp(o.Product)
	if t == nil || !o.Reason.Hard() || t.Attempts == 0 {
		return
	}
	t.Stopped = o.Reason
	d.AddEvent(Event{Type: EventAutoTopUpStopped, Product: t.Product, Order: o.ID, Reason: o.Reason})
}

// resumeTopUps lets automatic top-ups go on that declines had stopped or held back.
func (d *Draft) resumeTopUps() {
	for i := range d.Application.AutoTopUps {
		t := &d.Application.AutoTopUps[i]
		t.Stopped, t.Attempts, t.HeldUntil = "", 0, time.Time{}
	}
}

// endTopUps turns off the automatic top-ups that would buy again what is taken back of an order: the one that placed it,
// and those of the products that its package or pack gave minutes for.
func (d *Draft) endTopUps(o *Order) {
	a := &d.Application
	for i := range a.AutoTopUps {
		t := &a.AutoTopUps[i]
		lost := o.topsUp() && o.Product == t.Product || slices.ContainsFunc(a.Lots, func(l Lot) bool {
			return l.Order == o.ID && (l.Source == FromPackage || l.Source == FromTopUp) && l.Covers(t.Product)
		})
		if lost && !t.Off {
			t.Off = true
			d.AddEvent(Event{Type: EventAutoTopUpOff, Product: t.Product, Order: o.ID})
		}
	}
}

func (t *AutoTopUp) size() int {
	return sizeOfAutoTopUp + textSize(t.Product) + textSize(t.Pack) + textSize(t.Agreement)
}
