package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// PayAsYouGo is the mode in which usage that no lot covers is billed by the day. The zero value is prepaid mode, in
// which such usage is refused. Once enabled, it stays enabled.
type PayAsYouGo struct {
	Since    time.Time        `json:"since"`
	Currency pricing.Currency `json:"currency"`
}

// payAsYouGo reports whether usage at an instant can be billed.
func (a *Application) payAsYouGo(at time.Time) bool {
	return !a.PayAsYouGo.Since.IsZero() && !at.Before(a.PayAsYouGo.Since)
}

// EnablePayAsYouGo turns on pay-as-you-go for usage from now on. It can't be turned off again. It fails with
// [ErrNotFound], with [ErrExists] if it is already on, with [ErrAgreementRequired], and with [pricing.ErrNoPrice] or
// [pricing.ErrCurrency] if the catalog doesn't price every kind in the currency.
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
		return Change{}, fmt.Errorf("%w: pay-as-you-go has been on since %s", ErrExists, on.Since.Format(time.RFC3339))
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
