package subscription

import (
	"context"
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// Eligibility is what an [Options.Eligible] hook is asked about.
type Eligibility struct {
	Application ApplicationID
	Account     AccountID
	Command     Command         // what the customer asks for
	Offer       pricing.OfferID // of a purchase; "" for the list price
	Order       Order           // not placed yet: kind, product, version, amount and lines are set; zero if nothing is ordered
	Trial       pricing.Trial   // the limits of a trial that is purchased; the zero value otherwise

	store Store
}

// Taken returns how often the account has purchased what the order is for, in all its applications: the version under
// the offer, or a trial of the version under any; purchases that wait for their payment count. It is 0 for what isn't a
// purchase. It loads each of the account's applications.
func (e Eligibility) Taken(ctx context.Context) (int, error) {
	if e.store == nil || e.Order.Kind != PurchaseOrder {
		return 0, nil
	}
	taken := 0
	err := eachOf(ctx, e.store, e.Account, func(a *Application) error {
		taken += a.taken(e.Order.Product, e.Order.Version, e.Offer, e.Trial != pricing.Trial{})
		return nil
	})
	return taken, err
}

// eligible checks what a command orders or gives against the account's limits and arrears, and asks the hook.
func (s *Service) eligible(ctx context.Context, cmd Command, c *Change, cat *pricing.Catalog) error {
	e := Eligibility{Application: c.Application, Account: c.Next.Account, Command: cmd, store: s.store}
	o, err := placed(c)
	switch {
	case err == nil && o.Kind != UsageOrder:
		e.Order = o.Clone()
	case !c.gives():
		return nil
	default:
		if err := s.pays(ctx, e.Account); err != nil {
			return err
		}
	}
	if e.Order.Kind == PurchaseOrder {
		if err := s.limited(ctx, &e, cat); err != nil {
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

// limited completes what is asked about a purchase, and fails with [ErrTrialLimit] or [ErrOffer] for a trial or an offer
// that the account has had as often as it may.
func (s *Service) limited(ctx context.Context, e *Eligibility, cat *pricing.Catalog) error {
	if x := e.Order.extension(); x != nil {
		e.Offer = x.Offer
	}
	limits := []struct {
		most   int
		reason error
		what   string
	}{{0, ErrTrialLimit, "trials"}, {0, ErrOffer, "purchases under the offer"}}
	if version, err := cat.Version(e.Order.Product, e.Order.Version); err == nil {
		e.Trial = version.Trial
		limits[0].most = e.Trial.PerAccount
	}
	for _, offer := range cat.Offers(e.Order.Product, e.Order.Version) {
		if offer.ID == e.Offer {
			limits[1].most = offer.PerAccount
		}
	}
	for _, l := range limits {
		if l.most == 0 {
			continue
		}
		taken, err := e.Taken(ctx)
		if err != nil {
			return err
		}
		if taken >= l.most {
			return fmt.Errorf("%w: %s has had %d %s of %s", l.reason, named(e.Account), taken, l.what,
				item(e.Order.Product, e.Order.Version))
		}
	}
	return nil
}

// gives reports whether a change gives credit that nothing is ordered for.
func (c *Change) gives() bool {
	return slices.ContainsFunc(c.Events, func(e Event) bool { return e.Type == EventFreeClaimed || e.Type == EventPayAsYouGo })
}

// pays fails with [ErrArrears] while usage of any of an account's applications isn't paid.
func (s *Service) pays(ctx context.Context, account AccountID) error {
	return eachOf(ctx, s.store, account, func(a *Application) error {
		if a.Arrears.Since.IsZero() {
			return nil
		}
		return fmt.Errorf("%w: of %s", ErrArrears, named(a.ID))
	})
}

// taken counts purchases of a version under an offer, or of a trial under any.
func (a *Application) taken(product pricing.ProductID, version pricing.VersionID, offer pricing.OfferID, trial bool) int {
	n := 0
	for _, b := range a.Bought {
		if b.Product == product && b.Version == version && (trial || b.Offer == offer) {
			n += b.Count
		}
	}
	for i := range a.Orders {
		o := &a.Orders[i]
		x := o.extension()
		if o.Kind == PurchaseOrder && o.Status.Blocking() && x != nil &&
			o.Product == product && o.Version == version && (trial || x.Offer == offer) {
			n++
		}
	}
	return n
}

// eachOf calls do for the applications of an account, as they are stored, until it fails.
func eachOf(ctx context.Context, st Store, account AccountID, do func(*Application) error) error {
	const page = 100
	reads := make([]Read, 0, page)
	look := func() error {
		snapshots, err := st.Load(ctx, reads...)
		if err != nil {
			return err
		}
		for i := range snapshots {
			if err := do(&snapshots[i].Application); err != nil {
				return err
			}
		}
		reads = reads[:0]
		return nil
	}
	for id, err := range st.ApplicationsOf(ctx, account) {
		if err != nil {
			return err
		}
		if reads = append(reads, Read{Application: id}); len(reads) == page {
			if err := look(); err != nil {
				return err
			}
		}
	}
	if len(reads) == 0 {
		return nil
	}
	return look()
}
