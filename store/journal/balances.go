package journal

import (
	"cmp"
	"iter"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// Balance is the sum of a ledger's postings in one currency: debits less credits. So what was earned is negative, and what is
// owed, too.
type Balance struct {
	Month  pricing.Date // its first day; zero for a sum over all months
	Ledger Ledger
	Amount pricing.Money
}

// Balances sums postings by ledger and currency, in that order. It returns the first error of the postings, or
// [pricing.ErrOverflow].
func Balances(postings iter.Seq2[Posting, error]) ([]Balance, error) {
	return balances(postings, func(Posting) pricing.Date { return 0 })
}

// Monthly sums postings by month, ledger and currency, in that order. The months are those of a zone. It returns the errors of
// [Balances].
func Monthly(postings iter.Seq2[Posting, error], zone pricing.Zone) ([]Balance, error) {
	return balances(postings, func(p Posting) pricing.Date {
		return zone.DateOf(p.At).MonthStart()
	})
}

func balances(postings iter.Seq2[Posting, error], month func(Posting) pricing.Date) ([]Balance, error) {
	type key struct {
		month    pricing.Date
		ledger   Ledger
		currency pricing.Currency
	}
	sums := map[key]pricing.Money{}
	for p, err := range postings {
		if err != nil {
			return nil, err
		}
		zero := none(p.Amount)
		for _, side := range []struct {
			ledger Ledger
			change func(m, n pricing.Money) (pricing.Money, error)
		}{{p.Debit, pricing.Money.Add}, {p.Credit, pricing.Money.Sub}} {
			at := key{month(p), side.ledger, p.Amount.Currency()}
			sum, found := sums[at]
			if !found {
				sum = zero
			}
			if sums[at], err = side.change(sum, p.Amount); err != nil {
				return nil, err
			}
		}
	}
	all := make([]Balance, 0, len(sums))
	for at, sum := range sums {
		all = append(all, Balance{at.month, at.ledger, sum})
	}
	slices.SortFunc(all, func(a, b Balance) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Ledger, b.Ledger), cmp.Compare(a.Amount.Currency(), b.Amount.Currency()))
	})
	return all, nil
}
