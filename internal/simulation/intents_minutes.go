package simulation

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// minutesIntents are intents about minutes and their cost.
func minutesIntents() []intent {
	return []intent{
		topUp, reserve, release, claimFree, payAsYouGo, payUsage, giveBack, topUp, reserve, release, payUsage, autoTopUp, autoTopUp,
	}
}

// topUp buys a number of fixed packs or a custom one, sometimes of a size that isn't sold.
func topUp(w *world, _ *customer, rng *rand.Rand) subscription.Command {
	packs := w.catalog().Packs()
	pack := packs[rng.IntN(len(packs))]
	b := topup.Buy{Pack: pack.ID, Currency: "USD", Agreement: agreement(w, rng)}
	if rng.IntN(4) == 0 {
		b.Currency = "JPY"
	}
	if pack.Custom() {
		b.Minutes = pack.Step*(1+rng.Int64N(30)) + rng.Int64N(8)/7
		return b
	}
	b.Quantity = rng.Int64N(4)
	return b
}

// autoTopUp turns an automatic top-up on, or off one time in four.
func autoTopUp(w *world, _ *customer, rng *rand.Rand) subscription.Command {
	c := subscription.SetAutoTopUp{Product: "call", Currency: "USD", Agreement: agreement(w, rng), Off: rng.IntN(4) == 0}
	if rng.IntN(2) == 0 {
		c.Product = "live"
	}
	if c.Off {
		return c
	}
	packs := w.catalog().Packs()
	pack := packs[rng.IntN(len(packs))]
	if c.Pack = pack.ID; pack.Custom() {
		c.Minutes = pack.Step * (10 + rng.Int64N(30))
	}
	c.Below, c.PerPeriod = subscription.Minutes(100+rng.Int64N(4000)), 1+rng.IntN(4)
	return c
}

// reserve holds minutes for a call, or extends the call.
func reserve(w *world, _ *customer, rng *rand.Rand) subscription.Command {
	id := rng.IntN(3)
	r := subscription.Reserve{
		ID: fmt.Sprintf("held-%d", id), Product: "call", Usage: []pricing.UsageKindID{"audio", "hd", "4k"}[id],
		Minutes: rng.Int64N(200), Until: w.now.Add(time.Duration(rng.Int64N(int64(8 * day)))),
	}
	if id == 1 {
		r.Product = "live"
	}
	return r
}

// release ends a call that is in progress or has lapsed, with or without usage.
func release(w *world, c *customer, rng *rand.Rand) subscription.Command {
	r := subscription.Release{ID: fmt.Sprintf("held-%d", rng.IntN(3))}
	if open := w.store.states[c.id].Reservations; len(open) > 0 {
		r.ID = open[rng.IntN(len(open))].ID
	}
	if rng.IntN(3) > 0 {
		used := c.newRecord(w, fmt.Sprintf("release-%x", rng.Uint64()), rng)
		used.final = true // it is sent with the request
		r.Used = &used.usage
	}
	return r
}

func claimFree(w *world, _ *customer, _ *rand.Rand) subscription.Command {
	return subscription.ClaimFree{Free: w.catalog().FreeGrants()[0].ID}
}

// payAsYouGo enables pay-as-you-go for one customer in two; the others use only what they paid for.
func payAsYouGo(w *world, c *customer, rng *rand.Rand) subscription.Command {
	if c.id[len(c.id)-1]%2 == 0 {
		return nil
	}
	currency := pricing.Currency("USD")
	if rng.IntN(3) == 0 {
		currency = "JPY"
	}
	return subscription.EnablePayAsYouGo{Currency: currency, Agreement: agreement(w, rng)}
}

func payUsage(*world, *customer, *rand.Rand) subscription.Command { return subscription.BillUsage{} }

// giveBack returns a package that a subscription began with, whether or not that is allowed.
func giveBack(w *world, c *customer, rng *rand.Rand) subscription.Command {
	s, ok := glance(w, c, rng)
	if !ok {
		return nil
	}
	return subscription.ReturnPackage{Order: s.Cycles[0].Order}
}
