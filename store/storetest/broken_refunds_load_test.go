package storetest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

const (
	ofTheOrdersNamed = "refunds/all refunds of the orders named"
	onlyAskedFor     = "refunds/only the refunds that were asked for"
	ofAnother        = "refunds/refunds of another application's order"
)

// returns makes the store return other refunds than it has to a read.
func returns(edit func(b *broken, read subscription.Read, refunds []subscription.Refund) []subscription.Refund) func(b *broken) {
	return func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			snapshots, err := b.Store.Load(ctx, reads...)
			for i := range snapshots {
				snapshots[i].Refunds = edit(b, reads[i], snapshots[i].Refunds)
			}
			return snapshots, err
		}
	}
}

// all returns the refunds of an application.
func (b *broken) all(app subscription.ApplicationID) []subscription.Refund {
	var all []subscription.Refund
	for r, err := range b.Store.Refunds(context.Background(), app) {
		if err == nil {
			all = append(all, r)
		}
	}
	return all
}

// refundsOf returns the refunds of an application's orders that are among some.
func (b *broken) refundsOf(app subscription.ApplicationID, orders ...subscription.OrderID) []subscription.Refund {
	return slices.DeleteFunc(b.all(app), func(r subscription.Refund) bool { return !slices.Contains(orders, r.Order) })
}

type refunds = []subscription.Refund

var loadedRefundFlaws = []flaw{
	{"refunds aren't loaded", returns(func(*broken, subscription.Read, refunds) refunds { return nil }), ofTheOrdersNamed},
	{"refunds of the first order alone", returns(func(b *broken, read subscription.Read, _ refunds) refunds {
		return b.refundsOf(read.Application, read.Refunds[:min(1, len(read.Refunds))]...)
	}), ofTheOrdersNamed},
	{"one refund of each order", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		return slices.CompactFunc(rows, func(x, y subscription.Refund) bool { return x.Order == y.Order })
	}), ofTheOrdersNamed},
	{"refunds in the order in which their orders are named", returns(func(b *broken, read subscription.Read, _ refunds) refunds {
		var rows refunds
		for i, id := range read.Refunds {
			if !slices.Contains(read.Refunds[:i], id) {
				rows = append(rows, b.refundsOf(read.Application, id)...)
			}
		}
		return rows
	}), ofTheOrdersNamed},
	{"the latest refund of an order comes first", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		slices.SortStableFunc(rows, func(x, y subscription.Refund) int {
			if x.Order != y.Order {
				return strings.Compare(string(x.Order), string(y.Order))
			}
			return y.Number - x.Number
		})
		return rows
	}), ofTheOrdersNamed},
	{"loaded refunds by the text of their number", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		slices.SortStableFunc(rows, func(x, y subscription.Refund) int {
			return strings.Compare(fmt.Sprint(x.Order, " ", x.Number), fmt.Sprint(y.Order, " ", y.Number))
		})
		return rows
	}), ofTheOrdersNamed},
	{"loaded refunds whatever the case of their order", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		slices.SortStableFunc(rows, func(x, y subscription.Refund) int {
			return strings.Compare(strings.ToLower(string(x.Order)), strings.ToLower(string(y.Order)))
		})
		return rows
	}), ofTheOrdersNamed},
	{"an order that is named twice has its refunds twice", returns(func(b *broken, read subscription.Read, _ refunds) refunds {
		var rows refunds
		for _, id := range slices.Sorted(slices.Values(read.Refunds)) {
			rows = append(rows, b.refundsOf(read.Application, id)...)
		}
		return rows
	}), ofTheOrdersNamed},
	{"all refunds of the application", returns(func(b *broken, read subscription.Read, _ refunds) refunds {
		return b.all(read.Application)
	}), onlyAskedFor},
	{"refunds come with their orders", returns(func(b *broken, read subscription.Read, _ refunds) refunds {
		return b.refundsOf(read.Application, slices.Concat(read.Orders, read.Refunds)...)
	}), onlyAskedFor},
	{"refunds of the orders that are read alone", returns(func(_ *broken, read subscription.Read, rows refunds) refunds {
		return slices.DeleteFunc(rows, func(r subscription.Refund) bool { return !slices.Contains(read.Orders, r.Order) })
	}), onlyAskedFor},
	{"refunds of all reads are the first read's", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			snapshots, err := b.Store.Load(ctx, reads...)
			for i := range snapshots {
				if i > 0 {
					snapshots[0].Refunds = append(snapshots[0].Refunds, snapshots[i].Refunds...)
					snapshots[i].Refunds = nil
				}
			}
			return snapshots, err
		}
	}, "refunds/refunds of many applications in one load"},
	{"refunds by the ID of their order alone", returns(func(b *broken, read subscription.Read, _ refunds) refunds {
		var rows refunds
		for _, id := range []subscription.ApplicationID{"a", "b", "c"} {
			rows = append(rows, b.refundsOf(id, read.Refunds...)...)
		}
		return rows
	}), ofAnother},
	{"refunds of another application's order, taken for this one's", returns(func(b *broken, read subscription.Read, rows refunds) refunds {
		for _, r := range b.refundsOf("b", read.Refunds...) {
			if len(rows) == 0 {
				r.Application = read.Application
				rows = append(rows, r)
			}
		}
		return rows
	}), ofAnother},
	{"refunds that are due alone", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		return slices.DeleteFunc(rows, func(r subscription.Refund) bool { return r.Status != subscription.RefundDue })
	}), "refunds/refunds of every kind and status"},
	{"refunds that count alone", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		return slices.DeleteFunc(rows, func(r subscription.Refund) bool {
			return r.Status == subscription.RefundFailed || r.Status == subscription.RefundReinstated
		})
	}), "refunds/refunds of every kind and status"},
	{"refunds that the gateway is asked for alone", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		return slices.DeleteFunc(rows, func(r subscription.Refund) bool { return r.Kind == subscription.RefundReversal })
	}), "refunds/refunds of every kind and status"},
	{"refunds of orders that have a row", returns(func(b *broken, read subscription.Read, rows refunds) refunds {
		have := map[subscription.OrderID]bool{}
		for o, err := range b.Store.Orders(context.Background(), read.Application) {
			have[o.ID] = err == nil
		}
		return slices.DeleteFunc(rows, func(r subscription.Refund) bool { return !have[r.Order] })
	}), "refunds/refunds of every kind and status"},
	{"a loaded refund has no taxes", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		for i := range rows {
			rows[i].Taxes = nil
		}
		return rows
	}), "rows/every field of loaded refunds"},
	{"a loaded refund has another's key", returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
		for i := range rows {
			rows[i].Key = rows[0].Key
		}
		return rows
	}), "rows/every field of loaded refunds"},
	{"loaded refunds are the store's own", func(b *broken) {
		kept := map[string][]pricing.Tax{}
		returns(func(_ *broken, _ subscription.Read, rows refunds) refunds {
			for i, r := range rows {
				key := fmt.Sprint(r.Order, r.Number)
				if kept[key] == nil {
					kept[key] = r.Taxes
				}
				rows[i].Taxes = kept[key]
			}
			return rows
		})(b)
	}, "aliasing/a snapshot that is spoilt"},
	{"Load sorts the orders whose refunds it loads", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			for _, r := range reads {
				slices.Sort(r.Refunds)
			}
			return b.Store.Load(ctx, reads...)
		}
	}, "aliasing/Load leaves"},
	{"refunds are read before the document", func(b *broken) {
		b.load = func(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
			before, err := b.Store.Load(ctx, reads...)
			if err != nil {
				return nil, err
			}
			time.Sleep(time.Millisecond)
			after, err := b.Store.Load(ctx, reads...)
			for i := range after {
				after[i].Refunds = before[i].Refunds
			}
			return after, err
		}
		b.commit = slowly(b)
	}, "concurrency/a snapshot's rows"},
}
