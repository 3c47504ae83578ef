package main

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
)

// bookMonth is what a month changed in the books of a currency. What came in as cash is what became of it:
//
//	cash = tax + deferred + other + revenue + breakage
type bookMonth struct {
	Month    pricing.Date // its first day
	Currency pricing.Currency

	Cash     pricing.Money // collected, less what was returned
	Tax      pricing.Money // owed to the state
	Deferred pricing.Money // paid for, and not delivered yet
	Other    pricing.Money // refunds under way, and money of orders that wait for a person
	Revenue  pricing.Money // earned, less refunds of it
	Breakage pricing.Money // paid for, and lost by its end
}

// bookMonths sums postings by month and currency, the latest month first.
func bookMonths(postings iter.Seq2[journal.Posting, error], zone pricing.Zone) ([]bookMonth, error) {
	balances, err := journal.Monthly(postings, zone)
	if err != nil {
		return nil, err
	}
	var all []bookMonth
	for _, b := range balances {
		i := slices.IndexFunc(all, func(m bookMonth) bool { return m.Month == b.Month && m.Currency == b.Amount.Currency() })
		if i < 0 {
			none, err := pricing.FromMinor(0, b.Amount.Currency())
			if err != nil {
				return nil, err
			}
			i, all = len(all), append(all, bookMonth{b.Month, none.Currency(), none, none, none, none, none, none})
		}
		if err := all[i].add(b); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b bookMonth) int {
		return cmp.Or(cmp.Compare(b.Month, a.Month), cmp.Compare(a.Currency, b.Currency))
	})
	return all, nil
}

// add adds the balance of a ledger: debits less credits for cash, and credits less debits for all others.
func (m *bookMonth) add(b journal.Balance) (err error) {
	if b.Ledger == journal.Cash {
		m.Cash, err = m.Cash.Add(b.Amount)
		return err
	}
	sum := m.of(b.Ledger)
	*sum, err = sum.Sub(b.Amount)
	return err
}

// of returns the figure that a ledger other than cash counts in.
func (m *bookMonth) of(l journal.Ledger) *pricing.Money {
	switch {
	case l == journal.Deferred:
		return &m.Deferred
	case l == journal.Breakage:
		return &m.Breakage
	case l.Revenue():
		return &m.Revenue
	case strings.HasPrefix(string(l), string(journal.Tax(""))):
		return &m.Tax
	}
	return &m.Other
}

// deferredNow returns what is deferred after all months, for each currency.
func deferredNow(months []bookMonth) ([]pricing.Money, error) {
	var all []pricing.Money
	for _, m := range months {
		i := slices.IndexFunc(all, func(d pricing.Money) bool { return d.Currency() == m.Currency })
		if i < 0 {
			all = append(all, m.Deferred)
			continue
		}
		sum, err := all[i].Add(m.Deferred)
		if err != nil {
			return nil, err
		}
		all[i] = sum
	}
	return all, nil
}

// ledgerName is a ledger in the words of people: "Revenue: usage".
func ledgerName(l journal.Ledger) string {
	kind, rest, _ := strings.Cut(string(l), ":")
	switch kind {
	case "assets":
		return "Cash"
	case "revenue":
		return "Revenue: " + rest
	}
	if tax, ok := strings.CutPrefix(rest, "tax:"); ok {
		return "Tax: " + tax
	}
	return strings.ToUpper(rest[:1]) + rest[1:]
}
