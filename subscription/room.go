package subscription

import (
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
)

// The shares of a document, in bytes of JSON. Each kind of content has its own share. It is checked when something is
// ordered, reserved or first used, never when it is settled. So purchases can't keep usage from being counted, bills
// and renewals from being placed, or payments from being delivered.
const (
	shareBought   = 320 << 10 // subscriptions with their cycles, and lots, as of when open orders are delivered
	shareOrders   = 64 << 10  // customers' orders that may still be delivered
	shareActions  = 160 << 10 // what customers have to do for orders; those placed without them get half
	shareRenewals = 64 << 10  // the worker's orders that may still be delivered
	shareBills    = 160 << 10 // bills that may still be delivered; see [Application.BillsWait]
	shareGivenUp  = 128 << 10 // orders being looked up, refunded or handled by a person; customers' abandoned ones get half
	shareCounters = 192 << 10 // usage of days that are open or unpaid
	shareOfDay    = shareCounters / 4
	shareReserved = 128 << 10
	shareReturned = 64 << 10 // lots of what corrections gave back
	shareRest     = 32 << 10 // the application itself, free minutes and automatic top-ups
)

// MaxDocument is the maximum size of an application's document, in bytes of JSON. It is the sum of the shares. An
// order that could exceed it is refused before it is paid.
const MaxDocument = shareBought + shareOrders + shareActions + shareRenewals + shareBills + shareGivenUp + shareCounters + shareReserved +
	shareReturned + shareRest

// within fails with [ErrTooLarge] if size exceeds a share.
func within(share, size int, what string) error {
	if size > share {
		return fmt.Errorf("%w: %s of %d bytes, at most %d", ErrTooLarge, what, size, share)
	}
	return nil
}

// roomFor fails with [ErrTooLarge] unless there is room for an order and for what it delivers. Customers' orders
// leave room for one more renewal of each subscription.
func (a *Application) roomFor(o *Order) error {
	class := o.class()
	size := o.size() + textSize(o.Application)*2 + sizeOfOrderID*2
	for i := range a.Orders {
		if p := &a.Orders[i]; p.Status.Blocking() && p.class() == class {
			size += p.size()
		}
	}
	most := shareBought
	switch class {
	case bills:
		return within(shareBills, size, "bills that aren't paid") // bills deliver nothing
	case renewals:
		if err := within(shareRenewals, size, "renewals that aren't paid"); err != nil {
			return err
		}
	case others:
		if err := within(shareOrders, size, "orders that aren't paid"); err != nil {
			return err
		}
		most -= a.renewals()
	}
	return within(most, a.holdings()+o.gives(), "cycles and lots")
}

// BillsWait reports whether so much usage is ordered but unpaid that there may be no room for another bill. Days that
// close in the meantime are billed once some of it is paid.
func (a Application) BillsWait() bool {
	n := 0
	for i := range a.Orders {
		if o := &a.Orders[i]; o.Status.Blocking() && o.class() == bills {
			n += o.size()
		}
	}
	return n > shareBills-shareOfDay-2*sizeOfOrder
}

// class says which share an order counts against.
type class int

const (
	others   class = iota // customers' orders
	renewals              // the worker's orders
	bills
)

func (o *Order) class() class {
	switch {
	case o.Kind == UsageOrder:
		return bills
	case o.automatic():
		return renewals
	}
	return others
}

// roomForGivenUp fails with [ErrTooLarge] if there is no room to abandon another order. Abandoned orders stay in the
// document until they are known not to have been collected, or are refunded.
func (a *Application) roomForGivenUp(o *Order) error {
	n := o.size()
	for i := range a.Orders {
		if p := &a.Orders[i]; !p.Status.Blocking() {
			n += p.size()
		}
	}
	for i := range a.Refunds {
		n += a.Refunds[i].size()
	}
	return within(shareGivenUp/2, n, "orders that were given up, and refunds that are due")
}

// roomForAction fails with [ErrTooLarge] if there is no room for what the customer has to do for an order. For the orders
// that customers can have open at a time, there always is.
func (a *Application) roomForAction(o *Order, action payment.Action) error {
	n := sizeOfAction + textSize(action.Value)
	for i := range a.Orders {
		if p := &a.Orders[i]; p.Action != nil && p.ID != o.ID {
			n += sizeOfAction + textSize(p.Action.Value)
		}
	}
	if o.Present {
		return within(shareActions, n, "actions")
	}
	return within(shareActions/2, n, "actions")
}

// holdings bounds the size of the subscriptions and purchased lots once all open orders are delivered.
func (a *Application) holdings() int {
	n := 0
	for i := range a.Subscriptions {
		n += a.Subscriptions[i].size()
	}
	for i := range a.Lots {
		// Those of the others have room elsewhere.
		if l := &a.Lots[i]; l.Source != FromFree && l.Source != FromReturned && l.Source != FromOverdraft {
			n += l.size()
		}
	}
	for i := range a.PurchaseCounts {
		b := &a.PurchaseCounts[i]
		n += sizeOfBought + textSize(b.Product) + textSize(b.Version) + textSize(b.Offer)
	}
	for i := range a.Orders {
		if o := &a.Orders[i]; o.Status.Blocking() {
			n += o.gives()
		}
	}
	return n
}

// roomForHoldings fails with [ErrTooLarge] if there is no room for the subscriptions and purchased lots, and for one more
// renewal of each.
func (a *Application) roomForHoldings() error {
	return within(shareBought-a.renewals(), a.holdings(), "cycles and lots")
}

// renewals bounds what one more renewal of each subscription adds.
func (a *Application) renewals() int {
	n := 0
	for i := range a.Subscriptions {
		if s := &a.Subscriptions[i]; !s.Trial && !s.Status.Over() {
			e := ExtendDelivery{Subscription: s.ID, Product: s.Product, Version: s.Version(), Zone: s.Zone, Count: 1}
			if p := s.Planned; p != nil && textSize(p.Version) > textSize(e.Version) {
				e.Version = p.Version
			}
			n += e.growth()
		}
	}
	return n
}

// roomForCounter fails with [ErrTooLarge] unless there is room to count another kind of usage on a day. No open day
// can use up the room of the next.
func (a *Application) roomForCounter(next *UsageCounter) error {
	all, day := next.size(), next.size()
	for i := range a.Counters {
		c := &a.Counters[i]
		all += c.size()
		if c.Day == next.Day {
			day += c.size()
		}
	}
	if err := within(shareOfDay, day, "usage of a day"); err != nil {
		return err
	}
	return within(shareCounters, all, "usage of the days that are open or not paid")
}

// crowded reports whether half of the room for counters is used.
func (a *Application) crowded() bool {
	n := 0
	for i := range a.Counters {
		n += a.Counters[i].size()
	}
	return n > shareCounters/2
}

// roomForReservations fails with [ErrTooLarge] if there are too many reservations.
func (a *Application) roomForReservations() error {
	n := 0
	for i := range a.Reservations {
		r := &a.Reservations[i]
		n += sizeOfReservation + textSize(r.ID) + textSize(r.Product) + textSize(r.Kind) + len(r.Parts)*sizeOfPart
	}
	return within(shareReserved, n, "reservations")
}

// roomForRest fails with [ErrTooLarge] if there are too many free grants, each of which has two lots at a time, too many
// tax rates, or too many automatic top-ups.
func (a *Application) roomForRest() error {
	n := sizeOfRest + textSize(a.ID) + textSize(a.Account) + textSize(a.Accepted.Agreement)
	if a.Tax != nil {
		n += a.Tax.size()
	}
	for i := range a.AutoTopUps {
		n += a.AutoTopUps[i].size()
	}
	for i := range a.Free {
		f := &a.Free[i]
		n += sizeOfFree + textSize(f.ID) + textSize(f.Zone) + listSize(f.Products)
		n += 2 * (sizeOfLot + textSize(f.ID) + textSize(f.Zone) + listSize(f.Products))
	}
	return within(shareRest, n, "free minutes, tax rates and automatic top-ups")
}

// roomForReturned fails with [ErrTooLarge] unless there is room for another returned lot. If need be, those that are spent
// make room.
func (d *Draft) roomForReturned(next *Lot) error {
	left := next.size() // by those that aren't spent
	all := left
	for i := range d.Application.Lots {
		l := &d.Application.Lots[i]
		switch {
		case l.Source != FromReturned:
		case l.spent():
			all += l.size()
		default:
			left, all = left+l.size(), all+l.size()
		}
	}
	if all > shareReturned && left <= shareReturned {
		d.dropLots(func(l *Lot) bool { return l.Source == FromReturned && l.spent() })
	}
	return within(shareReturned, left, "minutes that corrections gave back")
}
