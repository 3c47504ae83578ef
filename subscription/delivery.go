package subscription

import "time"

// Delivery says what an order gives when it is paid. It is plain data from a closed set: exactly one field is set.
// Settling reads nothing else, so an order can be delivered long after the catalog has changed. An order has at most
// one delivery of a kind per subscription, and at most one [GrantDelivery]. An order without deliveries is a fee.
type Delivery struct {
	Extend  *ExtendDelivery  `json:"extend,omitempty"`
	Upgrade *UpgradeDelivery `json:"raise,omitempty"`
	Grant   *GrantDelivery   `json:"grant,omitempty"`
	Usage   *UsageDelivery   `json:"bill,omitempty"`
}

// effect is one kind of delivery. Everything that differs between the kinds is here, and each kind has its own file.
type effect interface { //nolint:interfacebloat // everything that differs between the kinds, and nothing else
	// possible returns why an order with this delivery must not be placed at the draft's instant, whatever its price.
	possible(d *Draft, zones Zones) error
	// undeliverable returns why the delivery can't be made at t, or "" if it can.
	undeliverable(a *Application, t time.Time) string
	// give applies the delivery to the application, once undeliverable has found no obstacle.
	give(d *Draft, o *Order, zones Zones) error
	// given reports whether the result of a change shows that the delivery was made for an order.
	given(after after, order OrderID) bool
	// obstacle returns why what was given can't be taken back.
	obstacle(a *Application, o *Order, how undo) obstacle
	// undo takes back what was given, except for the minutes of its lots, once obstacle has found none. It reports whether
	// nothing is left of it.
	undo(d *Draft, o *Order, how undo) bool
	// reinstate gives again what was suspended, and reports whether there was anything, or returns why that isn't possible.
	// The lots follow if it is.
	reinstate(d *Draft, o *Order) (given bool, problem string)
	// digest adds all its fields.
	digest(h *digester)
	// size is an upper bound for its space in a document in addition to [sizeOfDelivery]. growth is an upper bound for
	// how much the document grows when the delivery is made.
	size() int
	growth() int
	equal(d Delivery) bool
	clone() Delivery
}

// after holds the parts of a change's result in which deliveries show.
type after struct {
	subscriptions []Subscription
	counters      []UsageCounter
	entries       []Entry
}

func (a after) subscription(id SubscriptionID) *Subscription {
	return findSubscription(a.subscriptions, id)
}

// effect returns the one effect of the delivery, or nil unless exactly one field is set.
func (d Delivery) effect() effect {
	var one effect
	n := 0
	if d.Extend != nil {
		one, n = d.Extend, n+1
	}
	if d.Upgrade != nil {
		one, n = d.Upgrade, n+1
	}
	if d.Grant != nil {
		one, n = d.Grant, n+1
	}
	if d.Usage != nil {
		one, n = d.Usage, n+1
	}
	if n != 1 {
		return nil
	}
	return one
}

// equal reports whether two deliveries have the same single effect.
func (d Delivery) equal(e Delivery) bool {
	g := d.effect()
	return g != nil && e.effect() != nil && g.equal(e)
}

func (d Delivery) clone() Delivery {
	if g := d.effect(); g != nil {
		return g.clone()
	}
	return d
}
