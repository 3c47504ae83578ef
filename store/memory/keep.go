package memory

import (
	"slices"

	"github.com/prepaidkit/prepaid/internal/clone"
	"github.com/prepaidkit/prepaid/subscription"
)

// keep makes a copy of next the record's document, in the memory of the one before. Nobody else has that: whatever the
// store returns is a copy, made under the lock.
func (r *record) keep(next *subscription.Application) {
	was, rest := r.document, *next
	rest.Subscriptions, rest.Lots, rest.Orders, rest.PurchaseCounts = nil, nil, nil, nil
	r.document = rest.Clone()
	r.document.Subscriptions = over(was.Subscriptions, next.Subscriptions, keepSubscription)
	r.document.Lots = over(was.Lots, next.Lots, keepLot)
	r.document.Orders = over(was.Orders, next.Orders, r.keepOrder)
	r.document.PurchaseCounts = over(was.PurchaseCounts, next.PurchaseCounts, assign)
}

func keepSubscription(was, is *subscription.Subscription) {
	cycles, numbers := was.Cycles, was.Numbers
	*was = *is
	was.Cycles, was.Numbers = over(cycles, is.Cycles, assign), over(numbers, is.Numbers, assign)
	was.Planned, was.Deal = clone.Pointer(is.Planned), clone.Pointer(is.Deal)
	was.Suspended = slices.Clone(is.Suspended)
}

func keepLot(was, is *subscription.Lot) {
	products := was.Products
	*was = *is
	was.Products = over(products, is.Products, assign)
}

// keepOrder keeps an order of the document, which shares what was ordered with its row.
func (r *record) keepOrder(was, is *subscription.Order) {
	row := r.orders[is.ID]
	if row == nil {
		row = was
	}
	*was = kept(row, is)
}

// kept returns a copy of an order that shares with was what was ordered, if that is the same: neither is ever written in
// place.
func kept(was, is *subscription.Order) subscription.Order {
	rest := *is
	rest.Lines, rest.Deliveries = nil, nil
	order := rest.Clone()
	if order.Lines = was.Lines; !slices.Equal(was.Lines, is.Lines) {
		order.Lines = slices.Clone(is.Lines)
	}
	if order.Deliveries = was.Deliveries; !slices.EqualFunc(was.Deliveries, is.Deliveries, sameDelivery) {
		order.Deliveries = subscription.Order{Deliveries: is.Deliveries}.Clone().Deliveries
	}
	return order
}

// sameDelivery reports whether two deliveries are known to be the same: of periods, without anything that they point to.
func sameDelivery(a, b subscription.Delivery) bool {
	return a.Extend != nil && b.Extend != nil && *a.Extend == *b.Extend &&
		a == subscription.Delivery{Extend: a.Extend} && b == subscription.Delivery{Extend: b.Extend}
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
