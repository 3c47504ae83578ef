package subscription

import "time"

// Delivery is what an order gives when it is paid, as plain data of a closed set: exactly one field is
// set. Settling reads nothing else, so that an order can be delivered long after the catalog has
// changed. An order has at most one delivery of a kind for a subscription, and at most one [GrantDelivery]; one without any
// is a fee.
type Delivery struct {
	Extend  *ExtendDelivery  `json:"extend,omitempty"`
	Upgrade *UpgradeDelivery `json:"raise,omitempty"`
	Grant   *GrantDelivery   `json:"grant,omitempty"`
	Usage   *UsageDelivery   `json:"bill,omitempty"`
}

// effect is one kind of delivery. All that differs between the kinds is here, and each kind is one file.
type effect interface { //nolint:interfacebloat // all that differs between the kinds, none of which is anywhere else
	// possible returns why an order that gives it must not be placed at the draft's instant, whatever its price.
	possible(d *Draft, zones Zones) error
	// undeliverable returns why it can't be given at t, "" if it can.
	undeliverable(a *Application, t time.Time) string
	// give changes the application, on which no obstacle stands in the way.
	give(d *Draft, o *Order, zones Zones) error
	// given reports whether a change shows that it was given for an order.
	given(after after, order OrderID) bool
	// digest adds all its fields.
	digest(h *digester)
	// size bounds what it takes in a document beside [sizeOfDelivery], and growth how much larger the document is
	// once it is given.
	size() int
	growth() int
	equal(d Delivery) bool
	clone() Delivery
}

// after is what a change leaves and records, as far as deliveries show in it.
type after struct {
	subscriptions []Subscription
	counters      []UsageCounter
	entries       []Entry
}

func (a after) subscription(id SubscriptionID) *Subscription {
	of := Application{Subscriptions: a.subscriptions}
	return of.subscription(id)
}

// effect returns what the delivery gives, nil unless it is exactly one thing.
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

// equal reports whether two deliveries give the same one thing.
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
