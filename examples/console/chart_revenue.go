package main

import (
	"github.com/prepaidkit/prepaid/pricing"
)

// revenueChart is a bar for each month in which a currency earned something, the latest month first.
type revenueChart struct {
	Currency pricing.Currency
	Bars     []revenueBar
}

// revenueBar is what was earned in a month, with a bar as long as that. What reduces it, such as a refund of what was earned
// before, is in its total and has no bar.
type revenueBar struct {
	Month pricing.Date
	Total pricing.Money
	Parts []barPart
}

// revenueCharts draws what was earned and what was lost to customers at the end, for each currency. Only lengths are floats.
func revenueCharts(months []bookMonth) ([]revenueChart, error) {
	var charts []revenueChart
	most := map[pricing.Currency]int64{}
	at := map[pricing.Currency]int{}
	for _, m := range months {
		total, err := m.Revenue.Add(m.Breakage)
		if err != nil {
			return nil, err
		}
		i, known := at[m.Currency]
		if !known {
			i, at[m.Currency], charts = len(charts), len(charts), append(charts, revenueChart{Currency: m.Currency})
		}
		bar := revenueBar{m.Month, total, []barPart{{Class: "part-earned", Name: "Revenue", Amount: m.Revenue}}}
		if m.Breakage.Sign() != 0 {
			bar.Parts = append(bar.Parts, barPart{Class: "part-breakage", Name: "Breakage", Amount: m.Breakage})
		}
		charts[i].Bars = append(charts[i].Bars, bar)
		most[m.Currency] = max(most[m.Currency], 1, max(0, m.Revenue.Minor())+max(0, m.Breakage.Minor()))
	}
	for _, chart := range charts {
		for _, bar := range chart.Bars {
			lay(bar.Parts, most[chart.Currency])
		}
	}
	return charts, nil
}
