package main

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// world is what a story happens in. But for what is in the store it lives as long as the process.
type world struct {
	store    store.Store
	service  *subscription.Service
	provider *provider
	catalog  *pricing.Catalog
	policy   renewal.Policy
	clock    time.Time // zero: no step has set it
	names    map[string]named
	quotes   map[string]quoted
	made     named // by the step that runs
}

// named is what a step made, for steps that name it by "$name".
type named struct {
	order subscription.OrderID
}

func newWorld(st store.Store, cat *pricing.Catalog) (*world, error) {
	w := &world{store: st, catalog: cat, names: map[string]named{}, quotes: map[string]quoted{}}
	w.provider = newProvider(w.now)
	service, err := subscription.NewService(st, w.provider, w.prices, &subscription.Options{Now: w.now})
	w.service = service
	return w, err
}

// now returns the clock, as the service sees it.
func (w *world) now() time.Time { return w.clock }

// prices returns the catalog in force.
func (w *world) prices() *pricing.Catalog { return w.catalog }
