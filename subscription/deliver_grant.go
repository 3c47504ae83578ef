package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// GrantDelivery grants one lot of minutes, valid from the day of payment. It is spent as a top-up, even if it costs
// nothing: after free minutes and the minutes of packages; see [Lot.Before].
type GrantDelivery struct {
	Source   Source              `json:"source"`   // [FromTopUp], or [FromGift] in an order of kind [GiftOrder]
	Products []pricing.ProductID `json:"products"` // products that the minutes can be spent on
	Minutes  int64               `json:"minutes"`  // positive
	Validity pricing.Validity    `json:"validity"` // includes at least the day of payment
	Zone     string              `json:"zone"`     // the calendar for the validity, such as the name of the catalog's zone
}

// possible checks that the minutes can be granted and would be valid now.
func (g *GrantDelivery) possible(d *Draft, zones Zones) error {
	if g.Source != FromTopUp && g.Source != FromGift {
		return fmt.Errorf("%w: a grant with the source %.40q, want %q", ErrInvalid, g.Source, FromTopUp)
	}
	if g.Minutes < 1 || len(g.Products) == 0 {
		return fmt.Errorf("%w: a grant of %d minutes for %d products", ErrInvalid, g.Minutes, len(g.Products))
	}
	zone, err := zones(g.Zone)
	if err != nil {
		return err
	}
	period, err := g.Validity.Period(zone.DateOf(d.Now), zone)
	if err == nil && !period.Contains(d.Now) {
		err = fmt.Errorf("%w: minutes that can never be spent, with a validity of %d months", ErrInvalid, g.Validity.Months)
	}
	return err
}

func (g *GrantDelivery) undeliverable(*Application, time.Time) string { return "" }

// give opens a pack's lot. Its validity is counted from the day of payment and includes that whole day.
func (g *GrantDelivery) give(d *Draft, o *Order, zones Zones) error {
	zone, err := zones(g.Zone)
	if err != nil {
		return err
	}
	period, err := g.Validity.Period(zone.DateOf(d.Now), zone)
	if err != nil {
		return err
	}
	minutes := Minutes(g.Minutes)
	d.grant(Lot{Source: g.Source, Products: slices.Clone(g.Products), Order: o.ID, Period: period, Granted: minutes}, d.Now)
	o.Delivered = Delivered{Period: period, Increment: minutes, Total: minutes}
	return nil
}

func (g *GrantDelivery) given(after after, order OrderID) bool {
	return slices.ContainsFunc(after.entries, func(e Entry) bool {
		return e.Kind == EntryGranted && e.Order == order && e.Quantity == Minutes(g.Minutes)
	})
}

func (g *GrantDelivery) obstacle(*Application, *Order, undo) obstacle { return obstacle{} }

// undo does nothing: all that was given is a lot.
func (g *GrantDelivery) undo(*Draft, *Order, undo) bool { return true }

func (g *GrantDelivery) reinstate(*Draft, *Order) (given bool, problem string) { return true, "" }

func (g *GrantDelivery) digest(h *digester) {
	h.text("grant")
	h.text(string(g.Source))
	h.number(int64(len(g.Products)))
	for _, p := range g.Products {
		h.text(string(p))
	}
	h.number(g.Minutes)
	h.number(int64(g.Validity.Months))
	h.flag(g.Validity.ToMonthEnd)
	h.text(g.Zone)
}

func (g *GrantDelivery) size() int { return textSize(g.Zone) + listSize(g.Products) }

func (g *GrantDelivery) growth() int {
	return sizeOfLot + sizeOfOrderID + textSize(g.Zone) + listSize(g.Products)
}

func (g *GrantDelivery) equal(d Delivery) bool {
	q := d.Grant
	return q != nil && g.Source == q.Source && g.Minutes == q.Minutes && g.Validity == q.Validity && g.Zone == q.Zone &&
		slices.Equal(g.Products, q.Products)
}

func (g *GrantDelivery) clone() Delivery {
	c := *g
	c.Products = slices.Clone(g.Products)
	return Delivery{Grant: &c}
}
