package report

import (
	"slices"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Statuses returns the statuses that a filter finds, each once.
func Statuses(f store.SubscriptionFilter) []subscription.Status {
	all := []subscription.Status{
		subscription.Active, subscription.Ended, subscription.Expired, subscription.Interrupted, subscription.PastDue,
		subscription.Refunded,
	}
	if len(f.Statuses) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(s subscription.Status) bool { return !slices.Contains(f.Statuses, s) })
}

// Finds reports whether a filter, whose bounds are the span, finds a row of an application that the filter's account has.
func Finds(f store.SubscriptionFilter, span Span, row subscription.SubscriptionRow) bool {
	return !row.PaidUntil.IsZero() && span.Has(row.PaidUntil) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, row.Status)) &&
		(f.Product == "" || f.Product == row.Product) &&
		(f.AutoRenew == nil || *f.AutoRenew == row.AutoRenew)
}
