package subscription_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// history is a world with a long history, together with the changes that made it, by name.
func history(t *testing.T) map[string]recorded {
	t.Helper()
	w := newWorld(t, setup{gateway: pending, start: "2025-07-01T09:00:00Z"})
	named := map[string]recorded{}
	name := func(s string) { named[s] = w.store.last() }
	name("created")
	o := w.place(once("call", "one-to-one"))
	name("placed")
	w.settle(paid(o))
	name("bought")
	o = w.place(prepay{Product: "call", Cycles: 2})
	w.settle(paid(o))
	name("extended")
	w.at("2025-07-16T12:00:00Z")
	o = w.place(upgrade("group-call"))
	w.must(subscription.AutoRenew{Product: "call"})
	name("meanwhile")
	w.settle(paid(o))
	name("upgraded")
	w.at("2025-08-03T00:00:00Z")
	w.must(subscription.AutoRenew{Product: "call"})
	name("begun") // the second cycle has begun, the first one's lots have expired
	o = w.place(buy("live", "lite"))
	w.must(subscription.Cancel{Order: o.ID})
	w.settle(result(t, o, "declined"))
	name("cancelled")
	w.at("2025-10-05T00:00:00Z")
	w.must(subscription.AutoRenew{Product: "call"})
	name("ended")
	o = w.place(prepay{Product: "call", Cycles: 1})
	w.settle(paid(o))
	name("resumed")
	return named
}

// untampered checks that changes pass Check as they are.
func untampered(t *testing.T, named map[string]recorded) {
	t.Helper()
	for name, r := range named {
		if err := r.change.Check(r.base); err != nil {
			t.Errorf("%s, untampered: %v", name, err)
		}
	}
}

// silence has no event of a change be of a type.
func silence(c *subscription.Change, t subscription.EventType) {
	for i := range c.Events {
		if c.Events[i].Type == t {
			c.Events[i].Type = "something_else"
		}
	}
}

// Every change made by a command or by time passes Check. Each one, once tampered with, is refused.
// Rule: lots-add-up, one-live-subscription, only-listed-steps, periods-are-consecutive, order-content-is-fixed,
// every-change-is-told, nothing-without-payment.
func TestCheck(t *testing.T) {
	named := history(t)
	untampered(t, named)
	usd := func(s string) pricing.Money { return money(t, s+" USD") }
	for _, tt := range []struct {
		invariant int
		name      string
		of        string
		doctor    func(c *subscription.Change)
	}{
		{1, "minutes from nothing", "bought", func(c *subscription.Change) { c.Next.Lots[0].Remaining++ }},
		{1, "and granted too", "bought", func(c *subscription.Change) { c.Next.Lots[0].Remaining++; c.Next.Lots[0].Granted++ }},
		{1, "minutes lost", "bought", func(c *subscription.Change) { c.Next.Lots[0].Remaining-- }},
		{1, "negative", "bought", func(c *subscription.Change) {
			c.Next.Lots[0].Remaining *= -1
			c.Next.Lots[0].Consumed = 2 * c.Next.Lots[0].Granted
		}},
		{1, "consumed without an entry", "upgraded", func(c *subscription.Change) { c.Next.Lots[0].Remaining -= 5; c.Next.Lots[0].Consumed += 5 }},
		{1, "a lot without an entry", "bought", func(c *subscription.Change) { c.Entries = nil }},
		{1, "an entry without a lot", "bought", func(c *subscription.Change) { c.Next.Lots = nil }},
		{1, "an entry of a lot that never was", "bought", func(c *subscription.Change) { c.Entries[0].Lot = 7; c.Next.Lots = nil }},
		{1, "an entry of nothing", "bought", func(c *subscription.Change) {
			c.Entries[0].Quantity = 0
			c.Next.Lots[0].Granted = 0
			c.Next.Lots[0].Remaining = 0
		}},
		{1, "a negative entry", "bought", func(c *subscription.Change) {
			c.Entries[0].Quantity *= -1
			c.Next.Lots[0].Granted *= -1
			c.Next.Lots[0].Remaining *= -1
		}},
		{1, "an entry of an unknown kind", "bought", func(c *subscription.Change) { c.Entries[0].Kind = "gift" }},
		{1, "more expires than there was", "begun", func(c *subscription.Change) { c.Entries[1].Quantity++ }},
		{1, "less expires than there was", "begun", func(c *subscription.Change) { c.Entries[1].Quantity-- }},
		{1, "a lot vanishes", "upgraded", func(c *subscription.Change) { c.Next.Lots = c.Next.Lots[1:] }},
		{1, "a lot's number is used again", "upgraded", func(c *subscription.Change) { c.Next.LastLot = 1 }},
		{1, "a lot's number goes back", "ended", func(c *subscription.Change) { c.Next.LastLot-- }},
		{1, "a lot twice", "bought", func(c *subscription.Change) { c.Next.Lots = append(c.Next.Lots, c.Next.Lots[0]) }},

		{2, "two live subscriptions to a product", "bought", func(c *subscription.Change) {
			s := c.Next.Subscriptions[0]
			s.ID = "call-9"
			c.Next.Subscriptions = append(c.Next.Subscriptions, s)
		}},
		{2, "two subscriptions of one ID", "bought", func(c *subscription.Change) {
			s := c.Next.Subscriptions[0]
			s.Product = "live"
			c.Next.Subscriptions = append(c.Next.Subscriptions, s)
		}},
		{2, "two open orders for a subscription", "placed", func(c *subscription.Change) {
			o := c.Orders[0]
			o.ID, o.Attempt = "2-other", "/"+subscription.AttemptID(app)+"/2-other"
			c.Orders, c.Next.Orders = append(c.Orders, o), append(c.Next.Orders, o)
			c.Receipts = nil
			c.Events = append(c.Events, subscription.Event{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Index: len(c.Events), Type: subscription.EventOrderPlaced, Order: o.ID,
			})
		}},
		{2, "one order twice", "placed", func(c *subscription.Change) { c.Next.Orders = append(c.Next.Orders, c.Next.Orders[0]) }},

		{3, "a status without an event", "upgraded", func(c *subscription.Change) { c.Next.Subscriptions[0].Status = subscription.PastDue }},
		{3, "an event without the status", "ended", func(c *subscription.Change) { c.Next.Subscriptions[0].Status = subscription.Active }},
		{3, "a step that isn't in the table", "ended", func(c *subscription.Change) {
			for i := range c.Events {
				if c.Events[i].Status == subscription.Ended {
					c.Events[i].Status = "paused"
				}
			}
			c.Next.Subscriptions[0].Status, c.Next.Subscriptions[0].OutOfService = "paused", false
		}},
		{3, "in service though the grace time has passed", "ended", func(c *subscription.Change) {
			c.Next.Subscriptions[0].OutOfService = false
		}},
		{3, "out of service within the grace time", "upgraded", func(c *subscription.Change) {
			c.Next.Subscriptions[0].OutOfService = true
		}},
		{3, "out of service by an event, but not ended", "upgraded", func(c *subscription.Change) {
			c.Next.Subscriptions[0].OutOfService = true
			c.Events = append(c.Events, subscription.Event{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Index: len(c.Events), Type: subscription.EventServiceEnded,
				Subscription: "call-1",
			})
		}},
		{3, "a step from what it wasn't", "ended", func(c *subscription.Change) {
			for i := range c.Events {
				if c.Events[i].Status == subscription.Ended {
					c.Events[i].From = subscription.Interrupted
				}
			}
		}},
		{3, "a live subscription is dropped", "upgraded", func(c *subscription.Change) { c.Next.Subscriptions = nil }},
		{3, "a subscription is dropped by a step that isn't in the table", "upgraded", func(c *subscription.Change) {
			c.Next.Subscriptions = nil
			c.Events = append(c.Events, subscription.Event{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Index: len(c.Events), Type: subscription.EventStatus,
				Subscription: "call-1", From: subscription.PastDue, Status: subscription.Expired,
			})
		}},
		{3, "an order that is closed stays in the document", "cancelled", func(c *subscription.Change) { c.Next.Orders = append(c.Next.Orders, c.Orders[0]) }},
		{3, "an open order that isn't in the document", "placed", func(c *subscription.Change) { c.Next.Orders = nil }},
		{3, "an order in the document without a row", "placed", func(c *subscription.Change) { c.Orders = nil }},
		{3, "an order in the document of another status than its row", "placed", func(c *subscription.Change) { c.Next.Orders[0].Status = subscription.OrderReview }},
		{3, "an open order vanishes", "cancelled", func(c *subscription.Change) { c.Orders = nil }},
		{3, "an order goes a step that isn't in the table", "cancelled", func(c *subscription.Change) { c.Orders[0].Status = subscription.OrderRefunded }},

		{4, "a subscription without a period", "bought", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles = nil }},
		{4, "a period of no length", "bought", func(c *subscription.Change) {
			c.Next.Subscriptions[0].Cycles[0].Period.End = c.Next.Subscriptions[0].Cycles[0].Period.Start
		}},
		{4, "periods with a gap", "extended", func(c *subscription.Change) { shift(&c.Next.Subscriptions[0].Cycles[2].Period, time.Hour) }},
		{4, "periods that overlap", "extended", func(c *subscription.Change) { shift(&c.Next.Subscriptions[0].Cycles[2].Period, -time.Hour) }},
		{4, "periods that overlap although they are resumed", "extended", func(c *subscription.Change) {
			shift(&c.Next.Subscriptions[0].Cycles[2].Period, -time.Hour)
			c.Next.Subscriptions[0].Cycles[2].Resumed = true
		}},
		{4, "a number is left out", "extended", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[2].Number++ }},
		{4, "resumed without an interruption", "extended", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[1].Resumed = true }},

		{5, "lines that don't sum to the amount", "placed", both(func(o *subscription.Order) { o.Lines[0].Amount = usd("198.99") })},
		{5, "an amount that isn't the lines'", "placed", both(func(o *subscription.Order) { o.Amount = usd("1.00") })},
		{5, "another currency in a line", "placed", both(func(o *subscription.Order) {
			l := o.Lines[0]
			l.Amount = money(t, "0 JPY")
			o.Lines = append(o.Lines, l)
		})},
		{5, "no lines", "placed", both(func(o *subscription.Order) { o.Lines = nil })},
		{5, "a negative amount", "placed", both(func(o *subscription.Order) { o.Amount, o.Lines[0].Amount = usd("-1.00"), usd("-1.00") })},
		{5, "an order of another application", "placed", both(func(o *subscription.Order) { o.Application = "other" })},
		{5, "an order of another payer", "placed", both(func(o *subscription.Order) { o.Account = "other" })},
		{5, "an order that delivers nothing", "placed", both(func(o *subscription.Order) { o.Deliveries[0] = subscription.Delivery{} })},
		{5, "an order that delivers two things in one", "placed", both(func(o *subscription.Order) { o.Deliveries[0].Upgrade = &subscription.UpgradeDelivery{} })},
		{5, "a row that isn't the document's", "placed", func(c *subscription.Change) { c.Orders[0].Lines[0].Amount = usd("198.99") }},
		{5, "an order becomes cheaper as it is settled", "bought", func(c *subscription.Change) {
			c.Orders[0].Amount, c.Orders[0].Lines[0].Amount, c.Orders[0].Collected = usd("1.00"), usd("1.00"), usd("1.00")
		}},
		{5, "an order gets another attempt", "bought", func(c *subscription.Change) { c.Orders[0].Attempt += "x" }},
		{5, "an order gets other lines", "bought", func(c *subscription.Change) { c.Orders[0].Lines[0].Item = "call/stadium" }},
		{5, "an order gets other deliveries", "bought", func(c *subscription.Change) {
			c.Orders[0].Deliveries[0].Extend.Minutes *= 2
			c.Next.Subscriptions[0].Cycles[0].Minutes *= 2
			c.Next.Lots[0].Granted *= 2
			c.Next.Lots[0].Remaining *= 2
			c.Entries[0].Quantity *= 2
		}},
		{5, "the document has other deliveries than the row", "placed", func(c *subscription.Change) { c.Next.Orders[0].Deliveries[0].Extend.Count = 12 }},
		{5, "and without a row", "meanwhile", func(c *subscription.Change) { c.Next.Orders[0].Deliveries[0].Upgrade.Ahead[0]++ }},

		{6, "the row of a subscription is missing", "bought", func(c *subscription.Change) { c.Subscriptions = nil }},
		{6, "no event", "placed", func(c *subscription.Change) { c.Events = nil }},
		{6, "an event out of place", "placed", func(c *subscription.Change) { c.Events[0].Index = 1 }},
		{6, "an event of another revision", "placed", func(c *subscription.Change) { c.Events[0].Revision++ }},
		{6, "an event of another application", "placed", func(c *subscription.Change) { c.Events[0].Application = "other" }},
		{6, "an entry out of place", "bought", func(c *subscription.Change) { c.Entries[0].Index = 1 }},
		{6, "the revision stays", "placed", func(c *subscription.Change) { c.Next.Revision = c.Base }},
		{6, "the revision jumps", "placed", func(c *subscription.Change) { c.Next.Revision++ }},
		{6, "another base", "placed", func(c *subscription.Change) { c.Base--; c.Next.Revision-- }},
		{6, "another application", "placed", func(c *subscription.Change) { c.Application = "other" }},
		{6, "another application follows", "placed", func(c *subscription.Change) { c.Next.ID = "other" }},
		{6, "no application", "placed", func(c *subscription.Change) { c.Application = "" }},
		{6, "another payer", "bought", func(c *subscription.Change) { c.Next.Account = "other" }},
		{6, "two receipts", "placed", func(c *subscription.Change) { c.Receipts = append(c.Receipts, c.Receipts[0]) }},
		{6, "a receipt of another revision", "placed", func(c *subscription.Change) { c.Receipts[0].Revision-- }},
		{6, "a receipt without a key", "placed", func(c *subscription.Change) { c.Receipts[0].Key = "" }},

		{7, "paid less than it costs", "bought", func(c *subscription.Change) { c.Orders[0].Collected = usd("198.99") }},
		{7, "paid nothing", "bought", func(c *subscription.Change) { c.Orders[0].Collected = pricing.Money{} }},
		{7, "paid in another currency", "bought", func(c *subscription.Change) { c.Orders[0].Collected = money(t, "19900 JPY") }},
		{7, "paid and not delivered", "extended", func(c *subscription.Change) {
			c.Next.Subscriptions[0].Cycles, c.Next.Subscriptions[0].Next = c.Next.Subscriptions[0].Cycles[:1], 1
		}},
		{7, "paid and only partly delivered", "extended", func(c *subscription.Change) {
			c.Next.Subscriptions[0].Cycles, c.Next.Subscriptions[0].Next = c.Next.Subscriptions[0].Cycles[:2], 2
		}},
		{7, "an upgrade paid and not delivered", "upgraded", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[0].Version = "one-to-one" }},
		{7, "a cycle ahead that isn't upgraded with it", "upgraded", func(c *subscription.Change) {
			y := &c.Next.Subscriptions[0].Cycles[1]
			y.Version, y.Price, y.Minutes = "one-to-one", usd("199.00"), 100000
		}},
		{7, "a period without an order", "placed", func(c *subscription.Change) {
			c.Next.Subscriptions = named["bought"].change.Clone().Next.Subscriptions
			c.Events = append(c.Events, subscription.Event{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Index: len(c.Events), Type: subscription.EventOpened,
				Subscription: "call-1", Status: subscription.Active,
			})
		}},
		{7, "one period more than was paid for", "extended", func(c *subscription.Change) {
			s := &c.Next.Subscriptions[0]
			y := s.Cycles[2]
			y.Number++
			shift(&y.Period, y.Period.End.Sub(y.Period.Start))
			s.Cycles, s.Next = append(s.Cycles, y), s.Next+1
		}},
		{7, "another version than was paid for", "extended", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[2].Version = "stadium" }},
		{7, "more minutes than were paid for", "extended", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[2].Minutes++ }},
		{7, "another price than was paid, to upgrade from", "extended", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[2].Price = usd("597.00") }},
		{7, "another order's", "extended", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[0].Order = c.Orders[0].ID }},
		{7, "a period is prolonged", "upgraded", func(c *subscription.Change) {
			last := &c.Next.Subscriptions[0].Cycles[2].Period
			last.End = last.End.AddDate(0, 1, 0)
		}},
		{7, "raised without an order", "cancelled", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[0].Version = "stadium" }},
		{7, "raised to more minutes than were paid for", "upgraded", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[0].Minutes++ }},
		{7, "a cycle ahead raised to more minutes than were paid for", "upgraded", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[1].Minutes++ }},
		{7, "more granted by an upgrade", "upgraded", func(c *subscription.Change) {
			l := &c.Next.Lots[1]
			l.Granted, l.Remaining, c.Entries[0].Quantity = l.Granted+1, l.Remaining+1, c.Entries[0].Quantity+1
		}},
		{7, "more granted by a package", "bought", func(c *subscription.Change) {
			l := &c.Next.Lots[0]
			l.Granted, l.Remaining, c.Entries[0].Quantity = l.Granted+1, l.Remaining+1, c.Entries[0].Quantity+1
		}},
		{7, "granted twice, in two lots", "bought", func(c *subscription.Change) { again(c, 0, 0) }},
		{7, "granted twice by an upgrade, in two lots", "upgraded", func(c *subscription.Change) { again(c, 0, 1) }},
		{7, "granted twice, in one lot", "bought", func(c *subscription.Change) {
			c.Next.Lots[0].Granted *= 2
			c.Next.Lots[0].Remaining *= 2
			e := c.Entries[0]
			e.Index = 1
			c.Entries = append(c.Entries, e)
		}},
		{7, "granted again, later", "cancelled", func(c *subscription.Change) {
			l := &c.Next.Lots[0]
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Kind: subscription.EntryGranted, Lot: l.ID, Quantity: l.Granted,
			})
			l.Remaining += l.Granted
			l.Granted *= 2
		}},
		{7, "granted again, later, in a new lot", "cancelled", func(c *subscription.Change) {
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Kind: subscription.EntryGranted, Lot: c.Next.LastLot, Quantity: c.Next.Lots[0].Granted,
			})
			again(c, 0, 0)
			c.Entries = c.Entries[1:]
			c.Entries[0].Index = 0
		}},
		{7, "granted before the cycle begins", "extended", func(c *subscription.Change) {
			y := c.Next.Subscriptions[0].Cycles[1]
			l := c.Next.Lots[0]
			c.Next.LastLot++
			l.ID, l.Order, l.Period = c.Next.LastLot, y.Order, y.Period
			c.Next.Lots = append(c.Next.Lots, l)
			c.Entries = append(c.Entries, subscription.Entry{
				Application: app, Revision: c.Base + 1, At: c.Next.AsOf, Kind: subscription.EntryGranted, Lot: l.ID, Quantity: l.Granted,
			})
		}},
		{7, "a period begins once more", "upgraded", func(c *subscription.Change) { c.Next.Subscriptions[0].Cycles[0].Begun = false }},
		{7, "begun and nothing granted", "begun", func(c *subscription.Change) {
			for i := range c.Entries {
				if c.Entries[i].Kind == subscription.EntryGranted {
					id := c.Entries[i].Lot
					c.Entries = append(c.Entries[:i:i], c.Entries[i+1:]...)
					for j := range c.Next.Lots {
						if c.Next.Lots[j].ID == id {
							c.Next.Lots = append(c.Next.Lots[:j:j], c.Next.Lots[j+1:]...)
							break
						}
					}
					break
				}
			}
			for i := range c.Entries {
				c.Entries[i].Index = i
			}
		}},
	} {
		t.Run(strconv.Itoa(tt.invariant)+" "+tt.name, func(t *testing.T) {
			r, ok := named[tt.of]
			if !ok {
				t.Fatalf("there is no change %q", tt.of)
			}
			c := r.change.Clone()
			tt.doctor(&c)
			err := c.Check(r.base)
			want := "invariant broken: " + strconv.Itoa(tt.invariant) + ":"
			if !errors.Is(err, subscription.ErrInvariant) || !strings.Contains(err.Error(), want) {
				t.Errorf("Check = %v, want %s", err, want)
			}
		})
	}
}

// both tampers with the order that a change places, both in its row and in the document.
func both(doctor func(*subscription.Order)) func(*subscription.Change) {
	return func(c *subscription.Change) {
		doctor(&c.Orders[0])
		doctor(&c.Next.Orders[0])
	}
}

func shift(p *pricing.Period, by time.Duration) { p.Start, p.End = p.Start.Add(by), p.End.Add(by) }

// again repeats the grant of an entry, in a new lot like the original one.
func again(c *subscription.Change, entry, lot int) {
	e, l := c.Entries[entry], c.Next.Lots[lot]
	c.Next.LastLot++
	l.ID, e.Lot = c.Next.LastLot, c.Next.LastLot
	e.Index = len(c.Entries)
	c.Entries, c.Next.Lots = append(c.Entries, e), append(c.Next.Lots, l)
}
