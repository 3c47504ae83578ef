package main

import (
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// orderTitle says in a few words what an order is for.
func (c *console) orderTitle(o subscription.Order) string {
	what := ""
	if o.Product != "" {
		what = " " + c.productName(o.Product)
		if o.Version != "" {
			what += " " + c.versionName(o.Product, o.Version)
		}
	}
	switch o.Kind {
	case subscription.PurchaseOrder:
		return "Purchase of" + what
	case subscription.UpgradeOrder:
		return "Upgrade to" + what
	case subscription.RenewalOrder:
		return "Renewal of" + what + several(o)
	case subscription.TopUpOrder:
		return "Top-up" + c.sizes(o)
	case subscription.UsageOrder:
		return "Pay-as-you-go usage"
	case subscription.GiftOrder:
		return "Gift of minutes"
	case subscription.ImportOrder:
		return "Taken over:" + what
	}
	return string(o.Kind) + what
}

// several says how many periods an order pays for, if it is more than one.
func several(o subscription.Order) string {
	for _, d := range o.Deliveries {
		if d.Extend != nil && d.Extend.Count > 1 {
			return ", " + plural(d.Extend.Count, "period")
		}
	}
	return ""
}

// sizes says how many minutes a top-up has: ", 2 × 25,000 minutes".
func (c *console) sizes(o subscription.Order) string {
	for _, d := range o.Deliveries {
		if d.Grant == nil || len(o.Lines) == 0 {
			continue
		}
		if p, err := c.catalog.Pack(pricing.PackID(o.Lines[0].Item)); err == nil && !p.Custom() && d.Grant.Minutes > p.Minutes {
			return ", " + grouped(d.Grant.Minutes/p.Minutes) + " × " + grouped(p.Minutes) + " minutes"
		}
		return ", " + grouped(d.Grant.Minutes) + " minutes"
	}
	return ""
}
