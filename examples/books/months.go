package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/journal"
)

// months writes a table of what changed in each month. Assets are positive if they grew, and so are liabilities and revenue.
func months(out io.Writer, all postings, zone pricing.Zone) error {
	balances, err := journal.Monthly(all, zone)
	if err != nil {
		return err
	}
	var month pricing.Date
	for _, b := range balances {
		if b.Amount.Sign() == 0 {
			continue
		}
		if b.Month != month {
			month = b.Month
			if _, err := fmt.Fprintln(out, month.String()[:len("2025-01")]); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(out, "  %-30s %15s\n", b.Ledger, shown(b)); err != nil {
			return err
		}
	}
	return nil
}

// shown returns a balance with the sign that readers expect.
func shown(b journal.Balance) string {
	amount := b.Amount.String()
	if b.Ledger == journal.Cash {
		return amount
	}
	if paid, negative := strings.CutPrefix(amount, "-"); negative {
		return paid
	}
	return "-" + amount
}
