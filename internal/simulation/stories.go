package simulation

import (
	"context"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

func stories() []story { return slices.Concat(chargeStories(), refundStories(), staffStories()) }

// chargeStories are stories of charges.
func chargeStories() []story {
	return []story{
		{
			name: "machine-behind", what: "an upgrade is paid where the period still goes on, when another machine has begun the next one",
			retained: 30 * day, tell: machineBehind,
		},
		{
			name: "restored", what: "a renewal, a bill and a pack are collected, the store is restored, and all are asked for again",
			restores: 1, tell: restored,
		},
		{
			name: "restored-and-forgetful", what: "likewise, with a gateway that remembers keys for a while",
			restores: 1, retained: 30 * day, tell: restored,
		},
		{
			name:     "restored-and-given-back",
			what:     "a package is given back, the store is restored, and the purchase alone is asked for again",
			restores: 1, retained: 30 * day, tell: restoredAndGivenBack,
		},
		{
			name: "known-amount", what: "the gateway knows the key of a purchase with another amount",
			tell: knownAmount,
		},
		{
			name: "known-amount-looked-up", what: "likewise, and is looked at before any charge",
			retained: 30 * day, tell: knownAmount,
		},
		{
			name: "known-payer", what: "the gateway knows the key of a purchase, paid by somebody else",
			tell: knownPayer,
		},
	}
}

// machineBehind: the order can't be delivered any longer, whatever the machine's clock says.
func machineBehind(t *teller) {
	t.services[1].skew = -time.Minute
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	t.asks(0, 0, "buy", live("lite"))
	t.asks(0, 0, "ahead", renewal.Renew{Product: "live", Cycles: 1})
	t.at("2025-04-09 23:58:00")
	t.odds = map[paymenttest.Fault]int{paymenttest.PendingThenPaid: 1000}
	t.asks(0, 1, "raise", subscription.Upgrade{Product: "live", To: "pro"})
	t.becomes("raise", subscription.OrderOpen)
	t.odds = nil
	t.at("2025-04-10 00:00:30")
	t.asks(0, 0, "free", subscription.ClaimFree{Free: "monthly"})
	t.at("2025-04-10 00:00:40")
	t.notifies(1)
	t.becomes("raise", subscription.OrderRefunded)
}

// restored: repeated requests get the same orders with the same keys, and nothing is collected twice.
func restored(t *teller) {
	for app := range t.customers {
		t.asks(app, 0, "create", subscription.Create{Account: t.customers[app].account})
	}
	t.asks(0, 0, "buy", live("pro"))
	t.asks(1, 0, "as you go", subscription.EnablePayAsYouGo{Currency: "USD", Agreement: "a-1"})
	t.at("2025-04-07 10:00:00")
	t.uses(1, 0, "meeting")
	t.at("2025-04-08 18:00:00") // after the backup
	t.asks(0, 0, "free", subscription.ClaimFree{Free: "monthly"})
	t.asks(1, 0, "free", subscription.ClaimFree{Free: "monthly"})
	t.at("2025-04-09 12:30:00")
	t.works(0)
	t.asks(0, 0, "pack", pack())
	t.becomes("pack", subscription.OrderPaid)
	t.collected(4)
	t.restores("2025-04-08 12:00:00")
	t.works(1)
	t.asks(0, 1, "pack", pack())
	t.becomes("pack", subscription.OrderPaid)
	t.collected(4)
}

// restoredAndGivenBack: the gateway says correctly that the charge succeeded, and can't say more, so the package is
// delivered although its money was returned. People find that in the statement, and tell it as a refund that was made at the
// provider, so the package is taken back.
func restoredAndGivenBack(t *teller) {
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	t.at("2025-03-10 13:00:00")
	t.asks(0, 0, "buy", live("pro"))
	t.at("2025-03-11 13:00:00")
	t.asks(0, 0, "back", subscription.ReturnPackage{Order: t.request("buy").receipt.OrderID})
	t.works(0)
	t.refunds("refund made 50.01 USD")
	t.restores("2025-03-10 12:30:00")
	t.request("back").final = true // a refunded customer doesn't repeat the request
	t.asks(0, 0, "buy", live("pro"))
	t.becomes("buy", subscription.OrderPaid)
	t.left(5000)
	t.at("2025-03-12 13:00:00")
	t.does(t.operate)
	t.refunds("provider made 50.01 USD")
	t.left(0)
}

// knownAmount: a different amount was collected, so nothing is delivered, and a person refunds it.
func knownAmount(t *teller) {
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	t.stranger = func(c payment.Charge) payment.Charge {
		c.Amount = another(c.Amount)
		return c
	}
	t.asks(0, 0, "buy", live("pro"))
	t.stranger = nil
	t.becomes("buy", subscription.OrderReview)
	t.at("2025-03-11 12:00:00")
	t.does(t.operate)
	t.does(t.operate)
	t.works(0)
	t.becomes("buy", subscription.OrderRefunded)
}

// knownPayer: the gateway refuses the key, and a person finds out whose money was collected.
func knownPayer(t *teller) {
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	t.stranger = func(c payment.Charge) payment.Charge {
		c.Account = string(t.customers[1].account)
		return c
	}
	t.asks(0, 0, "buy", live("pro"))
	t.stranger = nil
	t.becomes("buy", subscription.OrderReview)
	t.at("2025-03-11 12:00:00")
	t.does(t.operate)
	t.becomes("buy", subscription.OrderRefunded)
}

// becomes checks the status of the order for a request of the first customer.
func (t *teller) becomes(key string, want subscription.OrderStatus) {
	c, r := t.customers[0], t.request(key)
	if r.receipt == nil {
		t.violatef("story", c.id, "%s has no receipt", key)
		return
	}
	o, err := t.services[0].service.Order(context.Background(), c.id, r.receipt.OrderID)
	if err != nil || o.Status != want {
		t.violatef("story", c.id, "the order of %s is %q, want %s: %v", key, o.Status, want, err)
	}
}

// request returns the first customer's request with a key, or an empty one if the key was never used.
func (t *teller) request(key string) *request {
	for _, r := range t.customers[0].requests {
		if r.key == key {
			return r
		}
	}
	return &request{}
}

// collected checks the number of charges collected so far.
func (t *teller) collected(want int) {
	if got := len(t.gateway.Collected()); got != want {
		t.violatef("story", "", "%d charges are collected, want %d", got, want)
	}
}

// notifies delivers the gateway's notifications to a service.
func (t *teller) notifies(service int) {
	t.through(service, func() {
		if err := t.gateway.Settle(context.Background()); err != nil {
			t.violatef("simulation", "", "%v", err)
		}
		results, err := t.gateway.Drain(context.Background())
		if err != nil {
			t.violatef("simulation", "", "%v", err)
		}
		for _, r := range results {
			t.notify(letter{result: r})
		}
	})
}

// uses reports two minutes of a kind that packages don't cover.
func (t *teller) uses(app, service int, id string) {
	c := t.customers[app]
	r := &record{usage: subscription.Usage{ID: id, Product: "call", Kind: "recording", At: t.now.Add(-time.Minute), Seconds: 4000}}
	c.records = append(c.records, r)
	c.record[id] = r
	t.through(service, func() { c.consume(t.world, []*record{r}) })
}
