package subscription_test

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func vat(percent string) []pricing.TaxRate {
	r, err := pricing.ParseRate(percent)
	must(err)
	return []pricing.TaxRate{{Name: "VAT", Percent: r}}
}

// Rates of a customer's own, where the catalog has no regions. Quotes and orders then have net, taxes and the total.
func ExampleSetTax() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.SetTax{Rates: vat("19"), Number: "DE123456789"}, "tax-1")
	must(err)
	q, err := c.Quote(c.ctx, "chat", purchase)
	must(err)
	fmt.Println(q.Net(), "+", q.Taxes[0].Amount, "=", q.Amount)
	out, err := c.Confirm(c.ctx, "chat", purchase, q, "buy-1")
	fmt.Println(out.Order.Status, out.Order.Net(), out.Order.Amount, err)
	// Output:
	// 199.00 USD + 37.81 USD = 236.81 USD
	// paid 199.00 USD 236.81 USD <nil>
}

func ExampleSetTax_Kind() {
	fmt.Println(subscription.SetTax{}.Kind())
	// Output: set_tax
}

func ExampleSetTax_Decide() {
	c := newCounter()
	change, err := subscription.SetTax{Rates: vat("19"), Exempt: "reverse charge"}.Decide(c.snapshot(), c.catalog, c.now)
	fmt.Println(change.Events[0].Type, change.Events[0].Note, err)
	// Output: tax_changed exempt: reverse charge <nil>
}

func ExampleTaxFacts_IsZero() {
	fmt.Println(subscription.TaxFacts{}.IsZero(), subscription.TaxFacts{Exempt: "a school"}.IsZero())
	// Output: true false
}

// A rate that changes, and a customer who is exempt.
func ExampleTaxFacts_RatesAt() {
	c := newCounter()
	lower := vat("16")
	lower[0].From = c.catalog.Zone().DateOf(c.now) + 1
	facts := &subscription.TaxFacts{Rates: append(vat("19"), lower...)}
	for _, at := range []time.Time{c.now, c.now.AddDate(0, 0, 1)} {
		rates, err := facts.RatesAt(c.catalog, at)
		fmt.Println(rates[0].Name, rates[0].Percent, err)
	}
	facts.Exempt = "a school"
	rates, err := facts.RatesAt(c.catalog, c.now)
	fmt.Println(len(rates), err)
	// Output:
	// VAT 19 <nil>
	// VAT 16 <nil>
	// 0 <nil>
}

// What a price costs this customer, for a command of one's own.
func ExampleDraft_Taxed() {
	c := newCounter()
	_, err := c.Do(c.ctx, "chat", subscription.SetTax{Rates: vat("7")}, "tax-1")
	must(err)
	fee, err := pricing.ParseMoney("25.00", "USD")
	must(err)
	d := subscription.Begin(c.snapshot(), c.now)
	net, total, taxes, err := d.Taxed(fee, c.catalog)
	fmt.Println(net, taxes[0].Amount, total, err)
	// Output: 25.00 USD 1.75 USD 26.75 USD <nil>
}

func ExampleOrder_Net() {
	c := newCounter()
	_, o := c.open()
	fmt.Println(o.Net() == o.Amount)
	// Output: true
}

// An order of 119.00 was paid with 200.00, and a person accepted that.
func ExampleOrder_CollectedTaxes() {
	amount := func(text string) pricing.Money {
		m, err := pricing.ParseMoney(text, "EUR")
		must(err)
		return m
	}
	o := subscription.Order{
		Amount: amount("119.00"), Collected: amount("200.00"), Status: subscription.OrderPaid,
		Taxes: []pricing.Tax{{Name: "VAT", Base: amount("100.00"), Amount: amount("19.00")}},
	}
	for _, t := range o.CollectedTaxes() {
		fmt.Println(t.Name, t.Amount, "on", t.Base)
	}
	// Output: VAT 31.93 EUR on 168.07 EUR
}

func ExampleQuote_Net() {
	c := newCounter()
	q, err := c.Quote(c.ctx, "chat", purchase)
	fmt.Println(q.Net(), q.Amount, err)
	// Output: 199.00 USD 199.00 USD <nil>
}

func ExampleTaxFacts_Equal() {
	facts := subscription.TaxFacts{Region: "DE", Number: "DE123456789"}
	fmt.Println(facts.Equal(subscription.TaxFacts{Region: "DE"}), facts.IsZero())
	// Output: false false
}
