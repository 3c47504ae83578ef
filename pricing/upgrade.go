package pricing

import (
	"fmt"
	"time"
)

// Package is what one cycle of a package cost and gives: for the current package its list price, or
// the discounted price that was paid for it; for the package upgraded to, its list price.
type Package struct {
	Price   Money `json:"price"`
	Minutes int64 `json:"minutes"` // package minutes, whole
}

// Upgrade is a change to a higher version within a period that is paid for.
type Upgrade struct {
	Item     string    // what the lines name, such as "call/group-call"
	Period   Period    // the current period
	Days     DayRange  // of Period, as recorded; zero: counted from Period and Zone
	At       time.Time // the instant of the upgrade, in Period
	Zone     Zone      // of Period
	DayCount DayCount
	Rounding Rounding
	From     Package   // the current package, at the price recorded when its period was paid for
	To       Package   // the package upgraded to, at its list price
	Future   []Package // cycles already paid for and not yet begun, each at its own recorded price
}

// UpgradePrice is what an upgrade costs and gives. The expiry does not change.
type UpgradePrice struct {
	Price
	Remaining     Ratio   `json:"remaining"`                // of the period, at the upgrade
	Minutes       int64   `json:"minutes"`                  // granted at once, in addition to what was granted before
	FutureMinutes []int64 `json:"future_minutes,omitempty"` // granted in addition as each future cycle begins
}

// PriceUpgrade computes
//
//	price   = (new price − current price) × remaining / total
//	minutes = (new minutes − current minutes) × remaining / total, rounded down
//
// and, for every cycle already paid for and not yet begun, the full difference of both. No line and no
// grant is ever negative: a lower price or allowance on the new side counts as no difference. The sum
// of the lines is rounded once, to the currency's minor unit.
//
// It fails as [DayCount.Remaining] does, with [ErrOutsidePeriod] when At is not in Period, and with
// [ErrCurrencyMismatch], [ErrNegative], [ErrRounding], [ErrCurrency] or [ErrOverflow].
func PriceUpgrade(u Upgrade) (UpgradePrice, error) {
	remaining, err := u.DayCount.Remaining(u.Period, u.Days, u.At, u.Zone)
	if err != nil {
		return UpgradePrice{}, err
	}
	currency := u.To.Price.currency
	unit, err := u.To.rate(currency)
	if err != nil {
		return UpgradePrice{}, err
	}
	out := UpgradePrice{Remaining: remaining}
	lines := make([]Line, 0, 1+len(u.Future))
	add := func(kind LineKind, from Package, times Ratio) (minutes int64, err error) {
		credit, err := from.rate(currency)
		if err != nil {
			return 0, err
		}
		lines = append(lines, Line{Kind: kind, Item: u.Item, Unit: unit, Credit: credit, Times: times})
		return times.Floor(max(0, u.To.Minutes-from.Minutes))
	}
	if out.Minutes, err = add(UpgradeLine, u.From, remaining); err != nil {
		return UpgradePrice{}, err
	}
	for _, f := range u.Future {
		minutes, err := add(CycleLine, f, Ratio{1, 1})
		if err != nil {
			return UpgradePrice{}, err
		}
		out.FutureMinutes = append(out.FutureMinutes, minutes)
	}
	if out.Price, err = Total(currency, u.Rounding, lines); err != nil {
		return UpgradePrice{}, err
	}
	return out, nil
}

// rate returns the price of h, which must be of currency c and, like the minutes, not negative.
func (h Package) rate(c Currency) (Rate, error) {
	if h.Price.currency != c {
		return Rate{}, fmt.Errorf("%w: %s and %s", ErrCurrencyMismatch, h.Price.currency, c)
	}
	if h.Minutes < 0 {
		return Rate{}, fmt.Errorf("%w: %d minutes", ErrNegative, h.Minutes)
	}
	return h.Price.Rate()
}
