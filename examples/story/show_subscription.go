package main

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

type applicationShown struct {
	Application subscription.Application `json:"application"`
}

// showApplication shows the whole document of an application.
func showApplication(ctx context.Context, w *world, s *step, _ struct{}) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	return applicationShown{now.app}, nil
}

type subscriptionQuestion struct {
	Product pricing.ProductID `json:"product" step:"needed"`
}

type subscriptionShown struct {
	Subscription subscriptionView `json:"subscription"`
}

type subscriptionView struct {
	ID        subscription.SubscriptionID `json:"id"`
	Product   pricing.ProductID           `json:"product"`
	Version   pricing.VersionID           `json:"version"`
	Status    subscription.Status         `json:"status"`
	InService bool                        `json:"in_service"`
	AutoRenew bool                        `json:"auto_renew"`
	Features  map[string]string           `json:"features,omitempty"`
	Period    *period                     `json:"period,omitempty"` // the current one
	PaidUntil time.Time                   `json:"paid_until"`
	Term      pricing.Term                `json:"term"`
	Price     pricing.Money               `json:"price"` // recorded for the current period
}

// period is the time between two instants.
type period struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// showSubscription shows the last subscription to a product.
func showSubscription(ctx context.Context, w *world, s *step, q subscriptionQuestion) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	sub, ok := now.app.Latest(q.Product)
	if !ok {
		return nil, fmt.Errorf("%w: a subscription to %.80q", subscription.ErrNotFound, string(q.Product))
	}
	entitled, err := now.app.Entitlement(q.Product, w.catalog, w.clock)
	if err != nil {
		return nil, err
	}
	v := subscriptionView{
		ID: sub.ID, Product: sub.Product, Version: sub.Version(), Status: sub.Status,
		InService: entitled.Service, AutoRenew: sub.AutoRenew,
		Features: w.catalog.Features(sub.Product, sub.Version()), PaidUntil: sub.End(), Term: sub.Anchor.Term,
	}
	if cycle, ok := sub.Current(w.clock); ok {
		v.Period, v.Price = &period{cycle.Period.Start, cycle.Period.End}, cycle.Price
	}
	return subscriptionShown{v}, nil
}
