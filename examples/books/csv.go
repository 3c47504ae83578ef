package main

import (
	"encoding/csv"
	"io"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// writeCSV writes a line for each posting.
func writeCSV(out io.Writer, all postings, zone pricing.Zone) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"date", "recorded_at", "application", "ref", "debit", "credit", "amount", "currency"}); err != nil {
		return err
	}
	for p, err := range all {
		if err != nil {
			return err
		}
		if err := w.Write([]string{
			zone.DateOf(p.At).String(), p.At.Format(time.RFC3339Nano), cell(string(p.Application)), cell(p.Ref),
			cell(string(p.Debit)), cell(string(p.Credit)), p.Amount.Amount(), string(p.Amount.Currency()),
		}); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// cell returns a text that no spreadsheet takes for a formula.
func cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}
