package scene

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

//go:embed catalog.json
var catalog string

// Catalog returns the catalog's JSON: one product with one version, and two kinds of usage.
func Catalog() string { return catalog }

// Scene is what a benchmark needs beside a store.
type Scene struct {
	TB      testing.TB
	Catalog *pricing.Catalog
	Policy  renewal.Policy // without reminders
	Now     time.Time      // by which all services go
}

// New returns a scene on a day of January.
func New(tb testing.TB) *Scene {
	tb.Helper()
	cat, err := pricing.ParseCatalog(strings.NewReader(catalog))
	if err != nil {
		tb.Fatal(err)
	}
	return &Scene{
		TB: tb, Catalog: cat, Policy: renewal.Policy{Reminders: []time.Duration{}},
		Now: time.Date(2025, time.January, 1, 9, 0, 0, 0, time.UTC),
	}
}

// Service returns a service on a store.
func (s *Scene) Service(st subscription.Store) *subscription.Service {
	return sure.Of(subscription.NewService(st, Gateway{}, subscription.StaticCatalog(s.Catalog),
		&subscription.Options{Now: func() time.Time { return s.Now }}))
}

// Worker returns a worker on a store.
func (s *Scene) Worker(st renewal.Store) *renewal.Worker {
	s.TB.Helper()
	w, err := renewal.NewWorker(s.Service(st), st, &renewal.Options{Policy: s.Policy})
	if err != nil {
		s.TB.Fatal(err)
	}
	return w
}

// Must ends the benchmark with an error.
func (s *Scene) Must(_ any, err error) {
	s.TB.Helper()
	if err != nil {
		s.TB.Fatal(err)
	}
}

// App returns the ID of an application.
func App(i int) subscription.ApplicationID {
	return subscription.ApplicationID(fmt.Sprintf("app-%06d", i))
}

// Purchase returns the purchase of a month.
func Purchase() subscription.Purchase {
	return subscription.Purchase{Product: "call", Version: "lite", Term: pricing.Months(1), Currency: "USD", Agreement: "2025-06"}
}

// Create makes n applications.
func (s *Scene) Create(st subscription.Store, n int) {
	s.TB.Helper()
	for i := range n {
		s.Must(s.Service(st).Do(s.TB.Context(), App(i), subscription.Create{Account: "acme"}, "create"))
	}
}

// Sell makes n applications that have bought a package, and whose next due time is known.
func (s *Scene) Sell(st store.Store, n int) {
	s.TB.Helper()
	s.Create(st, n)
	for i := range n {
		s.Must(s.Service(st).Do(s.TB.Context(), App(i), Purchase(), "buy"))
	}
	s.Must(s.Worker(st).Once(s.TB.Context()))
}

// Usage returns n records with IDs from first on.
func (s *Scene) Usage(first, n int) []subscription.Usage {
	records := make([]subscription.Usage, n)
	for i := range records {
		records[i] = subscription.Usage{
			ID: "record-" + strconv.Itoa(first+i), Product: "call", Kind: []pricing.UsageKindID{"audio", "hd"}[i%2], At: s.Now, Seconds: 90,
		}
	}
	return records
}
