package main

import (
	_ "embed"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

//go:embed prices.json
var priceList string

func parse(file string) (*pricing.Catalog, error) {
	return pricing.ParseCatalog(strings.NewReader(file))
}
