package catalog_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/prepaidkit/prepaid/examples/catalog"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// The plans of the SaaS catalog are sold in two currencies by the month and by the year, which costs ten months, with tax in
// every price.
func TestSaaSPlans(t *testing.T) {
	c, err := catalog.SaaS()
	if err != nil {
		t.Fatal(err)
	}
	p, err := c.Product("meet")
	if err != nil || !p.Upgradable || !p.ChangesAtRenewal || !c.TaxIncluded() {
		t.Errorf("%+v, tax included %t, %v", p, c.TaxIncluded(), err)
	}
	versions := c.Versions("meet")
	if len(versions) != 3 {
		t.Errorf("%d plans", len(versions))
	}
	for _, v := range versions {
		for _, currency := range []pricing.Currency{"USD", "EUR"} {
			month, err := c.List("meet", v.ID, pricing.Months(1), currency)
			if err != nil {
				t.Fatal(err)
			}
			year, err := c.List("meet", v.ID, pricing.Months(12), currency)
			if err != nil {
				t.Fatal(err)
			}
			if year.Price.Minor() != 10*month.Price.Minor() || year.Minutes != 12*month.Minutes {
				t.Errorf("%s in %s: %+v a month, %+v a year", v.ID, currency, month, year)
			}
		}
	}
	for i, want := range [][2]int64{{0, 0}, {300, 120}, {2000, 600}} { // minutes of overdraft, and in the grace time
		if v := versions[i]; v.OverdraftMinutes != want[0] || v.GraceMinutes != want[1] {
			t.Errorf("%s lends %d minutes, and %d in the grace time, want %d", v.ID, v.OverdraftMinutes, v.GraceMinutes, want)
		}
	}
	for _, region := range []pricing.RegionID{"DE", "FR", "US"} {
		if _, err := c.TaxRates(region, pricing.Date(20_000)); err != nil {
			t.Error(err)
		}
	}
}

// A customer's first year: the coupon holds for three months, the fourth costs the list price, and the lower plan, paid by
// the year, begins with the renewal.
func TestSaaSLife(t *testing.T) {
	c, err := catalog.SaaS()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	now := time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)
	accounts, st := balance.New(&balance.Options{Now: func() time.Time { return now }}), memory.New()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(accounts.Open(ctx, "acme"))
	deposit, err := pricing.ParseMoney("1000.00", "EUR")
	ok(err)
	ok(accounts.Deposit(ctx, "acme", "wire", deposit))
	service, err := subscription.NewService(st, accounts, subscription.StaticCatalog(c), &subscription.Options{
		Now: func() time.Time { return now },
	})
	ok(err)
	worker, err := renewal.NewWorker(service, st, nil)
	ok(err)
	do := func(key string, cmd subscription.Command) {
		t.Helper()
		_, err := service.Do(ctx, "web", cmd, key)
		ok(err)
	}
	until := func(end time.Time) {
		t.Helper()
		for ; now.Before(end); now = now.Add(6 * time.Hour) {
			_, err := worker.Once(ctx)
			ok(err)
		}
	}
	do("create", subscription.Create{Account: "acme"})
	do("tax", subscription.SetTax{Region: "DE"})
	do("buy", subscription.Purchase{
		Product: "meet", Version: "team", Term: pricing.Months(1), Currency: "EUR", Offer: "three-months", Agreement: "2026-01",
	})
	until(time.Date(2026, time.May, 10, 0, 0, 0, 0, time.UTC))
	do("change", subscription.ChangeAtRenewal{Product: "meet", Version: "starter", Term: pricing.Months(12)})
	until(time.Date(2026, time.June, 10, 0, 0, 0, 0, time.UTC))
	do("leave", subscription.AutoRenew{Product: "meet"})

	var got []string
	for o, err := range st.Orders(ctx, "web") {
		ok(err)
		d := o.Delivered.Period
		z, err := c.ZoneOf(d.Zone)
		ok(err)
		got = append(got, fmt.Sprintf("%s %s, %s net, %s to %s", o.Version, o.Amount, o.Net(), z.DateOf(d.Start), z.DateOf(d.End)))
	}
	// 23.80 / 1.19 = 20.00, 47.60 / 1.19 = 40.00, 119.00 / 1.19 = 100.00.
	if diff := cmp.Diff([]string{
		"team 23.80 EUR, 20.00 EUR net, 2026-01-31 to 2026-02-28",
		"team 23.80 EUR, 20.00 EUR net, 2026-02-28 to 2026-03-31",
		"team 23.80 EUR, 20.00 EUR net, 2026-03-31 to 2026-04-30",
		"team 47.60 EUR, 40.00 EUR net, 2026-04-30 to 2026-05-31",
		"starter 119.00 EUR, 100.00 EUR net, 2026-05-31 to 2027-05-31",
	}, got); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	a, err := service.Application(ctx, "web")
	ok(err)
	for at, want := range map[string]string{
		"2027-05-30T22:00:00Z": "true starter map[participants:10 recording:no]", // midnight in Berlin
		"2027-06-02T21:59:59Z": "true starter map[participants:10 recording:no]", // the grace time
		"2027-06-02T22:00:00Z": "false  map[]",
	} {
		when, err := time.Parse(time.RFC3339, at)
		ok(err)
		e, err := a.Entitlement("meet", c, when)
		ok(err)
		if got := fmt.Sprint(e.Service, " ", e.Version, " ", e.Features); got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
}

func ExampleSaaS() {
	c, err := catalog.SaaS()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, v := range c.Versions("meet") {
		month, err := c.List("meet", v.ID, pricing.Months(1), "EUR")
		fmt.Println(v.Name, month.Price, err)
	}
	// Output:
	// Starter 11.90 EUR <nil>
	// Team 47.60 EUR <nil>
	// Company 238.00 EUR <nil>
}
