package testworld

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// Agreement is the version of the agreement in force in the test catalogs.
const Agreement = "2025-06"

// Catalog reads a catalog. The edits are pairs of old and new text.
func Catalog(tb testing.TB, path string, edits ...string) *pricing.Catalog {
	tb.Helper()
	text, err := os.ReadFile(path) //nolint:gosec // a file of the test's
	if err != nil {
		tb.Fatal(err)
	}
	for pair := range slices.Chunk(edits, 2) {
		if !strings.Contains(string(text), pair[0]) {
			tb.Fatalf("%s has no %q", path, pair[0])
		}
	}
	c, err := pricing.ParseCatalog(strings.NewReader(strings.NewReplacer(edits...).Replace(string(text))))
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Buy returns a purchase of one month in USD that accepts the agreement.
func Buy(product pricing.ProductID, version pricing.VersionID) subscription.Purchase {
	return subscription.Purchase{
		Product: product, Version: version, Term: pricing.Months(1), Currency: "USD", Agreement: Agreement,
	}
}
