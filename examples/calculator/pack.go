package main

import (
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// toppedUp is the answer to "pack".
type toppedUp struct {
	Price   string `json:"price"`
	Minutes int64  `json:"minutes"`
	Lines   []line `json:"lines"`

	title, currency string
}

// pack prices one order of top-up minutes: a quantity of one fixed pack, or a custom pack of a given size.
func pack(cat *pricing.Catalog, r *request) (result, error) {
	id, currency := pricing.PackID(r.text("pack")), r.currencyOr("USD")
	quantity := r.optionalCount("quantity", 1, pricing.MaxPackQuantity)
	minutes := r.optionalCount("minutes", 1, maxMinutes)
	if err := r.finish(); err != nil {
		return nil, err
	}
	p, err := cat.Pack(id)
	if err != nil {
		return nil, err
	}
	var price pricing.Price
	switch {
	case p.Withdrawn:
		return nil, fmt.Errorf("pack %s is no longer sold", id)
	case p.Custom() && quantity != 0:
		return nil, fmt.Errorf("quantity: a custom pack such as %s is bought one at a time", id)
	case p.Custom() && minutes == 0:
		return nil, errors.New("minutes: is missing")
	case p.Custom():
		price, err = cat.PriceCustomPack(id, minutes, currency)
	case minutes != 0:
		return nil, fmt.Errorf("minutes: a pack %s has %d", id, p.Minutes)
	default:
		price, minutes, err = cat.PricePack(id, max(1, quantity), currency)
	}
	if err != nil {
		return nil, err
	}
	return toppedUp{
		Price: price.Amount.Amount(), Minutes: minutes, Lines: linesOf(price.Lines),
		title: fmt.Sprintf("pack %s", id), currency: string(currency),
	}, nil
}
