package subscription

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// MaxCount is how many periods one order can pay for.
const MaxCount = 120

// MaxDocument is the size, in bytes of JSON, that an application's document may have. What is ordered is
// refused before it is paid where it could exceed that.
const MaxDocument = 256 << 10

// Upper bounds of what the parts of a document take in JSON, beside their texts.
const (
	sizeOfCycle = 400
	sizeOfLot   = 500
	sizeOfOrder = 2000
	sizeOfRest  = 1000 // the application itself, a subscription, or any other part
)

// size estimates how large the document is, from above for texts of usual lengths.
func (a *Application) size() int {
	n := sizeOfRest + len(a.Lots)*sizeOfLot + len(a.Bought)*sizeOfRest/4
	for i := range a.Subscriptions {
		n += sizeOfRest + len(a.Subscriptions[i].Cycles)*sizeOfCycle
	}
	for i := range a.Orders {
		n += sizeOfOrder + len(a.Orders[i].Lines)*sizeOfCycle
	}
	return n
}

// deliverable returns why an order couldn't be delivered, or kept, if it were paid now, so that nobody pays
// for what can't be given.
func (d *Draft) deliverable(o *Order, zones Zones) error {
	if why := d.Application.Obstacle(*o, d.Now); why != "" {
		return fmt.Errorf("%w: %s", ErrInvalid, why)
	}
	size := d.Application.size() + sizeOfOrder + len(o.Lines)*sizeOfCycle
	for _, v := range o.Deliveries {
		if !v.valid() {
			return fmt.Errorf("%w: a delivery of nothing", ErrInvalid)
		}
		if v.Extend != nil {
			if err := d.extendable(v.Extend, zones); err != nil {
				return err
			}
			size += v.Extend.Count*sizeOfCycle + sizeOfRest
		}
	}
	if size += sizeOfLot; size > MaxDocument {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, size, MaxDocument)
	}
	return nil
}

// extendable checks that all periods of a delivery exist, also if it starts again on a later day.
func (d *Draft) extendable(e *Extend, zones Zones) error {
	zone, err := zones(e.Zone)
	if err != nil {
		return err
	}
	if e.Count < 1 || e.Count > MaxCount || e.Minutes < 0 || e.Price.Sign() < 0 {
		return fmt.Errorf("%w: %d periods of %d minutes at %s", ErrInvalid, e.Count, e.Minutes, e.Price)
	}
	anchor, last := pricing.Anchor{Date: zone.DateOf(d.Now), Term: e.Term}, e.Count
	if _, err := anchor.Period(last, zone); err != nil {
		return err
	}
	if s := d.Application.subscription(e.Subscription); s != nil && !e.Open {
		_, err = s.Anchor.Period(s.Next+last, zone)
	}
	return err
}
