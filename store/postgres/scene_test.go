package postgres_test

import (
	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func app(i int) subscription.ApplicationID { return scene.App(i) }

// cents returns n cents of USD.
func cents(n int64) pricing.Money {
	m, err := pricing.FromMinor(n, "USD")
	if err != nil {
		panic(err) // a constant of the tests
	}
	return m
}
