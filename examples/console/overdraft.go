package main

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// overdraft is what can be used of a product beyond its minutes, and what was. It is in no sum of minutes.
type overdraft struct {
	subscription.Overdraft

	Product pricing.ProductID
	Grace   bool   // it is lent for the grace time, as grace minutes
	Until   string // the end of that time
}

// overdraft returns the overdraft of an application's package, or nil if nothing is lent and nothing is owed.
func (c *console) overdraft(app *subscription.Application, s subscription.Subscription, now time.Time) *overdraft {
	o := overdraft{Overdraft: app.Overdraft(s.Product, c.catalog, now), Product: s.Product}
	if o.Limit == 0 && o.Owed == 0 {
		return nil
	}
	if _, paid := s.Current(now); !paid && o.Limit > 0 {
		o.Grace, o.Until = true, c.whenText(s.End().Add(c.catalog.ServiceTerms().Grace))
	}
	return &o
}

// Name is what it is called beside the minutes.
func (o *overdraft) Name() string {
	if o.Grace {
		return "Grace minutes"
	}
	return "Overdraft"
}

// Text is how much of it was used and is left: 100 owed, 200 left of 300.
func (o *overdraft) Text() string {
	if o.Limit == 0 {
		return minutesText(o.Owed) + " owed, none left"
	}
	return fmt.Sprintf("%s owed, %s left of %s", minutesText(o.Owed), minutesText(o.Left), minutesText(o.Limit))
}

// Says tells what it is.
func (o *overdraft) Says() string {
	const repaid = "The next minutes of a package, an upgrade or a top-up repay them."
	switch {
	case o.Limit == 0:
		return "Minutes that are owed were used beyond what was there. " + repaid
	case o.Grace:
		return fmt.Sprintf("Grace minutes can be used until %s once no others are left, and are owed then, together with what "+
			"was owed before. %s", o.Until, repaid)
	}
	return "Minutes of the overdraft can be used once no others are left, and are owed then. " + repaid
}
