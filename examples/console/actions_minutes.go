package main

import (
	"slices"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

func giftFields(f *form) []field {
	return []field{
		f.choice("boxes", "products", "For which products", f.products()...),
		f.text("number", "minutes", "Minutes to give", ""),
		f.text("number", "months", "Months that they are valid", "1"),
	}
}

func (f *form) products() []option {
	var all []option
	for _, p := range f.c.catalog.Products() {
		all = append(all, option{Value: string(p.ID), Text: p.Name})
	}
	return all
}

func gift(f *form) (subscription.Command, error) {
	g := subscription.Gift{Minutes: wholeNumber(f.value("minutes"))}
	for _, id := range f.typed["products"] {
		g.Products = append(g.Products, pricing.ProductID(id))
	}
	g.Validity.Months = int(wholeNumber(f.value("months")))
	switch {
	case len(g.Products) == 0:
		return nil, bad("gift_products")
	case g.Minutes < 1 || g.Minutes > 1_000_000:
		return nil, bad("minutes")
	case g.Validity.Months < 1 || g.Validity.Months > 36:
		return nil, bad("gift_months")
	}
	return g, nil
}

// correctionFields offers what was counted and can be corrected.
func correctionFields(f *form) []field {
	var counted []option
	for _, n := range f.app.Counters {
		if n.Seconds > 0 && n.Order == "" {
			counted = append(counted, option{
				Value: strings.Join([]string{n.Day.String(), string(n.Product), string(n.Kind)}, "/"),
				Text: f.c.date(n.Day) + ": " + f.c.productName(n.Product) + ", " + f.c.itemName(string(n.Kind)) + ", " +
					grouped((n.Seconds+59)/60) + " minutes",
			})
		}
	}
	return []field{
		f.choice("select", "counted", "What was counted", counted...), f.text("number", "minutes", "Minutes of usage to take back", ""),
	}
}

func correction(f *form) (subscription.Usage, error) {
	parts := strings.Split(f.value("counted"), "/")
	if len(parts) != 3 {
		return subscription.Usage{}, bad("counted")
	}
	day, err := pricing.ParseDate(parts[0])
	if err != nil {
		return subscription.Usage{}, bad("counted")
	}
	minutes := wholeNumber(f.value("minutes"))
	if minutes < 1 || minutes > 1_000_000 {
		return subscription.Usage{}, bad("minutes")
	}
	return subscription.Usage{
		Product: pricing.ProductID(parts[1]), Kind: pricing.UsageKindID(parts[2]),
		At: f.c.catalog.Zone().StartOf(day), Seconds: -60 * minutes,
	}, nil
}

func accountFields(f *form) []field {
	options := []option{{Text: "Choose a customer"}}
	for _, cu := range f.customers {
		if cu.account() != f.app.Account {
			options = append(options, option{Value: cu.ID, Text: cu.Name})
		}
	}
	return []field{f.choice("select", "account", "New account", options...)}
}

func changeAccount(f *form) (subscription.Command, error) {
	account := f.value("account")
	if !slices.ContainsFunc(f.customers, func(cu customer) bool { return cu.ID == account }) {
		return nil, bad("other_customer")
	}
	return subscription.ChangeAccount{Account: subscription.AccountID(account)}, nil
}
