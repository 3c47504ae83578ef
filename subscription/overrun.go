package subscription

import "github.com/prepaidkit/prepaid/pricing"

// overrun decides, in prepaid mode, about what no lot covers of a record: the record is refused with an [*ExhaustedError]
// or, where the catalog says so, takes what is left and the rest is forgiven. What a reservation held was promised, so
// what its release says was used counts in any case.
func (s *spender) overrun(next *UsageCounter, short Quantity) (forgiven Quantity, err error) {
	if !s.settles && s.catalog.Overrun() != pricing.OverrunTake {
		return 0, &ExhaustedError{Product: next.Product, Kind: next.Kind, Short: short}
	}
	next.Forgiven += short
	return short, nil
}
