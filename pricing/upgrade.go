package pricing

import "time"

// Upgrade is a change to a higher version within a paid period.
type Upgrade struct {
	Item     string    // the Item of the lines, such as "call/group-call"
	Period   Period    // the current period
	Days     DayRange  // recorded days of Period; zero: counted from Period and Zone
	At       time.Time // the time of the upgrade, within Period
	Zone     Zone      // of Period
	DayCount DayCount
	Rounding Rounding
	From     Package   // the current package, at the price recorded when its period was paid
	To       Package   // the package upgraded to, at its list price
	Future   []Package // prepaid cycles that have not begun, each at its own recorded price
}

// UpgradePrice is the price and the minutes of an upgrade. The expiry does not change.
type UpgradePrice struct {
	Price
	Remaining     Ratio   `json:"remaining"`                // remaining fraction of the period at the upgrade
	Minutes       int64   `json:"minutes"`                  // additional minutes granted immediately
	FutureMinutes []int64 `json:"future_minutes,omitempty"` // additional minutes granted when each future cycle begins
}

// PriceUpgrade computes
//
//	price   = (new price − current price) × remaining / total
//	minutes = (new minutes − current minutes) × remaining / total, rounded down
//
// plus, for every prepaid cycle that has not begun, the full difference of both. No line and no grant is ever negative:
// if the new price or allowance is lower, the difference counts as zero. The sum of the lines is rounded once, to the
// currency's minor unit.
//
// It returns the errors of [DayCount.Remaining], including [ErrOutsidePeriod] if At is not in Period, and
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
