package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// upgradePath is the answer to "path".
type upgradePath struct {
	Path []pricing.VersionID `json:"path"`

	title string
	names []string
}

// path lists the versions above a given one.
func path(cat *pricing.Catalog, r *request) (result, error) {
	product, from := pricing.ProductID(r.text("product")), pricing.VersionID(r.text("from"))
	if err := r.finish(); err != nil {
		return nil, err
	}
	if _, err := cat.Version(product, from); err != nil {
		return nil, err
	}
	p := upgradePath{Path: []pricing.VersionID{}, title: fmt.Sprintf("path of %s from %s", product, from)}
	for _, v := range cat.UpgradePath(product, from) {
		p.Path = append(p.Path, v.ID)
		p.names = append(p.names, v.Name)
	}
	return p, nil
}
