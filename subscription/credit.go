package subscription

import (
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// ErrCreditLimit means that pay-as-you-go usage would make the application owe more than the catalog's credit limit.
// The usage counts if it is sent again after enough was paid, as long as its day accepts usage.
var ErrCreditLimit = errors.New("subscription: credit limit of pay-as-you-go reached")

// credit fails with [ErrCreditLimit] if the application, with next as its counter, would owe more than the limit. It
// adds up the days that aren't billed and those whose bills aren't paid, and rounds the amount owed once.
func (s *spender) credit(next *UsageCounter) error {
	a := &s.draft.Application
	limit, limited := s.catalog.CreditLimit(a.PayAsYouGo.Currency)
	if !limited {
		return nil
	}
	lines := []pricing.Line{next.line()}
	for i := range a.Counters {
		c := &a.Counters[i]
		same := c.Product == next.Product && c.Kind == next.Kind && c.Day == next.Day
		if c.Excess > 0 && !same {
			lines = append(lines, c.line())
		}
	}
	owed, err := pricing.Total(a.PayAsYouGo.Currency, s.catalog.Rounding(), lines)
	if err != nil {
		return err
	}
	if _, total, _, err := s.draft.Taxed(owed.Amount, s.catalog); err == nil { // a region that is gone keeps no usage out
		owed.Amount = total
	}
	if owed.Amount.Minor() > limit.Minor() {
		return fmt.Errorf("%w: %s would be owed, the limit is %s", ErrCreditLimit, owed.Amount, limit)
	}
	return nil
}
