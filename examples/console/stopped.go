package main

import (
	"context"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// stopped is something that isn't charged by itself anymore, since another attempt with the same payment method is
// pointless.
type stopped struct {
	App    subscription.ApplicationID
	What   string
	Reason payment.Reason
}

// stopped returns what isn't charged by itself anymore of a customer's applications.
func (c *console) stopped(ctx context.Context, cu customer) ([]stopped, error) {
	apps, err := c.applications(ctx, cu)
	if err != nil {
		return nil, err
	}
	var all []stopped
	for _, app := range apps {
		for _, s := range app.Subscriptions {
			if why := s.Renewal.Stopped; why != "" && s.AutoRenew {
				all = append(all, stopped{app.ID, c.productName(s.Product) + " " + c.versionName(s.Product, s.Version()), why})
			}
		}
		if why := app.Arrears.Stopped; why != "" {
			all = append(all, stopped{app.ID, "Pay-as-you-go usage", why})
		}
	}
	return all, nil
}
