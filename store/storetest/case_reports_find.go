package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// filters checks every combination of a filter's fields against a scan of all rows.
func (e *env) filters() {
	r := e.reports()
	statuses := []subscription.Status{
		subscription.Active, subscription.PastDue, subscription.Interrupted, subscription.Ended, subscription.Expired,
		subscription.Refunded,
	}
	var all []subscription.SubscriptionRow
	for i, id := range (appIDs{"b", "a", "B", "é", "a ", "10"}) {
		x := unborn(id)
		c := x.next("t")
		c.Next.Account = subscription.AccountID("account " + strconv.Itoa(i%2))
		c.Subscriptions = nil
		for n, status := range statuses {
			c.Subscriptions = append(c.Subscriptions, subscription.SubscriptionRow{
				Application: id, ID: subscription.SubscriptionID(fmt.Sprint("s-", n)), Account: c.Next.Account,
				Product: pricing.ProductID([]string{"call", "live"}[n/3]), Version: "lite", Status: status, Currency: "USD",
				AutoRenew: (i+n)%3 == 0, OpenedAt: noon(), PaidUntil: noon().Add(time.Duration((i+n)%4) * time.Microsecond),
			})
		}
		e.apply(x, c)
		all = append(all, x.rows...)
	}
	spans := []struct{ from, until time.Time }{
		{}, {from: noon().Add(time.Nanosecond)}, {until: noon().Add(time.Nanosecond)}, {noon(), noon().Add(2 * time.Microsecond)},
		{noon(), noon()}, {noon().Add(time.Hour), noon()}, {noon().Add(-time.Hour), noon().Add(time.Hour)},
	}
	for _, some := range [][]subscription.Status{
		nil, {subscription.PastDue}, {subscription.Active, subscription.Ended, subscription.Active}, {"none"},
		{"none", subscription.Expired},
		statuses,
	} {
		for _, product := range []pricing.ProductID{"", "call", "none"} {
			for _, account := range []subscription.AccountID{"", "account 1", "no\x00ne"} {
				for _, renews := range []*bool{nil, new(true), new(false)} {
					for _, span := range spans {
						e.finds(r, store.SubscriptionFilter{
							Statuses: some, Product: product, Account: account, AutoRenew: renews, From: span.from, Until: span.until,
						}, all)
					}
				}
			}
		}
	}
}

// finds fails the case unless a filter finds those of all rows that it describes, in order.
func (e *env) finds(r store.Reports, f store.SubscriptionFilter, all []subscription.SubscriptionRow) {
	e.Helper()
	var want []subscription.SubscriptionRow
	for _, row := range all {
		if (len(f.Statuses) == 0 || slices.Contains(f.Statuses, row.Status)) && (f.Product == "" || f.Product == row.Product) &&
			(f.Account == "" || f.Account == row.Account) && (f.AutoRenew == nil || *f.AutoRenew == row.AutoRenew) &&
			between(row.PaidUntil, f.From, f.Until) {
			want = append(want, row)
		}
	}
	order := byEnd
	if f.Account != "" {
		order = byOwner
	}
	slices.SortFunc(want, order)
	if d := difference(e.found(r, f), want); d != "" {
		e.Fatalf("FindSubscriptions of %+v: %s", f, d)
	}
}

// found returns what a filter finds.
func (e *env) found(r store.Reports, f store.SubscriptionFilter) []subscription.SubscriptionRow {
	e.Helper()
	return rowsOf(e, "FindSubscriptions", r.FindSubscriptions(e.ctx, f))
}

func byEnd(a, b subscription.SubscriptionRow) int {
	return cmp.Or(a.PaidUntil.Compare(b.PaidUntil), byOwner(a, b))
}

func byOwner(a, b subscription.SubscriptionRow) int {
	return cmp.Or(cmp.Compare(a.Application, b.Application), cmp.Compare(a.ID, b.ID))
}
