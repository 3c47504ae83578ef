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
}

// eligible asks the hook about what a command orders or gives.
func (s *Service) eligible(ctx context.Context, cmd Command, c *Change, cat *pricing.Catalog) error {
	if s.opts.Eligible == nil {
		return nil
	}
	e := Eligibility{Application: c.Application, Account: c.Next.Account, Command: cmd}
	o, err := placed(c)
	if err == nil && o.Kind != UsageOrder {
		e.Order = o.Clone()
	} else if !c.gives() {
		return nil
	}
	switch p := cmd.(type) {
	case Purchase:
		e.Offer = p.Offer
	case *Purchase:
		e.Offer = p.Offer
	}
	if version, err := cat.Version(e.Order.Product, e.Order.Version); err == nil && e.Order.Kind == PurchaseOrder {
		e.Trial = version.Trial
	}
	if err := s.opts.Eligible(ctx, e); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrNotEligible, named(e.Account), err)
	}
	return nil
}

// gives reports whether a change gives credit that nothing is ordered for.
func (c *Change) gives() bool {
	return slices.ContainsFunc(c.Events, func(e Event) bool { return e.Type == EventFreeClaimed || e.Type == EventPayAsYouGo })
}
