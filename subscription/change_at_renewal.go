package subscription

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// ErrNotChangeable means that another version or term can't be chosen for the next renewal: the product doesn't allow it,
// or the subscription, such as a trial, never renews.
var ErrNotChangeable = errors.New("subscription: not changeable at renewal")

// Planned is a change of version or term that takes effect with the first period that isn't paid for.
type Planned struct {
	Version pricing.VersionID `json:"version"`
	Term    pricing.Term      `json:"term"`
	At      time.Time         `json:"at"` // when it was requested
}

// ChangeAtRenewal chooses another version, higher or lower, or another term, for the first period that isn't paid for,
// whoever buys it: a worker, or the customer by renewing, ahead of time too. Until then nothing changes, and what is paid
// for stays as it is. With another term, the day of the month remains that of the first purchase.
//
// The present version and term, which an empty Version and Term stand for, undo a change that was chosen before. So does
// an [Upgrade]. If the version, or its price, is no longer in the catalog when the period falls due, or the version was
// withdrawn, the change is dropped, with an [EventChangeDropped], and the present version and term renew.
//
// The customer is told the new total with the command ([EventChangePlanned]), so that the first attempt charges it. The
// hook [Options.Eligible] is asked.
//
// It fails with:
//
//   - [ErrNotFound]: no such application, or it never had the product;
//   - [ErrNotChangeable]: the product doesn't allow it, or the subscription is a trial or over; or the version is a trial;
//   - [pricing.ErrUnknownProduct], [pricing.ErrUnknownVersion], [pricing.ErrNoPrice]: not in the catalog for the
//     subscription's currency;
//   - [ErrNotOnSale]: the version is withdrawn;
//   - [ErrOrderOpen]: an order for the subscription is still waiting for payment;
//   - the errors of [Draft.Taxed]; [pricing.ErrDate]; [ErrTooLarge].
type ChangeAtRenewal struct {
	Product pricing.ProductID `json:"product"`
	Version pricing.VersionID `json:"version,omitzero"` // "": the present one
	Term    pricing.Term      `json:"term,omitzero"`    // zero: the present one
}

// Kind returns "change_at_renewal".
func (ChangeAtRenewal) Kind() string { return "change_at_renewal" }

// Decide implements [Command].
func (c ChangeAtRenewal) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	sub := d.Application.latest(c.Product)
	if sub == nil {
		return Change{}, fmt.Errorf("%w: subscription to %.64q", ErrNotFound, string(c.Product))
	}
	present, term := sub.Last()
	if c.Version == "" {
		c.Version = present
	}
	if c.Term == (pricing.Term{}) {
		c.Term = term
	}
	if err := c.allowed(&d.Application, sub, cat); err != nil {
		return Change{}, err
	}
	if c.Version == present && c.Term == term {
		if sub.Planned == nil {
			return Change{}, nil
		}
		d.dropPlanned(sub, "undone by the customer")
		sub.Renewal.AnnouncedPrice = pricing.Money{} // which was that of the change
		return d.Change(), nil
	}
	if err := c.onSale(present, cat); err != nil {
		return Change{}, err
	}
	sub.Planned = &Planned{Version: c.Version, Term: c.Term, At: d.Now}
	if _, err := sub.terms(c.Version, c.Term, cat); err != nil {
		return Change{}, err
	}
	total, err := d.nextTotal(sub, cat)
	if err != nil {
		return Change{}, err
	}
	sub.Renewal.AnnouncedPrice = total
	d.addSubscriptionEvent(EventChangePlanned, sub, d.Now, Event{Version: c.Version, Amount: total, Note: c.Term.String()})
	return d.Change(), d.Application.roomForHoldings()
}

// allowed returns why nothing can be chosen, or nil if something can.
func (c ChangeAtRenewal) allowed(a *Application, sub *Subscription, cat *pricing.Catalog) error {
	product, err := cat.Product(c.Product)
	switch {
	case err != nil:
		return err
	case !product.ChangesAtRenewal:
		return fmt.Errorf("%w: %s", ErrNotChangeable, c.Product)
	case sub.Trial:
		return fmt.Errorf("%w: %s is a trial", ErrNotChangeable, sub.ID)
	case sub.Status.Over():
		return fmt.Errorf("%w: %s is %s", ErrNotChangeable, sub.ID, sub.Status)
	}
	if o := a.blocking(sub.ID); o != nil {
		return fmt.Errorf("%w: %s for %s", ErrOrderOpen, o.ID, sub.ID)
	}
	return nil
}

// onSale returns why the version can't be chosen, or nil if it can.
func (c ChangeAtRenewal) onSale(present pricing.VersionID, cat *pricing.Catalog) error {
	v, err := cat.Version(c.Product, c.Version)
	switch {
	case err != nil:
		return err
	case v.IsTrial():
		return fmt.Errorf("%w: %s is a trial", ErrNotChangeable, c.Version)
	case v.Withdrawn && c.Version != present:
		return fmt.Errorf("%w: %s/%s", ErrNotOnSale, c.Product, c.Version)
	}
	return nil
}

// nextTotal returns the total with taxes of the first period that isn't paid for.
func (d *Draft) nextTotal(s *Subscription, cat *pricing.Catalog) (pricing.Money, error) {
	t, err := s.NextTerms(cat)
	if err != nil {
		return pricing.Money{}, err
	}
	_, total, _, err := d.Taxed(t.Price, cat)
	return total, err
}

// dropPlanned drops the change that is planned for a subscription, if there is one, and says why.
func (d *Draft) dropPlanned(s *Subscription, why string) {
	if s.Planned == nil {
		return
	}
	version := s.Planned.Version
	s.Planned = nil
	d.addSubscriptionEvent(EventChangeDropped, s, d.Now, Event{Version: version, Note: why})
}

// DropPlanned drops the change that is planned for a subscription because it can't be made, and says why. It does nothing
// if none is planned. It fails with [ErrNotFound].
func (d *Draft) DropPlanned(id SubscriptionID, why string) error {
	s := d.Application.subscription(id)
	if s == nil {
		return fmt.Errorf("%w: subscription %.80q", ErrNotFound, string(id))
	}
	d.dropPlanned(s, why)
	return nil
}

// changes reports whether the change decides what is bought later: another version or term, or packs.
func (c *Change) changes() bool { return c.tells(EventChangePlanned) || c.tells(EventAutoTopUpOn) }
