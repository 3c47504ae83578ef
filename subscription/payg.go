package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// PayAsYouGo is the mode in which usage that no lot covers is billed, by the day. The zero value is the
// prepaid mode, in which such usage is refused. Once on, it stays on.
type PayAsYouGo struct {
	Since    time.Time        `json:"since"`
	Currency pricing.Currency `json:"currency"`
}

// Arrears is usage that was billed and isn't paid. After a time that the catalog gives the service is
// interrupted, though minutes may be left, until it is.
type Arrears struct {
	Since         time.Time    `json:"since"`
	LastAttemptAt time.Time    `json:"tried_at"` // the last attempt to collect
	Through       pricing.Date `json:"through"`  // the last day of which an attempt failed
	Interrupted   bool         `json:"interrupted,omitzero"`
	Reversed      bool         `json:"reversed,omitzero"` // a bill's payment was taken back; a person ends it
}

// Billing is where the orders of usage stand.
type Billing struct {
	Number       int64     `json:"number"`              // orders of usage that were ever placed
	BackoffUntil time.Time `json:"held_until,omitzero"` // a day couldn't be billed, and isn't tried again before
}

// payAsYouGo reports whether usage of an instant can be billed.
func (a *Application) payAsYouGo(at time.Time) bool {
	return !a.PayAsYouGo.Since.IsZero() && !at.Before(a.PayAsYouGo.Since)
}

// EnablePayAsYouGo turns pay-as-you-go on, for usage from now on. It is one way. It fails with
// [ErrNotFound], [ErrExists] if it is on, [ErrAgreementRequired], and [pricing.ErrNoPrice] or
// [pricing.ErrCurrency] for a currency that the catalog doesn't price every kind in.
type EnablePayAsYouGo struct {
	Currency  pricing.Currency `json:"currency"`
	Agreement string           `json:"agreement,omitzero"`
}

// Kind returns "enable_pay_as_you_go".
func (EnablePayAsYouGo) Kind() string { return "enable_pay_as_you_go" }

// Decide implements [Command].
func (c EnablePayAsYouGo) Decide(s Snapshot, cat *pricing.Catalog, now time.Time) (Change, error) {
	if err := s.Exists(); err != nil {
		return Change{}, err
	}
	if on := s.Application.PayAsYouGo; !on.Since.IsZero() {
		return Change{}, fmt.Errorf("%w: pay-as-you-go is on since %s", ErrExists, on.Since.Format(time.RFC3339))
	}
	if _, err := c.Currency.Digits(); err != nil {
		return Change{}, err
	}
	for _, k := range cat.UsageKinds() {
		if _, err := cat.UsageRate(k.ID, c.Currency); err != nil {
			return Change{}, err
		}
	}
	d := Begin(s, now)
	if _, err := d.Agree(cat, c.Agreement); err != nil {
		return Change{}, err
	}
	d.Application.PayAsYouGo = PayAsYouGo{Since: d.Now, Currency: c.Currency}
	d.AddEvent(Event{Type: EventPayAsYouGo, Note: string(c.Currency)})
	return d.Change(), nil
}
