package subscription

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Quote is an order that hasn't been placed: what a command would cost and deliver if it were confirmed now. It is
// plain data that survives JSON, and the customer can keep it. [Service.Confirm] doesn't trust it: it decides again
// and compares.
type Quote struct {
	Application ApplicationID  `json:"application"`
	Kind        string         `json:"kind"`       // of the command
	At          time.Time      `json:"at"`         // the time it was decided for
	ExpiresAt   time.Time      `json:"expires_at"` // it must be confirmed before this time
	Catalog     string         `json:"catalog"`    // the revision it was priced from
	Amount      pricing.Money  `json:"amount"`
	Lines       []pricing.Line `json:"lines"`
	Taxes       []pricing.Tax  `json:"taxes,omitempty"`       // of the amount; see [Quote.Net]
	TaxIncluded bool           `json:"tax_included,omitzero"` // the sum of the lines includes them
	Deliveries  []Delivery     `json:"deliveries"`
	Digest      Digest         `json:"digest"` // of the payer, amounts, lines, taxes and deliveries
}

// quoteOf returns a quote of what a change orders. It fails like [placed].
func quoteOf(c Change, kind string, cat *pricing.Catalog, at time.Time, life time.Duration) (Quote, error) {
	o, err := placed(&c)
	if err != nil {
		return Quote{}, err
	}
	copied := o.Clone()
	return Quote{
		Application: c.Application, Kind: kind, At: at, ExpiresAt: expiry(cat.Zone(), at, life), Catalog: cat.Revision(),
		Amount: o.Amount, Lines: copied.Lines, Taxes: copied.Taxes, TaxIncluded: o.TaxIncluded,
		Deliveries: copied.Deliveries, Digest: orderDigest(o),
	}, nil
}

// expiry returns the end of a quote: at the end of its life, or at midnight if that is earlier.
func expiry(zone pricing.Zone, at time.Time, life time.Duration) time.Time {
	end := at.Add(life)
	if next, err := zone.DateOf(at).AddDays(1); err == nil && zone.StartOf(next).Before(end) {
		end = zone.StartOf(next)
	}
	return end
}

// placed returns the order that a change places. It fails with [ErrNoOrder] if there is none, and with [ErrInvalid]
// if there is more than one, since one key collects one order.
func placed(c *Change) (*Order, error) {
	var found *Order
	for i := range c.Events {
		if c.Events[i].Type != EventOrderPlaced {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("%w: a command with more than one order", ErrInvalid)
		}
		found = find(c.Orders, c.Events[i].Order)
	}
	if found == nil {
		return nil, ErrNoOrder
	}
	return found, nil
}

// shows reports whether the quote's amount, lines, taxes and deliveries match the order's.
func (q Quote) shows(o *Order) bool {
	shown := *o
	shown.Amount, shown.Lines, shown.Deliveries = q.Amount, q.Lines, q.Deliveries
	shown.Taxes, shown.TaxIncluded = q.Taxes, q.TaxIncluded
	return orderDigest(&shown) == q.Digest
}

// fresh returns [ErrQuoteStale] if the quote can no longer be confirmed at now, regardless of its content. skew is
// how far the clocks of two processes may differ when one confirms the other's quote.
func (q Quote) fresh(cat *pricing.Catalog, now time.Time, life, skew time.Duration) error {
	zone := cat.Zone()
	switch {
	case q.At.After(now.Add(skew)):
		return fmt.Errorf("%w: it is from the future, %s", ErrQuoteStale, q.At.Format(time.RFC3339))
	case !now.Before(q.At.Add(life)):
		return fmt.Errorf("%w: it expired at %s", ErrQuoteStale, q.At.Add(life).Format(time.RFC3339))
	case zone.DateOf(q.At) != zone.DateOf(now):
		return fmt.Errorf("%w: it was made on another day", ErrQuoteStale)
	}
	return nil
}
