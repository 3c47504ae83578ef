package subscription

import (
	"context"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// Eligibility is what an [Options.Eligible] hook decides about.
type Eligibility struct {
	Application ApplicationID
	Account     AccountID
	Command     Command         // the customer's request
	Offer       pricing.OfferID // of a purchase; "" for the list price
	Order       Order           // not placed yet: kind, product, version, amount and lines are set; zero if nothing is ordered
	Trial       pricing.Trial   // the limits of a purchased trial; otherwise zero

	siblings *siblings
}

// Taken returns how often the account has purchased what the order is for, across all its applications: the version
// under the offer, or, for a trial, the version under any offer. Purchases waiting for payment count. It returns 0 if
// the order isn't a purchase. It loads each of the account's applications, once per request.
func (e Eligibility) Taken(ctx context.Context) (int, error) {
	if e.siblings == nil || e.Order.Kind != PurchaseOrder {
		return 0, nil
	}
	what := bought{product: e.Order.Product, version: e.Order.Version, offer: e.Offer}
	if (e.Trial != pricing.Trial{}) {
		what.offer, what.any = "", true
	}
	return e.siblings.taken(ctx, what)
}

// eligible checks what a command orders or gives against the account's limits and arrears, and calls the hook.
func (s *Service) eligible(ctx context.Context, cmd Command, c *Change, cat *pricing.Catalog, of *siblings) error {
	of.store, of.account = s.store, c.Next.Account
	e := Eligibility{Application: c.Application, Account: c.Next.Account, Command: cmd, siblings: of}
	o, err := placed(c)
	orders, gives := err == nil && o.Kind != UsageOrder && !o.Kind.given(), c.gives()
	if !orders && !gives && !c.changes() {
		return nil
	}
	if orders {
		e.Order = o.Clone()
	}
	if gives {
		if err := of.refuseArrears(ctx, &c.Next); err != nil {
			return err
		}
	}
	if e.Order.Kind == PurchaseOrder {
		if err := e.limited(ctx, cat); err != nil {
			return err
		}
	}
	if s.opts.Eligible == nil {
		return nil
	}
	if err := s.opts.Eligible(ctx, e); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNotEligible, named(e.Account), err)
	}
	return nil
}

// limited fills in the facts about a purchase. It fails with [ErrTrialLimit] or [ErrOffer] if the account has used up
// the trial or the offer.
func (e *Eligibility) limited(ctx context.Context, cat *pricing.Catalog) error {
	if x := e.Order.extension(); x != nil {
		e.Offer = x.Offer
	}
	o := &e.Order
	limits := []struct {
		most   int
		of     bought
		reason error
	}{
		{of: bought{o.Product, o.Version, "", true}, reason: ErrTrialLimit},
		{of: bought{o.Product, o.Version, e.Offer, false}, reason: ErrOffer},
	}
	if version, err := cat.Version(o.Product, o.Version); err == nil {
		e.Trial = version.Trial
		limits[0].most = e.Trial.PerAccount
	}
	for _, offer := range cat.Offers(o.Product, o.Version) {
		if offer.ID == e.Offer {
			limits[1].most = offer.PerAccount
		}
	}
	for _, l := range limits {
		if l.most == 0 {
			continue
		}
		taken, err := e.siblings.taken(ctx, l.of)
		if err != nil {
			return err
		}
		if taken >= l.most {
			return fmt.Errorf("%w: %s has had %d of %s %s", l.reason, named(e.Account), taken, item(o.Product, o.Version), l.of.offer)
		}
	}
	return nil
}

// gives reports whether a change gives credit without an order.
func (c *Change) gives() bool {
	return slices.ContainsFunc(c.Events, func(e Event) bool { return e.Type == EventFreeClaimed || e.Type == EventPayAsYouGo })
}

// siblings are all applications of an account as one request sees them. They are read once for each question, even if the
// request is decided again after a conflict.
type siblings struct {
	store          Store
	account        AccountID
	checkedArrears bool // none of them is in arrears
	counts         map[bought]int
}

// refuseArrears fails with [ErrArrears] while any of the applications is in arrears. The one that is decided about is as the
// decision knows it, since its arrears may have begun after the others were read.
func (s *siblings) refuseArrears(ctx context.Context, decided *Application) error {
	refuse := func(a *Application) error {
		if a.Arrears.Since.IsZero() {
			return nil
		}
		return fmt.Errorf("%w: application %s", ErrArrears, named(a.ID))
	}
	if err := refuse(decided); err != nil || s.checkedArrears {
		return err
	}
	err := s.each(ctx, refuse)
	s.checkedArrears = err == nil
	return err
}

// taken counts purchases, including those waiting for payment.
func (s *siblings) taken(ctx context.Context, what bought) (int, error) {
	if n, ok := s.counts[what]; ok {
		return n, nil
	}
	n := 0
	err := s.each(ctx, func(a *Application) error {
		n += a.bought(what)
		for i := range a.Orders {
			o := &a.Orders[i]
			if x := o.extension(); x != nil && o.Kind == PurchaseOrder && o.Status.Blocking() && what.is(o.Product, o.Version, x.Offer) {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if s.counts == nil {
		s.counts = map[bought]int{}
	}
	s.counts[what] = n
	return n, nil
}

// each calls do for each application as stored, and stops at the first error.
func (s *siblings) each(ctx context.Context, do func(*Application) error) error {
	var reads []Read
	for id, err := range s.store.ApplicationsOf(ctx, s.account) {
		if err != nil {
			return err
		}
		reads = append(reads, Read{Application: id})
	}
	for page := range slices.Chunk(reads, 100) {
		snapshots, err := s.store.Load(ctx, page...)
		if err != nil {
			return err
		}
		for i := range snapshots {
			if err := do(&snapshots[i].Application); err != nil {
				return err
			}
		}
	}
	return nil
}
