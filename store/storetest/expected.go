package storetest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// expected is the expected state of one application. It implements the contract of Commit, one change at a time.
type expected struct {
	document subscription.Application
	orders   []subscription.Order // in the order in which they were placed
	entries  []subscription.Entry
	events   []subscription.Event
	receipts []subscription.Receipt
	records  []subscription.UsageRow
	refunds  []subscription.Refund          // by order and number
	rows     []subscription.SubscriptionRow // by ID
}

// unborn returns the expected state of an application that doesn't exist.
func unborn(id subscription.ApplicationID) *expected {
	return &expected{document: subscription.Application{ID: id}}
}

// apply records that a change was applied.
func (x *expected) apply(c subscription.Change) {
	c = c.Clone()
	x.document = c.Next
	for _, o := range c.Orders {
		if i := slices.IndexFunc(x.orders, func(was subscription.Order) bool { return was.ID == o.ID }); i >= 0 {
			x.orders[i] = o
		} else {
			x.orders = append(x.orders, o)
		}
	}
	x.entries = append(x.entries, c.Entries...)
	x.events = append(x.events, c.Events...)
	x.receipts = append(x.receipts, c.Receipts...)
	x.records = append(x.records, c.Records...)
	for _, r := range c.Refunds {
		x.refunds = replaced(x.refunds, r, byNumber)
	}
	for _, r := range c.Subscriptions {
		x.rows = replaced(x.rows, r, bySubscription)
	}
}

// replaced inserts a row into sorted rows, or replaces the one that compares equal.
func replaced[T any](rows []T, row T, order func(a, b T) int) []T {
	i, found := slices.BinarySearchFunc(rows, row, order)
	if found {
		rows[i] = row
		return rows
	}
	return slices.Insert(rows, i, row)
}

func byNumber(a, b subscription.Refund) int {
	return cmp.Or(strings.Compare(string(a.Order), string(b.Order)), cmp.Compare(a.Number, b.Number))
}

func bySubscription(a, b subscription.SubscriptionRow) int {
	return strings.Compare(string(a.ID), string(b.ID))
}

// read requests all existing rows, and an order, a key, a record and an order's refunds that don't exist. The orders whose
// refunds are requested are in descending order.
func (x *expected) read() subscription.Read {
	r := subscription.Read{
		Application: x.document.ID, Keys: []string{"no such key"}, Orders: []subscription.OrderID{"no such order"},
		Records: []string{"no such record"}, Refunds: x.refunded(),
	}
	slices.Reverse(r.Refunds)
	r.Refunds = append(r.Refunds, "no such order")
	for _, o := range x.orders {
		r.Orders = append(r.Orders, o.ID)
	}
	for _, receipt := range x.receipts {
		r.Keys = append(r.Keys, receipt.Key)
	}
	for _, record := range x.records {
		r.Records = append(r.Records, record.ID)
	}
	return r
}

// refunded returns the orders that have refunds.
func (x *expected) refunded() []subscription.OrderID {
	var orders []subscription.OrderID
	for i := range x.refunds {
		orders = append(orders, x.refunds[i].Order)
	}
	return slices.Compact(orders)
}

// next returns the next small change; see [small].
func (x *expected) next(tag string) subscription.Change {
	return small(x.document.ID, x.document.Revision, tag)
}

// noon is the time of the first small change. Small changes are one second apart; those on a base far ahead share one
// time.
func noon() time.Time { return time.Date(2025, time.June, 16, 12, 0, 0, 123456000, time.UTC) }

// small returns a change with a placed order, an entry, two events, a receipt, and a subscription row, which is the
// same one for all changes. The tag is part of what it writes, so changes on the same base can be distinguished.
func small(app subscription.ApplicationID, base int64, tag string) subscription.Change {
	revision := base + 1
	at := noon().Add(time.Duration(min(revision, 1<<20)) * time.Second)
	price := cents(100 * revision)
	id := subscription.OrderID(fmt.Sprintf("%d-%s", revision, tag))
	place := subscription.Event{Application: app, Revision: revision, At: at, Type: subscription.EventOrderPlaced, Order: id, Note: tag}
	granted := place
	granted.Index, granted.Type, granted.Lot = 1, subscription.EventLotGranted, subscription.LotID(revision)
	return subscription.Change{
		Application: app, Base: base,
		Next: subscription.Application{
			ID: app, Account: "acme", Revision: revision, CreatedAt: noon(), Due: at,
			Accepted:       subscription.Acceptance{Agreement: tag, At: at},
			PurchaseCounts: []subscription.PurchaseCount{{Product: "call", Version: "lite", Count: int(revision)}},
			LastLot:        subscription.LotID(revision),
		},
		Orders: []subscription.Order{{
			ID: id, Application: app, Account: "acme", Kind: subscription.PurchaseOrder, Product: "call", Version: "lite",
			PlacedAt: at, Catalog: "1", Attempt: attempt(app, id), Amount: price,
			Lines: []pricing.Line{{
				Kind: pricing.PurchaseLine, Item: "call/lite", Unit: rate("1"), Times: pricing.Ratio{Num: revision, Den: 1}, Amount: price,
			}},
			Status: subscription.OrderPaid, PaidAt: at, ClosedAt: at, Reference: tag, Collected: price,
		}},
		Entries: []subscription.Entry{{
			Application: app, Revision: revision, At: at, Kind: subscription.EntryGranted, Lot: subscription.LotID(revision),
			Quantity: subscription.Minutes(revision), Order: id,
		}},
		Events: []subscription.Event{place, granted},
		Receipts: []subscription.Receipt{{
			Application: app, Key: fmt.Sprintf("key %d %s", revision, tag), Kind: "purchase", Digest: sha256.Sum256([]byte(tag)),
			Revision: revision, At: at, OrderID: id,
		}},
		Subscriptions: []subscription.SubscriptionRow{{
			Application: app, ID: "call-1", Account: "acme", Product: "call", Version: pricing.VersionID("v-" + tag),
			Status: subscription.Active, Currency: "USD", AutoRenew: revision%2 == 0, OpenedAt: noon(), PaidUntil: at,
		}},
	}
}

// attempt returns the key under which an order is collected.
func attempt(app subscription.ApplicationID, order subscription.OrderID) subscription.AttemptID {
	return subscription.AttemptID(string(app) + "/" + string(order))
}

// cents returns n cents of USD.
func cents(n int64) pricing.Money { return minor(n, "USD") }

func minor(n int64, c pricing.Currency) pricing.Money {
	m, err := pricing.FromMinor(n, c)
	if err != nil {
		panic(err) // a mistake in the suite's constants
	}
	return m
}

func rate(s string) pricing.Rate {
	r, err := pricing.ParseRate(s)
	if err != nil {
		panic(err) // a mistake in the suite's constants
	}
	return r
}
