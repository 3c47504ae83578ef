package journal_test

import (
	"io"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

// reader returns the price list of the tests.
func reader() io.Reader { return strings.NewReader(prices) }

func eur(amount string) pricing.Money {
	m, err := pricing.ParseMoney(amount, "EUR")
	must(err)
	return m
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
