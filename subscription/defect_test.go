package subscription_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// defect is a defective caller-defined command: it tampers with the draft or with the finished change.
type defect struct {
	Name  string
	draft func(d *subscription.Draft)
	after func(c *subscription.Change)
}

func (defect) Kind() string { return "defect" }

func (c defect) Decide(s subscription.Snapshot, _ *pricing.Catalog, now time.Time) (subscription.Change, error) {
	d := subscription.Begin(s, now)
	if c.draft != nil {
		c.draft(d)
	}
	d.AddEvent(subscription.Event{Type: "defect"})
	change := d.Change()
	if c.after != nil {
		c.after(&change)
	}
	return change, nil
}

// refuseDefect runs a command that breaks an invariant, and checks that it is refused.
func (w *world) refuseDefect(invariant int, c defect) {
	w.t.Helper()
	before := w.stored()
	_, err := w.do(c)
	want := "invariant broken: " + strconv.Itoa(invariant) + ":"
	if !errors.Is(err, subscription.ErrInvariant) || !strings.Contains(err.Error(), want) {
		w.t.Errorf("Do = %v, want %s", err, want)
	}
	if diff := cmp.Diff(before, w.stored(), exactly); diff != "" {
		w.t.Errorf("it changed something (-before +after):\n%s", diff)
	}
}

// A defective command can't change what is fixed: it would give minutes, periods or money for nothing.
// Rule: periods-are-consecutive.
func TestCheckRefusesChangesOfWhatIsFixed(t *testing.T) {
	first := func(f func(s *subscription.Subscription)) func(*subscription.Draft) {
		return func(d *subscription.Draft) { f(&d.Application.Subscriptions[0]) }
	}
	lot := func(f func(l *subscription.Lot)) func(*subscription.Draft) {
		return func(d *subscription.Draft) { f(&d.Application.Lots[0]) }
	}
	for _, tt := range []struct {
		invariant int
		name      string
		draft     func(d *subscription.Draft)
	}{
		{1, "a lot twice in the document", func(d *subscription.Draft) {
			d.Application.Lots = append(d.Application.Lots, d.Application.Lots[0])
		}},
		{1, "the last lot's number falls", func(d *subscription.Draft) { d.Application.LastLot = 0 }},
		{1, "a lot is valid forever", lot(func(l *subscription.Lot) { l.Period.End = l.Period.End.AddDate(100, 0, 0) })},
		{1, "a lot is valid from before", lot(func(l *subscription.Lot) { l.Period.Start = l.Period.Start.AddDate(-1, 0, 0) })},
		{1, "a lot is for another product", lot(func(l *subscription.Lot) { l.Products[0] = "live" })},
		{1, "a lot is for one more product", lot(func(l *subscription.Lot) { l.Products = append(l.Products, "live") })},
		{1, "a lot of another source", lot(func(l *subscription.Lot) { l.Source = subscription.FromUpgrade })},
		{1, "a lot of another subscription", lot(func(l *subscription.Lot) { l.Subscription = "live-1" })},
		{1, "a lot that another order paid for", lot(func(l *subscription.Lot) { l.Order = "9-abc" })},
		{1, "a lot that was granted earlier", lot(func(l *subscription.Lot) { l.GrantedAt = l.GrantedAt.Add(-time.Hour) })},
		{7, "a period that has begun begins again", first(func(s *subscription.Subscription) { s.Cycles[0].Begun = false })},
		{7, "a period is marked as begun, without its minutes", first(func(s *subscription.Subscription) { s.Cycles[1].Begun = true })},
		{4, "periods that are paid for vanish", first(func(s *subscription.Subscription) { s.Cycles = s.Cycles[:1] })},
		{4, "the current period vanishes", first(func(s *subscription.Subscription) { s.Cycles = s.Cycles[1:] })},
		{4, "another currency", first(func(s *subscription.Subscription) { s.Currency = "JPY" })},
		{4, "another product", first(func(s *subscription.Subscription) { s.Product = "live" })},
		{4, "another zone", first(func(s *subscription.Subscription) { s.Zone = "Asia/Shanghai" })},
		{4, "it becomes a trial", first(func(s *subscription.Subscription) { s.Trial = true })},
		{4, "it was opened at another time", first(func(s *subscription.Subscription) { s.OpenedAt = s.OpenedAt.Add(time.Hour) })},
		{4, "another anchor", first(func(s *subscription.Subscription) { s.Anchor.Date++ })},
		{4, "another term", first(func(s *subscription.Subscription) { s.Anchor.Term = pricing.Months(12) })},
		{4, "periods of the anchor come back", first(func(s *subscription.Subscription) { s.Next = 1 })},
		{4, "periods of the anchor are left out", first(func(s *subscription.Subscription) { s.Next = 99 })},
		{7, "what was bought is forgotten", func(d *subscription.Draft) { d.Application.PurchaseCounts = nil }},
		{7, "a purchase is forgotten", func(d *subscription.Draft) { d.Application.PurchaseCounts[0].Count-- }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.must(buy("call", "one-to-one"))
			w.must(prepay{Product: "call", Cycles: 3})
			w.refuseDefect(tt.invariant, defect{Name: tt.name, draft: tt.draft})
		})
	}
}

// An order is stored before it is collected, so no single change may both place an order and mark it paid.
// Rule: nothing-without-payment.
func TestCheckRefusesAnOrderThatIsPaidAsItIsPlaced(t *testing.T) {
	w := newWorld(t, setup{gateway: pending})
	o := w.place(buy("call", "one-to-one"))
	r := w.store.last()
	placed := subscription.Snapshot{Application: r.base}.After(r.change)
	settled, err := subscription.Settle(placed, o.ID, paid(o), w.catalog.ZoneOf, w.now)
	w.ok(err)
	if err := settled.Check(r.base); err == nil || !strings.Contains(err.Error(), "invariant broken: 7:") {
		t.Errorf("Check = %v, want invariant broken: 7:", err)
	}
}

// An order's content doesn't change between placing and closing, and orders begin and are reopened only as the table of
// statuses allows.
// Rule: only-listed-steps, order-content-is-fixed.
func TestCheckRefusesDefectiveOrders(t *testing.T) {
	t.Run("an open order changes in the document", func(t *testing.T) {
		w := newWorld(t, setup{gateway: pending})
		w.place(buy("call", "one-to-one"))
		for name, change := range map[string]func(o *subscription.Order){
			"its amount": func(o *subscription.Order) {
				o.Amount, o.Lines[0].Amount = money(t, "0.01 USD"), money(t, "0.01 USD")
			},
			"how many periods it delivers": func(o *subscription.Order) { o.Deliveries[0].Extend.Count = 12 },
			"the minutes that it delivers": func(o *subscription.Order) { o.Deliveries[0].Extend.Minutes++ },
			"what it is for":               func(o *subscription.Order) { o.Version = "stadium" },
			"its attempt":                  func(o *subscription.Order) { o.Attempt += "x" },
		} {
			w.refuseDefect(5, defect{Name: name, draft: func(d *subscription.Draft) { change(&d.Application.Orders[0]) }})
		}
		w.refuseDefect(7, defect{Name: "it is refunded and nothing was collected", after: func(c *subscription.Change) {
			c.Next.Orders[0].Status = subscription.OrderRefunded
			c.Orders, c.Next.Orders = c.Next.Orders, nil
			c.Events[0].Type, c.Events[0].Order = subscription.EventOrderRefunded, c.Orders[0].ID
		}})
		w.refuseDefect(3, defect{Name: "it is to be refunded, as in the first version", after: func(c *subscription.Change) {
			o := &c.Next.Orders[0]
			o.Status, o.Collected = subscription.OrderRefundDue, o.Amount
			c.Orders = c.Next.Orders
			c.Events[0].Type, c.Events[0].Order = subscription.EventOrderRefundDue, o.ID
		}})
		w.refuseDefect(7, defect{Name: "what was collected", draft: func(d *subscription.Draft) {
			d.Application.Orders[0].Collected = d.Application.Orders[0].Amount
		}})
	})
	for _, tt := range []struct {
		invariant int
		name      string
		change    func(o *subscription.Order)
		document  bool
	}{
		{3, "it is to be refunded, as in the first version", func(o *subscription.Order) {
			o.Status = subscription.OrderRefundDue
		}, true},
		{3, "it is refunded, and no refund is a row", func(o *subscription.Order) {
			o.Refunds, o.RefundedAmount = 1, o.Collected
		}, false},
		{3, "it is open once more", func(o *subscription.Order) { o.Status = subscription.OrderOpen }, true},
		{3, "it is under review", func(o *subscription.Order) { o.Status = subscription.OrderReview }, true},
		{3, "it is declined", func(o *subscription.Order) { o.Status = subscription.OrderDeclined }, false},
		{3, "it is paid once more", func(*subscription.Order) {}, false},
		{3, "an order that never was is refunded", func(o *subscription.Order) {
			o.ID, o.Attempt, o.Status = "99-x", "video-chat/99-x", subscription.OrderRefunded
		}, false},
		{3, "an order is there that wasn't placed", func(o *subscription.Order) {
			o.ID, o.Attempt, o.Status, o.Collected = "4-x", "video-chat/4-x", subscription.OrderOpen, pricing.Money{}
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{})
			done := w.must(buy("call", "one-to-one")).Order
			tt.change(&done)
			w.refuseDefect(tt.invariant, defect{Name: tt.name, after: func(c *subscription.Change) {
				c.Orders = append(c.Orders, done)
				if tt.document {
					c.Next.Orders = append(c.Next.Orders, done)
				}
			}})
		})
	}
	for name, change := range map[string]func(o *subscription.Order){
		"what was delivered is refunded and not taken back": func(o *subscription.Order) { o.TakenBackAt = o.PaidAt },
		"nothing was collected and it is refunded":          func(o *subscription.Order) { o.Collected = pricing.Money{} },
		"less was collected than is refunded":               func(o *subscription.Order) { o.Collected = money(t, "198.99 USD") },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			done := w.must(buy("call", "one-to-one")).Order
			r := subscription.Refund{
				Application: app, Order: done.ID, Number: 1, Kind: subscription.RefundRequested, Account: acme, Amount: done.Amount,
				Key: string(done.Attempt) + "/refund", Take: subscription.TakeAll, Status: subscription.RefundDue, DueAt: w.now,
			}
			done.Refunds, done.RefundedAmount = 1, r.Amount
			change(&done)
			w.refuseDefect(8, defect{Name: name, after: func(c *subscription.Change) {
				c.Orders, c.Refunds, c.Next.Refunds = []subscription.Order{done}, []subscription.Refund{r}, []subscription.Refund{r}
				c.Events[0].Type, c.Events[0].Order = subscription.EventRefundDue, done.ID
			}})
		})
	}
	for _, tt := range []struct {
		invariant int
		name      string
		change    func(o *subscription.Order)
		document  bool
	}{
		{3, "it begins as declined", func(o *subscription.Order) { o.Status = subscription.OrderDeclined }, false},
		{3, "it begins as canceling", func(o *subscription.Order) { o.Status = subscription.OrderCanceling }, true},
		{3, "it begins as refunded", func(o *subscription.Order) { o.Status = subscription.OrderRefunded }, false},
		{7, "it is paid as it is placed", func(o *subscription.Order) {
			o.Status, o.Collected = subscription.OrderPaid, o.Amount
		}, false},
		{7, "its ID isn't the request's", func(o *subscription.Order) { o.ID = "9-abc" }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, setup{gateway: pending})
			w.place(buy("call", "one-to-one"))
			r := w.store.last()
			c := r.change.Clone()
			tt.change(&c.Orders[0])
			for i := range c.Events {
				if c.Events[i].Order != "" {
					c.Events[i].Order = c.Orders[0].ID
				}
			}
			c.Next.Orders = nil
			if tt.document {
				c.Next.Orders = c.Orders
			}
			want := "invariant broken: " + strconv.Itoa(tt.invariant) + ":"
			if err := c.Check(r.base); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Check = %v, want %s", err, want)
			}
		})
	}
}
