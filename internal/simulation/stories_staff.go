package simulation

import (
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// staffStories are stories of customers who come and go.
func staffStories() []story {
	return []story{
		{
			name: "brought-twice", what: "a subscription is imported, and again under another key through another machine",
			tell: broughtTwice,
		},
		{
			name: "left-and-erased", what: "another account pays, the customer leaves, money goes back, and it is all erased",
			tell: leftAndErased,
		},
		{
			name: "erasure-restored", what: "an application is erased, and the store is restored to before",
			restores: 1, tell: erasureRestored,
		},
	}
}

// broughtTwice: the second one does nothing, and another content is refused.
func broughtTwice(t *teller) {
	t.asks(0, 0, "create", subscription.Create{Account: t.customers[0].account})
	brought := subscription.Import{
		Product: "live", Version: "pro", Term: pricing.Months(1), Currency: "USD", Anchor: in2025(2, 22), PaidUntil: in2025(4, 22),
		Minutes: subscription.Minutes(4321),
	}
	t.asks(0, 0, "import", brought)
	t.asks(0, 1, "import again", brought)
	brought.Minutes++
	t.asks(0, 1, "import other", brought)
	t.left(4321)
	t.at("2025-03-22 12:00:00") // the period that is paid ahead
	t.works(0)
	t.left(5000)
	t.holds(subscription.Active)
	t.at("2025-04-22 12:00:00") // is renewed on the day of the anchor
	t.works(0)
	t.left(5000)
	t.collected(1)
}

// leftAndErased: the account that paid gets its money, whoever pays now, and what comes later is on the books.
func leftAndErased(t *teller) {
	c := t.customers[0]
	t.asks(0, 0, "create", subscription.Create{Account: c.account})
	t.asks(0, 0, "buy", live("pro"))
	id := t.request("buy").receipt.OrderID
	t.asks(0, 1, "gift", subscription.Gift{Products: []pricing.ProductID{"live"}, Minutes: 100, Validity: pricing.Validity{Months: 1}})
	t.left(5100)
	t.asks(0, 0, "move", subscription.ChangeAccount{Account: t.customers[1].account})
	attempt, amount := t.bought().Attempt, t.bought().Amount
	t.at("2025-03-11 12:00:00")
	t.asks(0, 0, "close", subscription.Close{})
	t.asks(0, 1, "more", pack())
	t.asks(0, 1, "refund", subscription.RefundOrder{Order: id, Amount: minor(2000, amount)})
	t.refunds("refund made 20.00 USD")
	t.at("2025-03-12 12:00:00")
	t.asks(0, 0, "erase", subscription.Erase{})
	dispute := payment.Reversal{ID: "dispute", Charge: string(attempt), Status: payment.Reversed, Amount: minor(3001, amount)}
	t.moves(dispute)
	for service := range 2 {
		t.learns(service, dispute)
	}
	t.refunds("refund made 20.00 USD", "reversal made 30.01 USD")
	t.at("2025-06-30 12:00:00")
	t.works(0)
	t.holds(subscription.Expired)
	t.collected(1)
}

// erasureRestored: the request is repeated, and nothing is left.
func erasureRestored(t *teller) {
	c := t.customers[0]
	t.asks(0, 0, "create", subscription.Create{Account: c.account})
	t.asks(0, 0, "buy", live("pro"))
	t.asks(0, 0, "close", subscription.Close{})
	t.at("2025-03-11 12:00:00")
	t.asks(0, 0, "erase", subscription.Erase{})
	t.at("2025-03-11 18:00:00")
	t.restores("2025-03-11 00:00:00")
	if t.erased(c.id) {
		t.violatef("story", c.id, "it is still erased")
	}
	t.asks(0, 1, "erase", subscription.Erase{})
	if !t.erased(c.id) {
		t.violatef("story", c.id, "it isn't erased")
	}
}

// in2025 returns a day of the year in which stories are told.
func in2025(month time.Month, day int) pricing.Date {
	d, _ := pricing.NewDate(2025, month, day)
	return d
}
