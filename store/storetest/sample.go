package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// sample returns a change in which every field of every row is set, each to a different value if its type has enough
// values. A store that forgets a field or confuses two fields is therefore detected. The change satisfies the
// constraints on changes: statuses and kinds are valid, an order's lines have its currency, a delivery has one kind,
// the document's orders are the unresolved ones among the rows, and none of its lots has expired. Every other order is
// placed by the change.
//
// The seed, counting from 0, varies the sample. With an even seed every flag is set; with an odd one some are.
func sample(app subscription.ApplicationID, base int64, seed int) subscription.Change {
	f := &filler{
		n: 1000 * (seed + 1), flags: seed%2 == 0, coin: rand.New(rand.NewPCG(uint64(seed), 0)), turns: map[reflect.Type]int{},
	}
	var c subscription.Change
	f.fill(reflect.ValueOf(&c).Elem(), "")
	c.Application, c.Base = app, base
	c.Next.ID, c.Next.Revision = app, base+1
	statuses := orderStatuses()
	c.Orders = make([]subscription.Order, len(statuses))
	c.Next.Orders = nil
	f.turns = map[reflect.Type]int{} // the orders must not depend on the rest of the change
	for i, status := range statuses {
		o := &c.Orders[i]
		f.fill(reflect.ValueOf(o).Elem(), "")
		o.Application, o.Account, o.Status = app, c.Next.Account, status
		o.ID = subscription.OrderID(fmt.Sprintf("%d-%d", base+1, f.n))
		o.Attempt = attempt(app, o.ID)
		if status.Unresolved() {
			c.Next.Orders = append(c.Next.Orders, o.Clone())
		}
	}
	for i := 0; i < len(c.Orders); i += 2 {
		placed := c.Events[0]
		placed.Type, placed.Order = subscription.EventOrderPlaced, c.Orders[i].ID
		c.Events = append(c.Events, placed)
	}
	for i := range c.Refunds {
		c.Refunds[i].Application = app
	}
	for i := range c.Next.Refunds {
		c.Next.Refunds[i].Application = app
	}
	for i := range c.Subscriptions {
		c.Subscriptions[i].Application = app
	}
	for i := range c.Entries {
		c.Entries[i].Application, c.Entries[i].Revision, c.Entries[i].Index = app, base+1, i
	}
	for i := range c.Events {
		c.Events[i].Application, c.Events[i].Revision, c.Events[i].Index = app, base+1, i
	}
	c.Receipts = c.Receipts[:1]
	c.Receipts[0].Application, c.Receipts[0].Revision = app, base+1
	return c
}

func orderStatuses() []subscription.OrderStatus {
	return []subscription.OrderStatus{
		subscription.OrderOpen, subscription.OrderPaid, subscription.OrderDeclined, subscription.OrderReview,
		subscription.OrderCanceling, subscription.OrderCanceled, subscription.OrderRefundDue,
		subscription.OrderRefunded, subscription.OrderUnreconciled,
	}
}

// choices returns the values of a type that has a fixed set of them, or nil.
func choices(t reflect.Type) []any {
	switch t {
	case reflect.TypeFor[subscription.Status]():
		return []any{
			subscription.Active, subscription.PastDue, subscription.Interrupted, subscription.Ended, subscription.Expired,
			subscription.Refunded,
		}
	case reflect.TypeFor[subscription.OrderStatus]():
		return []any{subscription.OrderOpen}
	case reflect.TypeFor[subscription.OrderKind]():
		return []any{
			subscription.PurchaseOrder, subscription.UpgradeOrder, subscription.RenewalOrder, subscription.TopUpOrder,
			subscription.UsageOrder, subscription.GiftOrder, subscription.ImportOrder,
		}
	case reflect.TypeFor[subscription.Source]():
		return []any{
			subscription.FromPackage, subscription.FromUpgrade, subscription.FromTopUp, subscription.FromFree, subscription.FromGift,
			subscription.FromReturned, subscription.FromOverdraft,
		}
	case reflect.TypeFor[subscription.EntryKind]():
		return []any{
			subscription.EntryGranted, subscription.EntryExpired, subscription.EntryConsumed, subscription.EntryReserved,
			subscription.EntryReleased, subscription.EntryRefunded, subscription.EntryReinstated, subscription.EntryLent,
			subscription.EntryRepaid,
		}
	case reflect.TypeFor[subscription.RefundKind]():
		return []any{
			subscription.RefundRequested, subscription.RefundLate, subscription.RefundReversal, subscription.RefundProvider,
		}
	case reflect.TypeFor[subscription.RefundStatus]():
		return []any{
			subscription.RefundDue, subscription.RefundMade, subscription.RefundFailed, subscription.RefundReinstated,
		}
	case reflect.TypeFor[subscription.Take]():
		return []any{subscription.TakeNothing, subscription.TakeUnused, subscription.TakeAll}
	case reflect.TypeFor[payment.ActionKind]():
		return []any{payment.ActionRedirect, payment.ActionSecret}
	case reflect.TypeFor[subscription.EventType]():
		return []any{subscription.EventUpgraded, subscription.EventOrderDeclined}
	case reflect.TypeFor[payment.Reason]():
		return []any{payment.InsufficientBalance, payment.Suspected}
	case reflect.TypeFor[pricing.LineKind]():
		return []any{
			pricing.PurchaseLine, pricing.UpgradeLine, pricing.CycleLine, pricing.RenewalLine, pricing.PackLine, pricing.UsageLine,
		}
	case reflect.TypeFor[pricing.Currency]():
		return []any{pricing.Currency("EUR"), pricing.Currency("JPY")}
	}
	return nil
}

// filler sets fields to increasing numbers, so no two are alike.
type filler struct {
	n     int
	flags bool // set all flags; otherwise a random choice
	coin  *rand.Rand
	turns map[reflect.Type]int // the next value of types with a fixed set of values
}

func (f *filler) next() int {
	f.n++
	return f.n
}

// turn counts the values of a type, from 0.
func (f *filler) turn(t reflect.Type) int {
	f.turns[t]++
	return f.turns[t] - 1
}

// fill sets v and everything it contains. Texts are named after field.
func (f *filler) fill(v reflect.Value, field string) {
	if values := choices(v.Type()); values != nil {
		v.Set(reflect.ValueOf(values[f.turn(v.Type())%len(values)]))
		return
	}
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = noon().Add(time.Duration(f.next()) * (time.Hour + time.Microsecond))
		return
	case *pricing.Money:
		*p = cents(1<<40 + int64(f.next()))
		return
	case *pricing.Rate:
		*p = rate(fmt.Sprintf("%d.000000007", f.next()))
		return
	case *pricing.Term:
		// Of any two consecutive terms, one is in months and the other in days, alternating which comes first.
		if *p = pricing.Days(f.next()%300 + 1); f.turn(v.Type())*3/2%2 == 0 {
			*p = pricing.Months(f.n%100 + 1)
		}
		return
	case **subscription.Deal:
		*p = new(subscription.Deal)
	case **subscription.Planned:
		*p = new(subscription.Planned)
	case **subscription.BeyondDeal:
		*p = new(subscription.BeyondDeal)
	case **subscription.Imported:
		*p = new(subscription.Imported)
	case **subscription.TaxFacts:
		*p = new(subscription.TaxFacts)
	case **payment.Action:
		*p = new(payment.Action)
	case *subscription.Delivery:
		*p = []subscription.Delivery{
			{Upgrade: new(subscription.UpgradeDelivery)}, {Extend: new(subscription.ExtendDelivery)},
			{Grant: new(subscription.GrantDelivery)}, {Usage: new(subscription.UsageDelivery)},
		}[f.turn(v.Type())%4]
	}
	f.fillKind(v, field)
}

func (f *filler) fillKind(v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), v.Type().Field(i).Name)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		for i := range v.Len() {
			f.fill(v.Index(i), field)
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), field)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			f.fill(v.Elem(), field)
		}
	case reflect.String:
		v.SetString(fmt.Sprintf("%s %d", field, f.next()))
	case reflect.Bool:
		v.SetBool(f.flags || f.coin.IntN(2) == 0)
	case reflect.Uint8:
		v.SetUint(uint64(f.next()%255 + 1))
	case reflect.Int, reflect.Int32:
		v.SetInt(int64(f.next()))
	case reflect.Int64:
		v.SetInt(1<<40 + int64(f.next()))
	default:
		panic("storetest: don't know how to fill a " + v.Type().String())
	}
}
