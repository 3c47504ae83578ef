package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// taxFacts are what a customer has said about its taxes, once for all of its applications. The SDK records them for
// each. The zero value means that nothing was said, and no tax applies.
type taxFacts struct {
	Region pricing.RegionID `json:"region,omitempty"`
	Number string           `json:"number,omitempty"`
	Exempt bool             `json:"exempt,omitempty"` // it accounts for the tax itself
}

// taxNotes is the beginning of the names of the notes with tax facts, followed by the account.
const taxNotes = "tax/"

// exemption is why a business with a tax number pays no tax.
const exemption = "reverse charge: the customer accounts for the tax"

// taxOf returns what a customer has said about its taxes.
func (c *console) taxOf(ctx context.Context, cu customer) (taxFacts, error) {
	var f taxFacts
	_, err := c.notes.get(ctx, taxNotes+cu.ID, &f)
	return f, err
}

// command returns the command that records the facts for an application.
func (f taxFacts) command() subscription.SetTax {
	cmd := subscription.SetTax{Region: f.Region, Number: f.Number}
	if f.Exempt {
		cmd.Exempt = exemption
	}
	return cmd
}

// rates returns the taxes that a customer pays now.
func (f taxFacts) rates(cat *pricing.Catalog, now time.Time) ([]pricing.TaxRate, error) {
	if f.Exempt || f.Region == "" {
		return nil, nil
	}
	return cat.TaxRates(f.Region, cat.Zone().DateOf(now))
}

// check fails for what can't be true. A host of your own also has the tax number confirmed by the authority that gave it.
func (f taxFacts) check(cat *pricing.Catalog) error {
	known := f.Region == ""
	for _, id := range cat.TaxRegions() {
		known = known || id == f.Region
	}
	digits := strings.ContainsAny(f.Number, "0123456789")
	other := strings.Trim(f.Number, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ -./") != ""
	switch {
	case !known:
		return bad("tax_region")
	case f.Number != "" && (!digits || other || len(f.Number) > 24):
		return bad("tax_number")
	case f.Exempt && (f.Number == "" || f.Region == ""):
		return bad("tax_exempt")
	}
	return nil
}

// setTax records a customer's tax facts for all of its applications, and for those that it creates later.
func (c *console) setTax(ctx context.Context, cu customer, f taxFacts) error {
	if err := f.check(c.catalog); err != nil {
		return err
	}
	if err := c.notes.put(ctx, taxNotes+cu.ID, f); err != nil {
		return err
	}
	apps, err := c.applications(ctx, cu)
	if err != nil {
		return err
	}
	for _, app := range apps {
		if err := c.applyTax(ctx, app, f); err != nil {
			return err
		}
	}
	return nil
}

// applyTax records tax facts for an application that has others.
func (c *console) applyTax(ctx context.Context, app subscription.Application, f taxFacts) error {
	cmd := f.command()
	var has subscription.TaxFacts
	if app.Tax != nil {
		has = *app.Tax
	}
	if has.Equal(subscription.TaxFacts(cmd)) {
		return nil
	}
	_, err := c.service.Do(ctx, app.ID, cmd, newKey())
	return err
}

// untaxed says why no tax applied when an order was placed, or "" if nobody had said why.
func (c *console) untaxed(ctx context.Context, o subscription.Order) (string, error) {
	why := ""
	for e, err := range c.store.Events(ctx, o.Application) {
		if err != nil {
			return "", err
		}
		if e.Type == subscription.EventOrderPlaced && e.Order == o.ID {
			break
		}
		if e.Type != subscription.EventTax {
			continue
		}
		var exempt bool
		if why, exempt = strings.CutPrefix(e.Note, "exempt: "); !exempt {
			why = ""
		}
	}
	return why, nil
}

// taxText is a tax with its rate: VAT 19 %.
func taxText(t pricing.Tax) string {
	return rateName(pricing.TaxRate{Name: t.Name, Percent: t.Percent})
}

func rateName(r pricing.TaxRate) string { return fmt.Sprintf("%s %s %%", r.Name, r.Percent) }
