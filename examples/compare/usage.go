package compare

import (
	"fmt"
	"math"
	"math/big"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// MaxMinutes is the maximum number of minutes of one kind.
const MaxMinutes = 1_000_000_000_000

// Amount is a number of whole minutes of a kind of usage, from 0 to MaxMinutes.
type Amount struct {
	Kind    pricing.UsageKind
	Minutes int64
}

// PackageMinutes returns the package minutes that the amount consumes; 0 if packages don't cover the kind.
func (a Amount) PackageMinutes() subscription.Quantity {
	return subscription.Quantity(a.Minutes * int64(a.Kind.Weight))
}

// PackageMinutes returns the total package minutes of all amounts. It returns [pricing.ErrNegative] for a negative
// amount, and [pricing.ErrOverflow] for one above MaxMinutes or a sum that is out of range.
func PackageMinutes(amounts ...Amount) (subscription.Quantity, error) {
	var sum subscription.Quantity
	for _, a := range amounts {
		if a.Minutes < 0 {
			return 0, fmt.Errorf("%w: %d minutes of %s", pricing.ErrNegative, a.Minutes, a.Kind.ID)
		}
		if a.Minutes > MaxMinutes {
			return 0, fmt.Errorf("%w: %d minutes of %s", pricing.ErrOverflow, a.Minutes, a.Kind.ID)
		}
		q := a.PackageMinutes()
		if q > math.MaxInt64-sum {
			return 0, fmt.Errorf("%w: package minutes", pricing.ErrOverflow)
		}
		sum += q
	}
	return sum, nil
}

// beyond returns the usage that remains after a number of package minutes. The minutes are applied to the kinds in the
// given order, and not to kinds that packages don't cover.
func beyond(usage []Amount, left subscription.Quantity) []pricing.UsageAmount {
	var used []pricing.UsageAmount
	for _, a := range usage {
		minutes := big.NewRat(a.Minutes, 1)
		if a.Kind.Covered {
			rest := a.PackageMinutes() - min(left, a.PackageMinutes())
			left -= a.PackageMinutes() - rest
			minutes.SetFrac64(int64(rest), int64(a.Kind.Weight))
		}
		if minutes.Sign() > 0 {
			used = append(used, pricing.UsageAmount{
				Kind: a.Kind.ID, Minutes: pricing.Ratio{Num: minutes.Num().Int64(), Den: minutes.Denom().Int64()},
			})
		}
	}
	return used
}
