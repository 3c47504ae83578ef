package main

import (
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/store/journal"
)

// prove compares what was collected and what went back in three ways, and audits the store. It fails if they differ, or if
// anything is found.
func (w *world) prove(ctx context.Context, out io.Writer) error {
	collected, refunded, err := moved(w.accounts.Journal(ctx), w.none)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "The gateway collected %s and returned %s\n", collected, refunded)
	paid, back, err := w.totals(ctx)
	if err != nil {
		return err
	}
	if !paid.Equal(collected) || !back.Equal(refunded) {
		return fmt.Errorf("the orders say %s and %s", paid, back)
	}
	fmt.Fprintln(out, "The orders and refunds say the same")
	cash, err := w.cash(ctx)
	if err != nil {
		return err
	}
	if rest, err := collected.Sub(refunded); err != nil || !rest.Equal(cash) {
		return fmt.Errorf("the journal has %s in cash, want %s, %w", cash, rest, err)
	}
	fmt.Fprintf(out, "The journal has the difference in cash: %s\n", cash)
	opts := &audit.Options{Catalogs: []*pricing.Catalog{w.catalog}}
	for f, err := range audit.Store(ctx, w.store, opts) {
		if err != nil {
			return err
		}
		return fmt.Errorf("the audit found: %s", f)
	}
	fmt.Fprintln(out, "The audit of the store finds nothing")
	return nil
}

// moved adds up what a gateway collected and returned, from nothing of the one currency.
func moved(movements iter.Seq2[balance.Movement, error], none pricing.Money) (collected, refunded pricing.Money, err error) {
	collected, refunded = none, none
	for m, err := range movements {
		if err != nil {
			return collected, refunded, err
		}
		switch m.Kind {
		case balance.Charged: // its amount is negative
			collected, err = collected.Sub(m.Amount)
		case balance.Refunded:
			refunded, err = refunded.Add(m.Amount)
		case balance.Deposited: // by the customers
		}
		if err != nil {
			return collected, refunded, err
		}
	}
	return collected, refunded, nil
}

// totals adds up what the store's reports say.
func (w *world) totals(ctx context.Context) (paid, refunded pricing.Money, err error) {
	paid, refunded = w.none, w.none
	totals, err := w.store.TotalsBetween(ctx, begins(), ends())
	for _, t := range totals {
		if err == nil {
			paid, err = paid.Add(t.Paid.Amount)
		}
		if err == nil {
			refunded, err = refunded.Add(t.Refunded.Amount)
		}
	}
	return paid, refunded, err
}

// cash returns the balance of the journal's cash.
func (w *world) cash(ctx context.Context) (pricing.Money, error) {
	balances, err := journal.Balances(journal.Postings(ctx, w.store, begins(), ends()))
	for _, b := range balances {
		if b.Ledger == journal.Cash {
			return b.Amount, err
		}
	}
	return w.none, err
}
