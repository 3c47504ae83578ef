package document

import (
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func (d *decoder) deliveries() (deliveries []subscription.Delivery) {
	for more := d.list(); more; more = d.next() {
		deliveries = append(deliveries, d.delivery())
	}
	return deliveries
}

func (d *decoder) delivery() (v subscription.Delivery) {
	for o := d.object(ofDelivery); d.member(&o); {
		switch o.name {
		case "extend":
			v.Extend = d.extend()
		case "raise":
			v.Upgrade = d.raise()
		case "grant":
			v.Grant = d.grant()
		case "bill":
			v.Usage = d.bill()
		}
	}
	return v
}

func (d *decoder) extend() *subscription.ExtendDelivery {
	x := &subscription.ExtendDelivery{}
	for o := d.object(ofExtend); d.member(&o); {
		switch o.name {
		case "subscription":
			x.Subscription = subscription.SubscriptionID(d.string())
		case "product":
			x.Product = pricing.ProductID(d.string())
		case "version":
			x.Version = pricing.VersionID(d.string())
		case "term":
			x.Term = d.term()
		case "zone":
			x.Zone = d.string()
		case "open":
			x.Open = d.bool()
		case "trial":
			x.Trial = d.bool()
		case "auto_renew":
			x.AutoRenew = d.bool()
		case "from":
			x.From = d.time()
		case "day":
			x.Day = d.date()
		case "automatic":
			x.Automatic = d.bool()
		case "catch_up":
			x.CatchUp = d.bool()
		case "missed":
			x.Missed = d.bool()
		case "count":
			x.Count = d.int()
		case "price":
			x.Price = d.money()
		case "total":
			x.Total = d.money()
		case "minutes":
			x.Minutes = d.int64()
		case "deal":
			x.Deal = d.deal()
		case "dealt":
			x.Dealt = d.bool()
		case "beyond":
			x.Beyond = d.beyond()
		case "imported":
			x.Imported = d.imported()
		case "offer":
			x.Offer = pricing.OfferID(d.string())
		}
	}
	return x
}

func (d *decoder) beyond() *subscription.BeyondDeal {
	b := &subscription.BeyondDeal{}
	for o := d.object(ofBeyond); d.member(&o); {
		switch o.name {
		case "count":
			b.Count = d.int()
		case "price":
			b.Price = d.money()
		case "total":
			b.Total = d.money()
		}
	}
	return b
}

func (d *decoder) imported() *subscription.Imported {
	i := &subscription.Imported{}
	for o := d.object(ofImported); d.member(&o); {
		switch o.name {
		case "anchor":
			i.Anchor = d.date()
		case "paid_until":
			i.PaidUntil = d.date()
		case "minutes":
			i.Minutes = subscription.Quantity(d.int64())
		case "source":
			i.Source = d.string()
		}
	}
	return i
}

func (d *decoder) raise() *subscription.UpgradeDelivery {
	r := &subscription.UpgradeDelivery{}
	for o := d.object(ofRaise); d.member(&o); {
		switch o.name {
		case "subscription":
			r.Subscription = subscription.SubscriptionID(d.string())
		case "cycle":
			r.Cycle = d.int()
		case "from":
			r.From = pricing.VersionID(d.string())
		case "to":
			r.To = pricing.VersionID(d.string())
		case "price":
			r.Price = d.money()
		case "total":
			r.Total = d.money()
		case "minutes":
			r.Minutes = d.int64()
		case "grant":
			r.Grant = d.int64()
		case "waived":
			r.Waived = d.bool()
		case "ahead":
			for more := d.list(); more; more = d.next() {
				r.Ahead = append(r.Ahead, d.int64())
			}
		case "kept":
			r.Kept = d.int()
		case "was":
			for more := d.list(); more; more = d.next() {
				r.Was = append(r.Was, d.raised())
			}
		}
	}
	return r
}

func (d *decoder) raised() (r subscription.UpgradedCycle) {
	for o := d.object(ofRaised); d.member(&o); {
		switch o.name {
		case "version":
			r.Version = pricing.VersionID(d.string())
		case "price":
			r.Price = d.money()
		case "total":
			r.Total = d.money()
		case "minutes":
			r.Minutes = d.int64()
		}
	}
	return r
}

func (d *decoder) grant() *subscription.GrantDelivery {
	g := &subscription.GrantDelivery{}
	for o := d.object(ofGrant); d.member(&o); {
		switch o.name {
		case "source":
			g.Source = subscription.Source(d.string())
		case "products":
			g.Products = d.products()
		case "minutes":
			g.Minutes = d.int64()
		case "validity":
			g.Validity = d.validity()
		case "zone":
			g.Zone = d.string()
		}
	}
	return g
}

func (d *decoder) validity() (v pricing.Validity) {
	for o := d.object(ofValidity); d.member(&o); {
		switch o.name {
		case "months":
			v.Months = d.int()
		case "to_month_end":
			v.ToMonthEnd = d.bool()
		}
	}
	return v
}

func (d *decoder) bill() *subscription.UsageDelivery {
	b := &subscription.UsageDelivery{}
	for o := d.object(ofBill); d.member(&o); {
		switch o.name {
		case "day":
			b.Day = d.date()
		case "through":
			b.Through = d.date()
		case "until":
			b.Until = d.time()
		}
	}
	return b
}
