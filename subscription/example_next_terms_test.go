package subscription_test

import (
	"fmt"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// A customer moves to a lower version with the next renewal. Until then nothing changes.
func ExampleChangeAtRenewal() {
	c := newCounter()
	group := purchase
	group.Version = "group-call"
	_, err := c.Do(c.ctx, "chat", group, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.ChangeAtRenewal{Product: "call", Version: "one-to-one"}, "down-1")
	must(err)
	r, err := c.Do(c.ctx, "chat", renewal.Renew{Product: "call"}, "renew-1") // ahead of time
	must(err)
	fmt.Println(r.Order.Version, r.Order.Amount, r.Order.Delivered.Period)
	sub, _ := c.snapshot().Application.Latest("call")
	fmt.Println(sub.Version(), sub.Planned)
	// Output:
	// one-to-one 199.00 USD [2025-08-16, 2025-09-16) UTC
	// group-call <nil>
}

// Staff agree a price for two further months; what is renewed beyond them is at list price.
func ExampleSetDeal() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	price, err := pricing.ParseMoney("150.00", "USD")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.SetDeal{Product: "call", Price: price, Periods: 2, Reason: "loyalty"}, "deal-1")
	must(err)
	quote, err := c.Quote(c.ctx, "chat", renewal.Renew{Product: "call", Cycles: 3})
	must(err)
	for _, l := range quote.Lines {
		fmt.Println(l.Kind, l.Formula(), "=", l.Amount)
	}
	// Output:
	// deal 150.00 × 2 = 300.00 USD
	// renewal 199.00 = 199.00 USD
}

// What the next period will be and cost, whoever buys it.
func ExampleSubscription_NextTerms() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.ChangeAtRenewal{Product: "call", Term: pricing.Months(12)}, "year-1")
	must(err)
	sub, _ := c.snapshot().Application.Latest("call")
	next, err := sub.NextTerms(c.catalog)
	must(err)
	days, err := next.Anchor.Days(next.Next)
	must(err)
	fmt.Println(next.Version, next.Term, next.Price, days)
	fmt.Println(sub.Last())
	// Output:
	// one-to-one 12 months 1990.00 USD [2025-08-16, 2026-08-16)
	// one-to-one 1 month
}

// What was bought last renews, whatever is planned or holds at present.
func ExampleSubscription_Last() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.ChangeAtRenewal{Product: "call", Version: "group-call"}, "up-1")
	must(err)
	for range 2 {
		sub, _ := c.snapshot().Application.Latest("call")
		version, term := sub.Last()
		fmt.Println(version, term, "while it is", sub.Version())
		_, err = c.Do(c.ctx, "chat", renewal.Renew{Product: "call"}, "renew-1")
		must(err)
	}
	// Output:
	// one-to-one 1 month while it is one-to-one
	// group-call 1 month while it is one-to-one
}

// A price that was agreed before the seller's catalog had a least charge.
func ExampleDeal_BelowLeast() {
	cat, err := pricing.ParseCatalog(strings.NewReader(`{
		"revision": "2026", "zone": "UTC", "charges": {"USD": {"least": "0.50"}},
		"products": [{"id": "call", "name": "Call", "versions": [
			{"id": "lite", "rank": 1, "terms": [{"months": 1, "minutes": 100, "list": {"USD": "1.00"}}]}]}]
	}`))
	must(err)
	for _, price := range []string{"0.00", "0.40", "0.50"} {
		agreed, err := pricing.ParseMoney(price, "USD")
		must(err)
		deal := subscription.Deal{Version: "lite", Term: pricing.Months(1), Price: agreed, Left: -1}
		fmt.Println(price, deal.BelowLeast(cat))
	}
	// Output:
	// 0.00 false
	// 0.40 true
	// 0.50 false
}

func ExampleDraft_DropPlanned() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", purchase, "buy-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", subscription.ChangeAtRenewal{Product: "call", Version: "group-call"}, "up-1")
	must(err)
	d := subscription.Begin(c.snapshot(), c.now)
	must(d.DropPlanned("call-1", "the version isn't sold any more"))
	e := d.Change().Events[0]
	fmt.Println(e.Type, e.Version, e.Note)
	// Output: change_dropped group-call the version isn't sold any more
}
