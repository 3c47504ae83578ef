package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/journal"
	"github.com/prepaidkit/prepaid/subscription"
)

// figure is a line of a tax return: what was sold at one rate of one tax, less what was refunded, and the tax in it. What was
// sold without tax has the reason for which the customer is exempt, and the customer's tax number.
type figure struct {
	Name    string // of the tax
	Percent string
	Exempt  string
	Number  string

	Base, Tax pricing.Money
}

// books is a store that a return is made of.
type books interface {
	store.Reports
	journal.Source
}

// errUndone means that a refund of the span, or of one before, has failed since. See [store.Total.Undone].
var errUndone = errors.New("a refund failed: its tax is owed again, and a person decides in which return")

// quarter returns the figures of a span that has passed, in one currency. It reads payments and refunds, and compares their taxes
// with the tax ledgers of the journal, which is another way to the same amount. facts returns what is recorded of a customer
// now: a number that may change is kept with the invoice.
//
// It fails with errUndone, and if the two ways differ.
func quarter(ctx context.Context, b books, facts func(subscription.ApplicationID) (subscription.TaxFacts, error),
	from, until time.Time,
) ([]figure, error) {
	totals, err := b.TotalsBetween(ctx, from, until)
	if err != nil {
		return nil, err
	}
	for _, t := range totals {
		if t.Undone.Count > 0 {
			return nil, errUndone
		}
	}
	r := report{sums: map[figure]sum{}, facts: facts}
	for o, err := range b.PaymentsBetween(ctx, from, until) {
		if err != nil {
			return nil, err
		}
		if err := r.add(o.Application, o.Collected, o.CollectedTaxes(), 1); err != nil {
			return nil, err
		}
	}
	for f, err := range b.RefundsBetween(ctx, from, until) {
		if err != nil {
			return nil, err
		}
		if err := r.add(f.Application, f.Amount, f.Taxes, -1); err != nil {
			return nil, err
		}
	}
	figures := r.figures()
	return figures, agrees(ctx, b, figures, from, until)
}

// report adds up figures.
type report struct {
	sums  map[figure]sum // by a figure without amounts
	facts func(subscription.ApplicationID) (subscription.TaxFacts, error)
}

type sum struct{ base, tax pricing.Money }

// add adds what was collected, or subtracts what was refunded.
func (r *report) add(app subscription.ApplicationID, amount pricing.Money, taxes []pricing.Tax, sign int64) error {
	if len(taxes) == 0 {
		facts, err := r.facts(app)
		if err != nil {
			return err
		}
		none, err := amount.Sub(amount)
		if err != nil {
			return err
		}
		return r.count(figure{Exempt: facts.Exempt, Number: facts.Number}, amount, none, sign)
	}
	for _, t := range taxes {
		if err := r.count(figure{Name: t.Name, Percent: t.Percent.String()}, t.Base, t.Amount, sign); err != nil {
			return err
		}
	}
	return nil
}

func (r *report) count(of figure, base, tax pricing.Money, sign int64) error {
	s := r.sums[of]
	err := errors.Join(add(&s.base, base, sign), add(&s.tax, tax, sign))
	r.sums[of] = s
	return err
}

// add adds an amount, with a sign, to a sum.
func add(to *pricing.Money, amount pricing.Money, sign int64) error {
	signed, err := amount.Mul(sign)
	if err == nil && *to != (pricing.Money{}) {
		signed, err = to.Add(signed)
	}
	if err == nil {
		*to = signed
	}
	return err
}

// figures returns the figures in order: by tax and rate, and last what was sold without tax.
func (r *report) figures() []figure {
	var all []figure
	for f, s := range r.sums {
		f.Base, f.Tax = s.base, s.tax
		all = append(all, f)
	}
	slices.SortFunc(all, func(a, b figure) int {
		return cmp.Or(
			cmp.Compare(a.Exempt, b.Exempt), cmp.Compare(a.Number, b.Number),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Percent, b.Percent),
		)
	})
	return all
}

// agrees compares the tax of each name with its ledger in the journal.
func agrees(ctx context.Context, b journal.Source, figures []figure, from, until time.Time) error {
	balances, err := journal.Balances(journal.Postings(ctx, b, from, until))
	if err != nil {
		return err
	}
	rest := map[journal.Ledger]int64{} // in cents
	for _, balance := range balances {
		if strings.HasPrefix(string(balance.Ledger), string(journal.Tax(""))) {
			rest[balance.Ledger] += balance.Amount.Minor() // what is owed is negative
		}
	}
	for _, f := range figures {
		if f.Name != "" {
			rest[journal.Tax(f.Name)] += f.Tax.Minor()
		}
	}
	for ledger, differs := range rest {
		if differs != 0 {
			return fmt.Errorf("the return has %d cents more than %s", differs, ledger)
		}
	}
	return nil
}
