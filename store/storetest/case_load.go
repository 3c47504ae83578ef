package storetest

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// loadCases checks that Load returns a snapshot for each read, in the same order, with the rows that were requested and
// exist.
func loadCases() []check {
	return append(identityCases(), []check{
		{"an unknown application has its ID and revision 0", func(e *env) {
			got := e.load(subscription.Read{Application: "a", Keys: []string{"k"}, Orders: orderIDs{"o"}, Refunds: orderIDs{"o"}})[0]
			e.same("Load", got, subscription.Snapshot{Application: subscription.Application{ID: "a"}, Store: e.identity})
			e.holds(unborn("a"))
		}},
		{"no reads, no snapshots", func(e *env) { e.load() }},
		{"snapshots come in the order of the reads, unknown applications among them", func(e *env) {
			a, b := e.stored("a"), e.stored("b")
			got := e.load(b.read(), unborn("x").read(), a.read(), unborn("c").read())
			for i, want := range []subscription.Application{b.document, {ID: "x"}, a.document, {ID: "c"}} {
				e.same(fmt.Sprintf("snapshot %d", i), got[i].Application, want)
			}
			e.sameReceipts(got[0].Receipts, b.receipts)
			e.sameReceipts(got[1].Receipts, nil)
			e.sameReceipts(got[2].Receipts, a.receipts)
			e.sameOrders(got[2].Orders, a.orders)
			e.sameOrders(got[3].Orders, nil)
		}},
		{"one application in several reads, each with its own rows", func(e *env) {
			a := e.stored("a", "1", "2", "3")
			got := e.load(
				subscription.Read{Application: "a", Keys: []string{a.receipts[1].Key}},
				subscription.Read{Application: "a"},
				subscription.Read{Application: "a", Orders: []subscription.OrderID{a.orders[2].ID}},
			)
			for i := range got {
				e.same(fmt.Sprintf("snapshot %d", i), got[i].Application, a.document)
			}
			e.sameReceipts(got[0].Receipts, a.receipts[1:2])
			e.sameOrders(got[0].Orders, nil)
			e.sameReceipts(got[1].Receipts, nil)
			e.sameOrders(got[1].Orders, nil)
			e.sameReceipts(got[2].Receipts, nil)
			e.sameOrders(got[2].Orders, a.orders[2:])
		}},
		{"only the rows that were asked for", func(e *env) {
			a := e.stored("a", "1", "2", "3", "4")
			got := e.load(subscription.Read{
				Application: "a",
				Keys:        []string{a.receipts[3].Key, a.receipts[0].Key},
				Orders:      []subscription.OrderID{a.orders[2].ID, a.orders[1].ID},
			})[0]
			e.sameReceipts(got.Receipts, []subscription.Receipt{a.receipts[0], a.receipts[3]})
			e.sameOrders(got.Orders, a.orders[1:3])
		}},
		{"rows that don't exist are left out", func(e *env) {
			a := e.stored("a")
			got := e.load(subscription.Read{
				Application: "a",
				Keys:        []string{"no key", a.receipts[0].Key, ""},
				Orders:      []subscription.OrderID{"", a.orders[0].ID, "no order"},
			})[0]
			e.sameReceipts(got.Receipts, a.receipts)
			e.sameOrders(got.Orders, a.orders)
		}},
		{"another application's rows aren't found", func(e *env) {
			a, b := e.stored("a", "of a"), e.stored("b", "of b")
			for _, id := range []subscription.ApplicationID{"b", "c"} {
				read := a.read()
				read.Application = id
				got := e.load(read)[0]
				e.sameReceipts(got.Receipts, nil)
				e.sameOrders(got.Orders, nil)
			}
			e.holds(a, b)
		}},
		{"a thousand reads at once", func(e *env) {
			reads, want := make([]subscription.Read, 1000), make([]*expected, 1000)
			var batch []subscription.Change
			for i := range reads {
				want[i] = unborn(subscription.ApplicationID(fmt.Sprintf("app %d", i)))
				if i%2 == 0 {
					c := want[i].next("t")
					batch = append(batch, c)
					want[i].apply(c)
				}
				reads[i] = want[i].read()
			}
			e.commit(batch...)
			for i, got := range e.load(reads...) {
				e.same(fmt.Sprintf("snapshot %d", i), got.Application, want[i].document)
				e.sameReceipts(got.Receipts, want[i].receipts)
				e.sameOrders(got.Orders, want[i].orders)
			}
		}},
	}...)
}

// identityCases checks that every snapshot has the store's identity, which differs from every other store's.
func identityCases() []check {
	return []check{
		{"every snapshot bears the store's identity, of unknown applications too", func(e *env) {
			e.load(subscription.Read{Application: "a"})
			a, b := e.stored("a"), e.stored("b")
			e.load(a.read(), subscription.Read{Application: "x"}, b.read(), subscription.Read{Application: "a"})
			e.commit(a.next("u"))
			e.load(subscription.Read{Application: "a", Orders: []subscription.OrderID{"no order"}, Records: []string{"r"}})
		}},
		{"a claimed snapshot bears the store's identity", func(e *env) {
			e.load(subscription.Read{Application: "a"})
			all := e.crowd(3, noon())
			e.claims(noon(), 0, all...)
			e.claims(noon(), time.Hour, all...)
		}},
		{"another store has another identity", func(e *env) {
			seen := map[string]bool{}
			for i := range 3 {
				s := e.store
				if i > 0 {
					s = e.another()
				}
				got, err := s.Load(e.ctx, subscription.Read{Application: "a"})
				if err != nil || len(got) != 1 {
					e.Fatalf("Load: %d snapshots, %v", len(got), err)
				}
				if why := unidentified(&got[0]); why != nil {
					e.Fatalf("Load: %v", why)
				}
				if seen[got[0].Store] {
					e.Fatalf("Load: another store has the same identity, %q", got[0].Store)
				}
				seen[got[0].Store] = true
			}
		}},
	}
}

// stored commits a small change for each tag, or one if there are none, and returns the expected state.
func (e *env) stored(id subscription.ApplicationID, tags ...string) *expected {
	e.Helper()
	x := unborn(id)
	if len(tags) == 0 {
		tags = []string{"t"}
	}
	for _, tag := range tags {
		e.apply(x, x.next(tag))
	}
	return x
}
