package subscription

import (
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Arrears is usage that was billed but isn't paid. After a time set in the catalog, the service is interrupted until
// the usage is paid, even if minutes are left.
type Arrears struct {
	Since         time.Time    `json:"since"`
	LastAttemptAt time.Time    `json:"tried_at"` // the last attempt to collect
	Through       pricing.Date `json:"through"`  // the last day with a failed attempt
	Interrupted   bool         `json:"interrupted,omitzero"`
	// Stopped is the reason for a decline that stopped automatic attempts until the customer acts.
	Stopped  payment.Reason `json:"stopped,omitzero"`
	Reversed bool           `json:"reversed,omitzero"` // a bill's payment was reversed; only a person can end the arrears
}

// recordArrears records that usage wasn't paid. It doesn't affect subscriptions.
func (d *Draft) recordArrears(o *Order) {
	a := &d.Application
	changed := !a.Arrears.Since.IsZero() && a.Arrears.LastAttemptAt.IsZero() // another method was reported since
	a.Arrears.LastAttemptAt = d.Now
	if o.Reason.Hard() && !changed {
		a.Arrears.Stopped = o.Reason
	}
	for _, v := range o.Deliveries {
		if v.Usage != nil {
			a.Arrears.Through = max(a.Arrears.Through, v.Usage.Day, v.Usage.Through)
		}
	}
	if a.Arrears.Since.IsZero() {
		a.Arrears.Since = d.Now
		d.AddEvent(Event{Type: EventArrears, Order: o.ID, Amount: o.Amount})
	}
}

// endArrears ends arrears once nothing more is owed for the days that couldn't be collected.
func (d *Draft) endArrears(o *Order) {
	a := &d.Application
	owed := slices.ContainsFunc(a.Counters, func(c UsageCounter) bool {
		return c.Excess > 0 && c.Day <= a.Arrears.Through && !a.held(&c)
	})
	if !owed && a.Arrears != (Arrears{}) && !a.Arrears.Reversed {
		a.Arrears = Arrears{}
		d.AddEvent(Event{Type: EventArrearsPaid, Order: o.ID})
	}
}
