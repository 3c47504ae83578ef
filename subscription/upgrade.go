package subscription

import (
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Upgrade moves the live subscription to a higher version of the product for the prorated difference. The new version
// applies from the moment of payment; the end of the period doesn't change. Cycles paid ahead move too, for their
// full difference, and auto-renewal continues with the new version. A change that was chosen for the next renewal
// ([ChangeAtRenewal]) is dropped; one that is paid for ahead stays, unless it is to a lower version for the same term.
//
// It fails with:
//
//   - [ErrNotFound]: no such application, or no live subscription to the product;
//   - [pricing.ErrUnknownProduct], [pricing.ErrUnknownVersion], [pricing.ErrNoPrice]: not in the catalog for the
//     subscription's term and currency;
//   - [ErrNotUpgradable]: the product can't be upgraded, or the subscription is a trial (purchase a paid version
//     instead);
//   - [ErrNotHigher], [ErrNotOnSale]: the version isn't higher, or is withdrawn;
//   - [ErrPeriodEnded]: the paid period is over;
//   - [ErrOrderOpen]: an order for the subscription is still waiting for payment;
//   - [ErrAgreementRequired]: the agreement in force wasn't accepted;
//   - [ErrNotEligible]: [Options.Eligible] refuses;
//   - the errors of [Draft.Place].
type Upgrade struct {
	Product pricing.ProductID `json:"product"`
	To      pricing.VersionID `json:"to"`
	// Agreement is the version that the customer accepts; "" if [Accept] was run before.
	Agreement string `json:"agreement,omitzero"`
}

// Kind returns "upgrade".
func (Upgrade) Kind() string { return "upgrade" }

// Decide implements [Command].
func (c Upgrade) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	to, err := cat.Version(c.Product, c.To)
	if err != nil {
		return Change{}, err
	}
	sub, known := s.Application.Latest(c.Product)
	if !known || !sub.Status.Live() && sub.Status != Ended {
		return Change{}, fmt.Errorf("%w: live subscription to %.64q", ErrNotFound, string(c.Product))
	}
	if err := c.allowed(sub, to, cat); err != nil {
		return Change{}, err
	}
	if o := s.Application.blocking(sub.ID); o != nil {
		return Change{}, fmt.Errorf("%w: %s for %s", ErrOrderOpen, o.ID, sub.ID)
	}
	d := Begin(s, now)
	current := sub.current(d.Now)
	if current < 0 {
		return Change{}, fmt.Errorf("%w: %s at %s", ErrPeriodEnded, sub.ID, sub.End().Format(time.RFC3339))
	}
	if slices.ContainsFunc(sub.Cycles[current+1:], func(c Cycle) bool { return c.Begun }) {
		return Change{}, fmt.Errorf("%w: a clock that was ahead began a later period of %s", ErrPeriodEnded, sub.ID)
	}
	if !sub.Cycles[current].Period.Contains(now) {
		now = d.Now // an earlier time, such as a quote's, only counts within the period
	}
	list, err := cat.List(c.Product, c.To, sub.termOf(&sub.Cycles[current]), sub.Currency)
	if err != nil {
		return Change{}, err
	}
	kept := c.keeps(&sub, current, to, cat)
	upgraded := len(sub.Cycles) - kept
	price, err := c.price(sub, current, upgraded, list, cat, now)
	if err != nil {
		return Change{}, err
	}
	agreement, err := d.Agree(cat, c.Agreement)
	if err != nil {
		return Change{}, err
	}
	_, err = d.Place(Order{
		Kind: UpgradeOrder, Subscription: sub.ID, Product: c.Product, Version: c.To,
		Catalog: cat.Revision(), Agreement: agreement,
		Deliveries: []Delivery{{Upgrade: &UpgradeDelivery{
			Subscription: sub.ID, Cycle: sub.Cycles[current].Number,
			From: sub.Cycles[current].Version, To: c.To,
			Price: list.Price, Minutes: list.Minutes, Grant: price.Minutes, Ahead: price.FutureMinutes,
			Kept: kept, Was: upgradedCycles(sub.Cycles[current:upgraded]),
		}}},
	}, price.Price, cat)
	return d.Change(), err
}

// allowed returns why the current version can't be upgraded to the other one, or nil if it can.
func (c Upgrade) allowed(sub Subscription, to pricing.Version, cat *pricing.Catalog) error {
	product, err := cat.Product(c.Product)
	if err != nil {
		return err
	}
	from, err := cat.Version(c.Product, sub.Version())
	if err != nil {
		return err
	}
	switch {
	case !product.Upgradable:
		return fmt.Errorf("%w: %s", ErrNotUpgradable, c.Product)
	case sub.Trial:
		return fmt.Errorf("%w: %s is a trial, purchase %s instead", ErrNotUpgradable, sub.ID, c.To)
	case to.IsTrial() || to.Rank <= from.Rank:
		return fmt.Errorf("%w: from %s to %s", ErrNotHigher, from.ID, to.ID)
	case to.Withdrawn:
		return fmt.Errorf("%w: %s/%s", ErrNotOnSale, c.Product, c.To)
	}
	return nil
}

// keeps returns how many of the cycles paid ahead, the last ones, stay as they are, since a change at renewal has come
// before they were paid for: from the first that is of another term, or of a version that isn't lower.
func (c Upgrade) keeps(s *Subscription, current int, to pricing.Version, cat *pricing.Catalog) int {
	now := &s.Cycles[current]
	for i := current + 1; i < len(s.Cycles); i++ {
		ahead := &s.Cycles[i]
		if ahead.Version == now.Version && s.termOf(ahead) == s.termOf(now) {
			continue
		}
		v, err := cat.Version(c.Product, ahead.Version)
		if err != nil || v.Rank >= to.Rank || s.termOf(ahead) != s.termOf(now) {
			return len(s.Cycles) - i
		}
	}
	return 0
}

// price computes the upgrade from what was recorded with each cycle when it was paid.
func (c Upgrade) price(sub Subscription, current, upgraded int, to pricing.Package, cat *pricing.Catalog, now time.Time,
) (pricing.UpgradePrice, error) {
	zone, err := cat.ZoneOf(sub.Zone)
	if err != nil {
		return pricing.UpgradePrice{}, err
	}
	u := pricing.Upgrade{
		Item: item(c.Product, c.To), Period: sub.Cycles[current].Period, Days: sub.Cycles[current].Days, At: now, Zone: zone,
		DayCount: cat.DayCount(), Rounding: cat.Rounding(), From: sub.Cycles[current].holding(), To: to,
	}
	for _, ahead := range sub.Cycles[current+1 : upgraded] {
		u.Future = append(u.Future, ahead.holding())
	}
	return pricing.PriceUpgrade(u)
}

func (c Cycle) holding() pricing.Package { return pricing.Package{Price: c.Price, Minutes: c.Minutes} }
