package pricing

// tier is the price per 1,000 minutes for sizes from a minimum up.
type tier struct {
	from   int64
	prices []currencyRate
}

func (p *packEntry) readCustom(n node, mode Rounding) {
	if !n.object() {
		return
	}
	before := len(*n.report)
	p.Step = n.get("step").count(1, maxMinutes, 1000)
	p.Least = n.get("least").count(1, maxMinutes, p.Step)
	p.Most = n.get("most").count(1, maxMinutes, maxMinutes)
	if p.Step > 0 && p.Most > 0 && p.Most-p.Most%p.Step < p.Least {
		n.get("most").problemf("no multiple of step lies between least and most")
	}
	var rates [][]listRate // of p.tiers
	for i, t := range n.get("tiers").some("tier") {
		if !t.object() {
			continue
		}
		list := readRates(t.get("per_thousand"))
		row, ok := tier{}, true
		for _, r := range list {
			row.prices = append(row.prices, r.currencyRate)
		}
		if from := t.get("from"); from.present() {
			row.from, ok = from.number(0, maxMinutes)
		}
		t.done()
		if !ok {
			continue
		}
		switch {
		case i == 0 && row.from > p.Least:
			t.problemf("the first tier starts above the least size")
		case i > 0 && len(p.tiers) > 0 && row.from <= p.tiers[len(p.tiers)-1].from:
			t.problemf("tiers must be in ascending order")
		}
		p.tiers, p.Tiers, rates = append(p.tiers, row), append(p.Tiers, row.from), append(rates, list)
	}
	n.done()
	if p.Step > 0 && len(*n.report) == before { // no problems so far
		p.checkPrices(rates, mode)
	}
}

// checkPrices reports prices at which a pack would round to zero. Prices rise with the size, so it checks only the
// smallest size of each tier.
func (p *packEntry) checkPrices(rates [][]listRate, mode Rounding) {
	for i, t := range p.tiers {
		size := max(t.from, p.Least)
		size += (p.Step - size%p.Step) % p.Step
		if size > p.Most || i+1 < len(p.tiers) && size >= p.tiers[i+1].from {
			continue // no size is sold at these prices
		}
		for _, r := range rates[i] {
			price, err := Total(r.currency, mode, []Line{{Unit: r.rate, Times: Ratio{size, 1000}}})
			if err == nil && price.Amount.Sign() == 0 && r.rate != (Rate{}) {
				r.node.problemf("%d, the smallest size at this price, would cost %s: %s rounded %s",
					size, price.Amount, FormatExact(price.Exact()), mode)
			}
		}
	}
}
