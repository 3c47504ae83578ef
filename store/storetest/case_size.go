package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// sizeCases checks that a document of up to [subscription.MaxDocument] is kept, and that a far larger one is kept or
// refused.
func sizeCases() []check {
	return []check{
		{"a text of 1 MiB, wherever it comes from outside: kept or refused", func(e *env) {
			text := large(1 << 20)
			var candidates []candidate
			for i, s := range largeSpots() {
				x := unborn(subscription.ApplicationID(fmt.Sprint("app ", i)))
				c := sample(x.document.ID, 0, 0)
				s.put(&c, text)
				candidates = append(candidates, candidate{s.path, x, c})
			}
			e.suspicious(candidates, subscription.ErrTooLarge, subscription.ErrInvalid)
		}},
		{"a document just below the largest, new and changed: kept", func(e *env) {
			a, b := unborn("a"), e.stored("b")
			for _, x := range []*expected{a, b} {
				c := x.next("t")
				fatten(&c, subscription.MaxDocument-1024)
				e.apply(x, c)
			}
			e.apply(a, a.next("lean again"))
			e.holds(a, b)
		}},
		{"documents far above the largest, among others: kept, or refused as too large", func(e *env) {
			a, b, c := unborn("a"), e.stored("b"), unborn("c")
			var candidates []candidate
			for i, x := range []*expected{a, b, c} {
				fat := sample(x.document.ID, x.document.Revision, 0)
				fatten(&fat, (4+i)*subscription.MaxDocument)
				candidates = append(candidates, candidate{"document", x, fat})
			}
			e.suspicious(candidates, subscription.ErrTooLarge)
		}},
		{"a document far above the largest, alone: kept, or refused as too large", func(e *env) {
			a := e.stored("a")
			c := a.next("t")
			fatten(&c, 16*subscription.MaxDocument)
			o := outcomeOf(e.store.Commit(e.ctx, c))
			e.unlate(o)
			switch why := o.refused["a"]; {
			case why == nil:
				a.apply(c)
			case !errors.Is(why, subscription.ErrTooLarge):
				e.Fatalf("Commit: refused for %v, want an error that wraps %q", why, subscription.ErrTooLarge)
			}
			e.holds(a)
			e.apply(a, a.next("u"))
			e.holds(a)
		}},
	}
}

// fatten adds lots to a change's document until it has the given size as JSON.
func fatten(c *subscription.Change, size int) {
	lot := subscription.Lot{
		Source: subscription.FromPackage, Products: []pricing.ProductID{"call", "live"}, Subscription: "call-1", Order: "1-t",
		Period: pricing.Period{Start: noon(), End: noon().AddDate(0, 1, 0), Zone: "UTC"},
		// 1.25 minutes take as many bytes as the 1250 thousandths that store/document writes.
		GrantedAt: noon(), Granted: 1250, Remaining: 1250,
	}
	free := size - len(encoded(c.Next)) - len(`,"lots":[]`)
	for each := len(encoded(lot)); ; {
		lot.ID = subscription.LotID(len(c.Next.Lots) + 1)
		if free -= each + len(strconv.Itoa(int(lot.ID))); free < 0 { // a comma instead of the 0 that was counted
			break
		}
		c.Next.Lots = append(c.Next.Lots, lot)
	}
	c.Next.Accepted.Agreement += strings.Repeat("x", max(0, size-len(encoded(c.Next))))
}

func encoded(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // a mistake in the suite
	}
	return b
}
