package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// UpgradeDelivery moves the rest of the current period, and the cycles paid ahead, to a higher version.
type UpgradeDelivery struct {
	Subscription SubscriptionID    `json:"subscription"`
	Cycle        int               `json:"cycle"` // number of the current cycle; not delivered in any other
	From         pricing.VersionID `json:"from"`  // version it was priced from; not delivered from any other
	To           pricing.VersionID `json:"to"`
	Price        pricing.Money     `json:"price"`           // list price of To, recorded with every cycle
	Total        pricing.Money     `json:"total,omitzero"`  // Price with taxes; zero: the same as Price
	Minutes      int64             `json:"minutes"`         // for a whole period at To
	Grant        int64             `json:"grant"`           // minutes granted immediately
	Waived       bool              `json:"waived,omitzero"` // it was too small to charge: every cycle keeps its recorded price
	Ahead        []int64           `json:"ahead,omitempty"` // minutes added to each cycle paid ahead that it moves
	Kept         int               `json:"kept,omitzero"`   // number of cycles paid ahead, after those, that it doesn't move
	// Was is the previous state of the current cycle and of those paid ahead, so that it can be restored. It is empty
	// for orders from before it was recorded, and for those of your own commands that leave it out: such an upgrade
	// can't be undone.
	Was []UpgradedCycle `json:"was,omitempty"`
}

// UpgradedCycle is the state of a cycle before it was upgraded.
type UpgradedCycle struct {
	Version pricing.VersionID `json:"version"`
	Price   pricing.Money     `json:"price"`
	Total   pricing.Money     `json:"total,omitzero"`
	Minutes int64             `json:"minutes"`
}

// possible checks that an upgrade takes nothing away.
func (r *UpgradeDelivery) possible(d *Draft, _ Zones) error {
	s := d.Application.subscription(r.Subscription)
	if min(r.Minutes, r.Grant, int64(r.Kept), slices.Min(append([]int64{0}, r.Ahead...))) < 0 ||
		r.Price.Sign() < 0 || r.Price.Currency() != s.Currency {
		return fmt.Errorf("%w: %s isn't upgraded to %d minutes at %s", ErrInvalid, s.ID, r.Minutes, r.Price)
	}
	return nil
}

func (r *UpgradeDelivery) undeliverable(a *Application, t time.Time) string {
	s := a.subscription(r.Subscription)
	if s == nil || !s.Status.Live() && s.Status != Ended {
		return "the subscription is over"
	}
	i := s.current(t)
	if i < 0 || s.Cycles[i].Number != r.Cycle {
		return "the period has ended"
	}
	if slices.ContainsFunc(s.Cycles[i+1:], func(c Cycle) bool { return c.Begun }) {
		return "a later period has begun"
	}
	if s.Cycles[i].Version != r.From || len(s.Cycles)-i-1 != len(r.Ahead)+r.Kept {
		return "the version or the cycles paid ahead have changed"
	}
	return ""
}

// give moves the current cycle and those paid ahead to the higher version. The lot with the additional minutes covers
// the whole day of the upgrade, because that day counts as remaining.
func (r *UpgradeDelivery) give(d *Draft, o *Order, zones Zones) error {
	s := d.Application.subscription(r.Subscription)
	zone, err := zones(s.Zone)
	if err != nil {
		return err
	}
	i := s.current(d.Now)
	c := &s.Cycles[i]
	c.Version, c.Minutes = r.To, r.Minutes
	r.record(c)
	c.Granted += Minutes(r.Grant)
	for n, minutes := range r.Ahead {
		ahead := &s.Cycles[i+1+n]
		ahead.Version, ahead.Minutes = r.To, ahead.Minutes+minutes
		r.record(ahead)
	}
	d.addSubscriptionEvent(EventUpgraded, s, d.Now, Event{Version: r.To, Order: o.ID, Period: c.Period})
	covered := c.Period
	if day := zone.StartOf(zone.DateOf(d.Now)); day.After(covered.Start) {
		covered.Start = day
	}
	d.grant(Lot{
		Source: FromUpgrade, Products: []pricing.ProductID{s.Product}, Subscription: s.ID, Order: o.ID,
		Period: covered, Granted: Minutes(r.Grant),
	}, d.Now)
	o.Delivered = Delivered{Period: c.Period, Increment: Minutes(r.Grant), Total: c.Granted}
	if s.Planned != nil {
		d.dropPlanned(s, "upgraded to "+string(r.To))
		s.Renewal.AnnouncedPrice = pricing.Money{} // which was that of the change
	}
	if !s.Deal.names(s.Last()) {
		d.endDeal(s, noteOtherTerms)
	}
	return nil
}

// record sets the price from which the next upgrade of a cycle starts.
func (r *UpgradeDelivery) record(c *Cycle) {
	if !r.Waived {
		c.Price, c.Total = r.Price, r.Total
	}
}

func (r *UpgradeDelivery) given(after after, _ OrderID) bool {
	s := after.subscription(r.Subscription)
	if s == nil {
		return false
	}
	for n := range 1 + len(r.Ahead) {
		if y := s.cycle(r.Cycle + n); y == nil || y.Version != r.To || !r.Waived && (y.Price != r.Price || y.Total != r.Total) {
			return false
		}
	}
	return true
}

func (r *UpgradeDelivery) digest(h *digester) {
	h.text("raise")
	h.text(string(r.Subscription))
	h.number(int64(r.Cycle))
	h.text(string(r.From))
	h.text(string(r.To))
	h.money(r.Price)
	h.number(r.Minutes)
	h.number(r.Grant)
	h.number(int64(len(r.Ahead)))
	for _, m := range r.Ahead {
		h.number(m)
	}
	if r.Waived {
		h.text("waived")
	}
	if r.Kept > 0 {
		h.text("kept")
		h.number(int64(r.Kept))
	}
	if !r.Total.IsZero() {
		h.money(r.Total)
	}
}

func (r *UpgradeDelivery) size() int {
	n := textSize(r.Subscription) + textSize(r.From) + textSize(r.To) + len(r.Ahead)*sizeOfAhead
	for i := range r.Was {
		n += sizeOfUpgradedCycle + textSize(r.Was[i].Version)
	}
	return n
}

// The version of every cycle may become a longer string, and there is one more lot.
func (r *UpgradeDelivery) growth() int {
	return sizeOfLot + textSize(r.Subscription) + sizeOfOrderID + 2*sizeOfVersion + (1+len(r.Ahead))*textSize(r.To)
}

func (r *UpgradeDelivery) equal(d Delivery) bool {
	q := d.Upgrade
	return q != nil && r.Subscription == q.Subscription && r.Cycle == q.Cycle && r.From == q.From && r.To == q.To &&
		r.Price == q.Price && r.Total == q.Total && r.Waived == q.Waived && r.Kept == q.Kept &&
		r.Minutes == q.Minutes && r.Grant == q.Grant && slices.Equal(r.Ahead, q.Ahead) &&
		slices.Equal(r.Was, q.Was)
}

func (r *UpgradeDelivery) clone() Delivery {
	c := *r
	c.Ahead, c.Was = slices.Clone(r.Ahead), slices.Clone(r.Was)
	return Delivery{Upgrade: &c}
}
