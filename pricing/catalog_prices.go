package pricing

// listPrice is a list price and its location in the file.
type listPrice struct {
	node   node
	term   Term
	amount Money
}

// checkPricesRise reports list prices that are below those of a lower version for the same term and currency. The rows
// are in ascending order of rank.
func checkPricesRise(rows []versionRow) {
	type sold struct {
		term     Term
		currency Currency
	}
	type price struct {
		amount  Money
		version VersionID
	}
	highest := map[sold]price{} // of the preceding rows
	for _, row := range rows {
		for _, p := range row.prices {
			key := sold{p.term, p.amount.currency}
			lower, ok := highest[key]
			if ok && lower.version != row.version.ID && p.amount.minor < lower.amount.minor {
				if !row.priceFalls {
					p.node.problemf("%s for %s is below %s, the price of lower version %q; set price_falls to allow it",
						p.amount, p.term, lower.amount, lower.version)
				}
				continue
			}
			highest[key] = price{p.amount, row.version.ID}
		}
	}
}

// readTerm reads one term of a version and returns its prices.
func (c *Catalog) readTerm(n node, key versionKey) (Term, []listPrice) {
	if !n.object() {
		return Term{}, nil
	}
	term := readMonthsOrDays(n)
	minutes := n.get("minutes").count(0, maxMinutes, 0)
	prices := readPrices(n.get("list"))
	c.worth(prices)
	for i, p := range prices {
		prices[i].term = term
		c.prices[priceKey{key, term, p.amount.currency}] = Package{Price: p.amount, Minutes: minutes}
	}
	n.done()
	return term, prices
}

func (c *Catalog) readOffers(n node, key versionKey) []Offer {
	var offers []Offer
	seen := names[OfferID]{}
	for _, o := range n.items() {
		offer, ok := c.readOffer(o, key)
		if !ok {
			continue
		}
		seen.add(offer.ID, o.get("id"), "offer")
		offers = append(offers, offer)
	}
	return offers
}

func (c *Catalog) readOffer(n node, key versionKey) (Offer, bool) {
	if !n.object() {
		return Offer{}, false
	}
	o := Offer{
		ID: readID[OfferID](n.get("id")), Term: readMonthsOrDays(n), FirstPurchase: n.get("first_purchase").flag(),
		PerAccount: int(n.get("per_account").count(1, 1_000_000, 0)),
		From:       readDate(n.get("from")), Until: readDate(n.get("until")),
		Periods: int(n.get("periods").count(1, maxPeriods, 0)),
	}
	if o.Until != 0 && o.Until < o.From {
		n.get("until").problemf("is before from")
	}
	prices := readPrices(n.get("price"))
	c.worth(prices)
	for _, p := range prices {
		list, ok := c.prices[priceKey{key, o.Term, p.amount.currency}]
		switch {
		case o.Term == Term{}: // already reported
		case !ok:
			n.problemf("no list price in %s for %s", p.amount.currency, o.Term)
		case list.Price.minor < p.amount.minor:
			n.problemf("%s is above the list price of %s", p.amount, list.Price)
		}
		c.offers[offerKey{key, o.ID, p.amount.currency}] = p.amount
	}
	n.done()
	return o, true
}

func readMonthsOrDays(n node) Term {
	t := Term{
		Months: int(n.get("months").count(1, MaxTermMonths, 0)),
		Days:   int(n.get("days").count(1, MaxTermDays, 0)),
	}
	if n.get("months").present() == n.get("days").present() {
		n.problemf("want either months or days")
		return Term{}
	}
	return t
}

func readPrices(n node) []listPrice {
	members, ok := n.members()
	if ok && len(members) == 0 {
		n.problemf("want at least one price")
	}
	var prices []listPrice
	for _, m := range members {
		text, ok := m.value.text()
		if !ok {
			continue
		}
		amount, err := ParseMoney(text, Currency(m.name))
		switch {
		case err != nil:
			m.value.problemf("%v", err)
		case amount.minor < 0:
			m.value.problemf("%s is negative", amount)
		case amount.minor > maxPriceMinor:
			m.value.problemf("%s is too large: the maximum is %s", amount, Money{maxPriceMinor, amount.currency})
		default:
			prices = append(prices, listPrice{node: m.value, amount: amount})
		}
	}
	return prices
}
