package testworld

import (
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Fails fails the test and reports err unless it matches want.
func Fails(tb testing.TB, err, want error) {
	tb.Helper()
	if !errors.Is(err, want) {
		tb.Errorf("error %v, want %v", err, want)
	}
}

// Money parses an amount such as "10.00 USD".
func Money(tb testing.TB, s string) pricing.Money {
	tb.Helper()
	var m pricing.Money
	if err := m.UnmarshalText([]byte(s)); err != nil {
		tb.Fatal(err)
	}
	return m
}

// Rate parses a rate such as "0.856".
func Rate(tb testing.TB, s string) pricing.Rate {
	tb.Helper()
	r, err := pricing.ParseRate(s)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// Instant parses an instant in RFC 3339 format, or as "2006-01-02 15:04" in UTC.
func Instant(tb testing.TB, s string) time.Time {
	tb.Helper()
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		if at, err = time.Parse("2006-01-02 15:04", s); err != nil {
			tb.Fatal(err)
		}
	}
	return at.UTC()
}
