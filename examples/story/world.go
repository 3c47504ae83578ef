package main

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// world is the environment in which a story runs. Everything except the contents of the store lasts as long as the
// process.
type world struct {
	store    store.Store
	service  *subscription.Service
	provider *provider
	catalog  *pricing.Catalog
	policy   renewal.Policy
	clock    time.Time // zero: no step has set it yet
	names    map[string]named
	quotes   map[string]quoted
	made     named // by the current step
}

// named is what a step made, for steps that refer to it by "$name".
type named struct {
	order  subscription.OrderID
	refund string // the gateway's key
}

func newWorld(st store.Store, cat *pricing.Catalog) (*world, error) {
	w := &world{store: st, catalog: cat, names: map[string]named{}, quotes: map[string]quoted{}}
	w.provider = newProvider(w.now)
	service, err := subscription.NewService(st, w.provider, w.prices, &subscription.Options{Now: w.now})
	w.service = service
	return w, err
}

// now returns the clock, which is also the service's.
func (w *world) now() time.Time { return w.clock }

// prices returns the catalog in force.
func (w *world) prices() *pricing.Catalog { return w.catalog }
