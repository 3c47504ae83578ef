package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/examples/takeover"
	"github.com/prepaidkit/prepaid/pricing"
)

// sample prints a file of n lines, as of an instant, with packages of the sample catalog. Their days are spread over the
// months; every tenth has an end that is no day of its anchor's.
func sample(out io.Writer, n int, now time.Time) error {
	cat, err := catalog.Load()
	if err != nil {
		return err
	}
	buffered := bufio.NewWriter(out)
	w := csv.NewWriter(buffered)
	required, optional := takeover.Columns()
	err = w.Write(append(required, optional...))
	today := cat.Zone().DateOf(now)
	for i := range n {
		anchor := pricing.Anchor{Date: today - pricing.Date(i%360), Term: pricing.Months(1)}
		current, failed := anchor.IndexOf(today)
		if failed != nil {
			return failed
		}
		days, failed := anchor.Days(current)
		if failed != nil {
			return failed
		}
		until := days.Until
		if i%10 == 9 && until > today+1 {
			until--
		}
		if err == nil {
			err = w.Write([]string{
				fmt.Sprintf("app-%06d", i), fmt.Sprintf("account-%05d", i/2), "call", "one-to-one", "1m", "USD",
				anchor.Date.String(), until.String(), strconv.Itoa(i * 7919 % 100_000), "199.00", []string{"yes", "no"}[i%5/4],
			})
		}
	}
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	if err == nil {
		err = buffered.Flush()
	}
	return err
}
