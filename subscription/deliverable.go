package subscription

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// MaxCount is how many periods one order can pay for.
const MaxCount = 120

// deliverable returns why an order couldn't be delivered, or kept, if it were paid now, so that nobody pays
// for what can't be given.
func (d *Draft) deliverable(o *Order, zones Zones) error {
	if why := d.Application.Obstacle(*o, d.Now); why != "" {
		return fmt.Errorf("%w: %s", ErrInvalid, why)
	}
	for _, v := range o.Deliveries {
		if !v.valid() {
			return fmt.Errorf("%w: a delivery of nothing", ErrInvalid)
		}
		var err error
		switch {
		case v.Extend != nil:
			err = d.extendable(v.Extend, zones)
		case v.Raise != nil:
			err = d.raisable(v.Raise)
		case v.Grant != nil:
			err = d.grantable(v.Grant, zones)
		default:
			return nil // a bill frees room
		}
		if err != nil {
			return err
		}
	}
	d.dropSpent()
	// Top-ups leave room for what a subscription needs to go on.
	most := MaxDocument
	if o.Kind == TopUpOrder {
		most = MaxDocument / 4 * 3
	}
	if size := d.Application.size() + o.size() + quoted(o.Application)*2 + sizeOfOrderID*2 + o.gives(); size > most {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, size, most)
	}
	return nil
}

// dropSpent drops the lots of no subscription that are spent, so that what is bought takes the room of what
// was used. The lots of a subscription stay to its period's end, since they tell whether it was used.
func (d *Draft) dropSpent() {
	d.Application.Lots = slices.DeleteFunc(d.Application.Lots, func(l Lot) bool {
		spent := l.Subscription == "" && l.Remaining == 0 && l.Reserved == 0
		if spent && l.Warned == 0 {
			// The day of its purchase had used it already, and nobody was warned.
			d.Note(Event{Type: EventLowBalance, Lot: l.ID, Order: l.Order, Note: "0%"})
		}
		if spent {
			d.Note(Event{Type: EventLotSpent, Lot: l.ID, Order: l.Order})
		}
		return spent
	})
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
	s := d.Application.subscription(e.Subscription)
	if s == nil {
		return nil // it is opened
	}
	if e.Zone != s.Zone || e.Product != s.Product || e.Price.Currency() != s.Currency ||
		e.Term != s.Anchor.Term && s.Status != Interrupted {
		return fmt.Errorf("%w: %s isn't extended by %s of %s in %s for %s", ErrInvalid, s.ID, e.Term, e.Product, e.Zone, e.Price)
	}
	_, err = s.Anchor.Period(s.Next+last, zone)
	return err
}

// raisable checks that an upgrade takes nothing away.
func (d *Draft) raisable(r *Raise) error {
	s := d.Application.subscription(r.Subscription)
	if min(r.Minutes, r.Grant, slices.Min(append([]int64{0}, r.Ahead...))) < 0 ||
		r.Price.Sign() < 0 || r.Price.Currency() != s.Currency {
		return fmt.Errorf("%w: %s isn't raised to %d minutes at %s", ErrInvalid, s.ID, r.Minutes, r.Price)
	}
	return nil
}

// grantable checks that minutes can be granted, and that their validity is a time.
func (d *Draft) grantable(g *Grant, zones Zones) error {
	if g.Minutes < 1 || len(g.Products) == 0 {
		return fmt.Errorf("%w: a grant of %d minutes for %d products", ErrInvalid, g.Minutes, len(g.Products))
	}
	zone, err := zones(g.Zone)
	if err != nil {
		return err
	}
	_, err = g.Validity.Period(zone.DateOf(d.Now), zone)
	return err
}
