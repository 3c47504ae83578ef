package subscription

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// RefundOrder returns money of a paid order, all or part of it, and takes back none, some or all of what the order
// delivered. It is for staff: it asks for no reason and has no time limit. A refund becomes due, which the service
// requests from the gateway at once and, if that isn't possible, a worker does.
//
// Amount is what goes back, taxes included; the zero Money means all that is left or, with Cycles, the share of the
// periods. The library prorates nothing else. Take says what is taken back:
//
//   - [TakeNothing], the default: the customer keeps everything.
//   - [TakeUnused]: what is left of the order's lots goes. Its periods stay.
//   - [TakeAll]: a purchase or a renewal whose period has begun ends the subscription; every period of an upgrade becomes
//     what it was before; a pack loses what is left of it. A later order that builds on it must be taken back first.
//
// Cycles takes back so many periods that were paid for ahead and haven't begun, the last ones first. Their money is the
// order's amount times their number, divided by the number of all its periods; the last one takes the rest. Taking back a
// period that is current or ahead turns auto-renewal off, and taking back minutes of a package or a pack turns off the
// automatic top-ups of their products, unless KeepAutoRenew is set. Reserved minutes stay reserved, and what isn't used of
// them is taken when they are released.
//
// The refund's share of the taxes, see [Order.CollectedTaxes], follows from its amount. Taxes replaces it, for an exemption
// that is proved later, say; of each tax, Name and Amount count.
//
// If all of the money has gone back already, by a chargeback say, the command can still take back what wasn't taken then:
// the refund is of nothing.
//
// Money of an order that was paid too late or never delivered is returned by itself. If that failed, RefundOrder repeats
// it under another key. Elsewhere records that the money was returned by other means: the gateway isn't asked. After
// an [Erase] there is no other way.
//
// It fails with [ErrNotFound], with [ErrInvalid] for bad input, and with [ErrNotRefundable] if that much wasn't collected
// or has already gone back, if an order stands in the way, which the [*ObstacleError] names, or if something is to be taken
// back from a bill for usage. It fails with [ErrTooLarge] if too many refunds are under way.
type RefundOrder struct {
	Order         OrderID       `json:"order"`
	Amount        pricing.Money `json:"amount,omitzero"`
	Take          Take          `json:"take,omitzero"`
	Cycles        int           `json:"cycles,omitzero"`
	KeepAutoRenew bool          `json:"keep_auto_renew,omitzero"`
	Taxes         []pricing.Tax `json:"tax,omitempty"`
	Note          string        `json:"note,omitzero"` // for the books; at most MaxText bytes are kept
	Elsewhere     bool          `json:"elsewhere,omitzero"`
}

// Kind returns "refund".
func (RefundOrder) Kind() string { return "refund" }

// Needs requests the order and its refunds.
func (c RefundOrder) Needs() Needs {
	return Needs{Orders: []OrderID{c.Order}, Refunds: []OrderID{c.Order}}
}

// Decide implements [Command].
func (c RefundOrder) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := c.valid(); err != nil {
		return Change{}, err
	}
	d := Begin(s, now)
	o, err := d.order(c.Order)
	if err != nil {
		return Change{}, err
	}
	if err := d.refundOrder(&o, c, cat); err != nil {
		return Change{}, err
	}
	return d.Change(), nil
}

// valid returns [ErrInvalid] for a command that is wrong whatever the order.
func (c RefundOrder) valid() error {
	switch {
	case c.Take != "" && c.Take != TakeNothing && c.Take != TakeUnused && c.Take != TakeAll:
		return fmt.Errorf("%w: take %.40q", ErrInvalid, string(c.Take))
	case c.Cycles < 0 || c.Cycles > MaxCount || c.Cycles > 0 && c.Take != "" && c.Take != TakeAll:
		return fmt.Errorf("%w: %d cycles with take %.40q", ErrInvalid, c.Cycles, string(c.Take))
	case c.Amount.Sign() < 0 || !c.Amount.IsZero() && c.Amount.Sign() == 0:
		return fmt.Errorf("%w: a refund of %s", ErrInvalid, c.Amount)
	case !writable(c.Note):
		return fmt.Errorf("%w: note of %d bytes", ErrInvalid, len(c.Note))
	}
	return nil
}

// refundOrder places the refund that a command asks for, and takes back what it says.
func (d *Draft) refundOrder(o *Order, c RefundOrder, cat *pricing.Catalog) error {
	refuse := func(why string) error { return fmt.Errorf("%w: order %s: %s", ErrNotRefundable, o.ID, why) }
	left := o.Left()
	switch {
	case !d.Application.ErasedAt.IsZero() && !c.Elsewhere:
		return refuse("the account was erased, so only by other means")
	case o.Status.Unresolved():
		return refuse(fmt.Sprintf("it is %s", o.Status))
	case left.Sign() <= 0 && (!c.takes() || o.Status != OrderPaid || !slices.ContainsFunc(d.refundsOf(o.ID), Refund.reversed)):
		return refuse("nothing is left of what was collected")
	case o.Status != OrderPaid && c.takes():
		return refuse("it delivered nothing")
	case !o.TakenBackAt.IsZero() && (c.Take == TakeAll || c.Cycles > 0):
		return refuse("what it delivered was taken back")
	}
	amount, err := c.amount(d, o, left, cat)
	if err != nil {
		return err
	}
	if over, err := amount.Cmp(left); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	} else if over > 0 {
		return refuse(fmt.Sprintf("%s is left, not %s", left, amount))
	}
	r := Refund{Kind: RefundRequested, Amount: amount, Take: cmp.Or(c.Take, TakeNothing), Note: c.Note}
	if o.Status != OrderPaid {
		r.Kind = RefundLate
	}
	if c.Cycles > 0 {
		r.Take, r.Cycles = TakeAll, c.Cycles
	}
	if c.Elsewhere || amount.Sign() == 0 {
		r.Status = RefundMade
	}
	if r.Taxes, err = c.taxes(o, amount, d.refundsOf(o.ID), cat.Rounding()); err != nil {
		return err
	}
	if err := d.takeBack(o, r.Take, undo{cycles: c.Cycles, keepAutoRenew: c.KeepAutoRenew}); err != nil {
		return err
	}
	if err := d.refund(o, r); err != nil {
		return err
	}
	d.update(*o)
	return d.Application.roomForRefunds()
}

// reversed reports whether the money went back without a request of ours.
func (r Refund) reversed() bool {
	return r.Status.Counts() && (r.Kind == RefundReversal || r.Kind == RefundProvider)
}

// takes reports whether the command takes something back.
func (c RefundOrder) takes() bool { return c.Take == TakeUnused || c.Take == TakeAll || c.Cycles > 0 }

// amount returns what the command returns.
func (c RefundOrder) amount(d *Draft, o *Order, left pricing.Money, cat *pricing.Catalog) (pricing.Money, error) {
	if c.Cycles == 0 {
		if c.Amount.IsZero() {
			return left, nil
		}
		return c.Amount, nil
	}
	e := o.extension()
	if e == nil {
		return left, fmt.Errorf("%w: order %s has no periods of its own", ErrNotRefundable, o.ID)
	}
	if !c.Amount.IsZero() {
		return c.Amount, nil
	}
	if s := d.Application.subscription(e.Subscription); s != nil && s.taken(o.ID) == c.Cycles {
		return left, nil // the last one takes the rest
	}
	num, den := c.parts(d.Application.subscription(e.Subscription), o, e)
	share, err := o.Amount.Share(num, den, cat.Rounding())
	if err != nil {
		return left, err
	}
	if over, err := share.Cmp(left); err == nil && over > 0 {
		return left, nil
	}
	return share, nil
}

// parts returns how much of an order's amount is that of the last of its periods, as a fraction. Those beyond a deal count
// by their price.
func (c RefundOrder) parts(s *Subscription, o *Order, e *ExtendDelivery) (num, den int64) {
	if e.Beyond == nil || s == nil {
		return int64(c.Cycles), int64(e.Count)
	}
	for n := range e.Count {
		price, _ := e.at(n)
		den += price.Minor()
	}
	left := c.Cycles
	for i := len(s.Cycles) - 1; i >= 0 && left > 0; i-- {
		if y := &s.Cycles[i]; y.Order == o.ID {
			num, left = num+y.Price.Minor(), left-1
		}
	}
	return num, den
}

// taxes returns the refund's share of each tax. What staff set can't be more than is left of a tax.
func (c RefundOrder) taxes(o *Order, amount pricing.Money, before []Refund, mode pricing.Rounding) ([]pricing.Tax, error) {
	shares, err := o.share(amount, before, mode)
	if err != nil || len(c.Taxes) == 0 {
		return shares, err
	}
	rest, taxes := amount, o.CollectedTaxes()
	for i := range shares {
		none, _ := amount.Sub(amount)
		shares[i].Amount = none
	}
	for _, t := range c.Taxes {
		found := false
		for i := range shares {
			if shares[i].Name == t.Name && shares[i].Amount.Sign() == 0 {
				shares[i].Amount, found = t.Amount, true
			}
		}
		if rest, err = rest.Sub(t.Amount); err != nil || !found || t.Amount.Sign() < 0 || rest.Sign() < 0 {
			return nil, fmt.Errorf("%w: %s of %.80q in a refund of %s for order %s", ErrInvalid, t.Amount, t.Name, amount, o.ID)
		}
	}
	for i := range shares {
		shares[i].Base = rest
		left, err := o.withoutShares(taxes[i].Amount, before, i)
		if err != nil {
			return nil, err
		}
		if over, err := shares[i].Amount.Cmp(left); err != nil || over > 0 && shares[i].Amount.Sign() > 0 {
			return nil, fmt.Errorf("%w: %s of %.80q, of which %s is left", ErrInvalid, shares[i].Amount, shares[i].Name, left)
		}
	}
	return shares, nil
}

// roomForRefunds fails with [ErrTooLarge] if too many refunds are due at once.
func (a *Application) roomForRefunds() error {
	n := 0
	for i := range a.Refunds {
		n += a.Refunds[i].size()
	}
	return within(shareGivenUp/2, n, "refunds that are due")
}
