package faults

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// intent draws a customer's request, or nil for none. Many requests will be refused.
type intent func(c *customer) subscription.Command

func intents() []intent {
	return []intent{
		(*customer).buy, (*customer).upgrade, (*customer).renew, (*customer).topUp, (*customer).topUp, (*customer).switchAutoRenew,
		(*customer).reserve, (*customer).release, (*customer).release, (*customer).cancel, (*customer).giveBack, (*customer).claim,
		(*customer).refund,
		(*customer).payAsYouGo, (*customer).payUsage,
	}
}

func products() []pricing.ProductID { return []pricing.ProductID{"call", "call", "call", "live"} }

func kinds() []pricing.UsageKindID {
	return []pricing.UsageKindID{"audio", "hd", "hd", "4k", "recording"}
}

func draw[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

func (c *customer) buy() subscription.Command {
	p := subscription.Purchase{
		Product: draw(c.rng, products()), Term: pricing.Months(1), Currency: "USD", Agreement: c.run.agreement(),
	}
	p.Version = "pro"
	if p.Product == "call" {
		p.Version = draw(c.rng, []pricing.VersionID{"one", "group"})
	}
	return p
}

func (c *customer) upgrade() subscription.Command {
	return subscription.Upgrade{
		Product: "call", To: draw(c.rng, []pricing.VersionID{"group", "max"}), Agreement: c.run.agreement(),
	}
}

func (c *customer) renew() subscription.Command {
	if c.rng.IntN(8) > 0 {
		return nil // most renew automatically
	}
	return renewal.Renew{Product: draw(c.rng, products()), Cycles: c.rng.IntN(2), Agreement: c.run.agreement()}
}

func (c *customer) topUp() subscription.Command {
	b := topup.Buy{Pack: draw(c.rng, []pricing.PackID{"call", "any", "custom"}), Currency: "USD", Agreement: c.run.agreement()}
	if b.Pack == "custom" {
		b.Minutes = 100 * (1 + c.rng.Int64N(30))
	} else {
		b.Quantity = c.rng.Int64N(3)
	}
	return b
}

// switchAutoRenew is only for customers without money: the others must always be renewed.
func (c *customer) switchAutoRenew() subscription.Command {
	return subscription.AutoRenew{Product: draw(c.rng, products()), On: c.rich || c.rng.IntN(3) > 0}
}

func (c *customer) reserve() subscription.Command {
	return subscription.Reserve{
		ID: fmt.Sprintf("held-%d", c.rng.IntN(3)), Product: "call", Usage: "hd", Minutes: c.rng.Int64N(200),
		Until: c.run.clock.read().Add(time.Duration(1+c.rng.IntN(72)) * time.Hour),
	}
}

func (c *customer) release() subscription.Command {
	r := subscription.Release{ID: fmt.Sprintf("held-%d", c.rng.IntN(3))}
	if c.rng.IntN(3) > 0 {
		used := c.newRecord()
		r.Used = &used.usage
	}
	return r
}

// cancel cancels an order that was unpaid when last reported.
func (c *customer) cancel() subscription.Command {
	for _, o := range c.orders {
		if o.Status == subscription.OrderOpen && c.rng.IntN(3) == 0 {
			return subscription.Cancel{Order: o.ID}
		}
	}
	return nil
}

// giveBack returns a purchase, whether or not that is allowed.
func (c *customer) giveBack() subscription.Command {
	if len(c.orders) == 0 || c.rng.IntN(4) > 0 {
		return nil
	}
	return subscription.ReturnPackage{Order: draw(c.rng, c.orders).ID}
}

// refund is a refund by the seller's staff, of all or part of an order. The subscriptions of customers who can pay go on.
func (c *customer) refund() subscription.Command {
	if len(c.orders) == 0 || c.rng.IntN(3) > 0 {
		return nil
	}
	o := draw(c.rng, c.orders)
	r := subscription.RefundOrder{Order: o.ID, KeepAutoRenew: c.rich, Elsewhere: c.rng.IntN(6) == 0}
	switch c.rng.IntN(4) {
	case 0:
		r.Take = subscription.TakeUnused
	case 1:
		r.Cycles = 1
	case 2:
		if !c.rich {
			r.Take = subscription.TakeAll
		}
	}
	if n := o.Amount.Minor(); n > 1 && c.rng.IntN(2) == 0 {
		if part, err := pricing.FromMinor(1+c.rng.Int64N(n), o.Amount.Currency()); err == nil {
			r.Amount = part
		}
	}
	return r
}

func (c *customer) claim() subscription.Command { return subscription.ClaimFree{Free: "monthly"} }

// payAsYouGo enables pay-as-you-go for one customer in three.
func (c *customer) payAsYouGo() subscription.Command {
	if hash(0, 0, string(c.id))%3 > 0 {
		return nil
	}
	return subscription.EnablePayAsYouGo{Currency: "USD", Agreement: c.run.agreement()}
}

func (c *customer) payUsage() subscription.Command { return subscription.BillUsage{} }
