package memory

import (
	"slices"

	"github.com/prepaidkit/prepaid/subscription"
)

// keep makes a copy of next the record's document, in the memory of the one before. Nobody else has that: whatever the
// store returns is a copy, made under the lock.
func (r *record) keep(next *subscription.Application) {
	subscriptions, lots := r.document.Subscriptions, r.document.Lots
	rest := *next
	rest.Subscriptions, rest.Lots = nil, nil
	r.document = rest.Clone()
	r.document.Subscriptions = over(subscriptions, next.Subscriptions, keepSubscription)
	r.document.Lots = over(lots, next.Lots, keepLot)
}

func keepSubscription(was, is *subscription.Subscription) {
	cycles, numbers := was.Cycles, was.Numbers
	*was = *is
	was.Cycles, was.Numbers = over(cycles, is.Cycles, assign), over(numbers, is.Numbers, assign)
	was.Planned, was.Deal = copied(is.Planned), copied(is.Deal)
}

func keepLot(was, is *subscription.Lot) {
	products := was.Products
	*was = *is
	was.Products = over(products, is.Products, assign)
}

// over writes a list over another one, element by element, and leaves nothing of it behind.
func over[T any](was, is []T, keep func(was, is *T)) []T {
	if len(is) == 0 {
		return slices.Clone(is) // nil or empty, as it is
	}
	if cap(was) < len(is) {
		was = append(make([]T, 0, len(is)), was...)
	}
	clear(was[min(len(was), len(is)):])
	was = was[:len(is)]
	for i := range is {
		keep(&was[i], &is[i])
	}
	return was
}

func assign[T any](was, is *T) { *was = *is }

// copied returns a pointer to a copy of what p points to, nil for nil.
func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
