package subscription

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Entitlement is what the customer may use of a product at an instant. It is the zero value if the product isn't in
// service.
type Entitlement struct {
	Service  bool              `json:"service"`
	Version  pricing.VersionID `json:"version,omitzero"`   // in force
	Features map[string]string `json:"features,omitempty"` // of the version, from the catalog; none for a version that it lacks
	// Overdraft is what may be used beyond the product's minutes, see [Application.Overdraft].
	Overdraft Overdraft `json:"overdraft,omitzero"`
}

// Entitlement returns what the customer may use of a product at t. This is what a host asks before it gives service: a
// status doesn't tell, since service outlasts the paid period by the grace time, whether or not the customer renews, and
// stops while usage isn't paid, and when the application is closed.
//
// An instant before that of the application's last change counts as the latter. For a later one, the result is what time
// alone makes of the application: nothing is paid, and no renewal is charged.
//
// Minutes are another question, see [Application.Minutes]: packs and free minutes can be spent without a subscription.
// It fails with a [pricing.ErrZone] for a zone that can't be loaded.
func (a Application) Entitlement(product pricing.ProductID, cat *pricing.Catalog, t time.Time) (Entitlement, error) {
	change, err := Advance(a, cat, t)
	if err != nil {
		return Entitlement{}, err
	}
	if !change.IsZero() {
		a = change.Next
	}
	s := a.latest(product)
	if s == nil || !s.InService() || a.Arrears.Interrupted || !a.ClosedAt.IsZero() {
		return Entitlement{}, nil
	}
	version := s.Version()
	return Entitlement{
		Service: true, Version: version, Features: cat.Features(product, version), Overdraft: a.Overdraft(product, cat, a.at(t)),
	}, nil
}

// Entitlement returns what the customer may use of a product now; see [Application.Entitlement]. It fails with
// [ErrNotFound], with [ErrInvalid] if the ID isn't valid, and with the store's errors. Like every read, it is never
// refused because of the clock.
func (s *Service) Entitlement(ctx context.Context, app ApplicationID, product pricing.ProductID) (Entitlement, error) {
	a, err := s.Application(ctx, app)
	if err != nil {
		return Entitlement{}, err
	}
	cat, err := s.Catalog()
	if err != nil {
		return Entitlement{}, err
	}
	return a.Entitlement(product, cat, a.AsOf)
}
