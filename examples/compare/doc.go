// Package compare compares the ways of paying for a month of usage: a package, a package with top-up packs or
// pay-as-you-go for what exceeds it, packs alone, and pay-as-you-go alone. It is pure, and prices everything with a
// [pricing.Catalog].
//
// The command examples/calculator answers its op "estimate" with it, and examples/console draws it as a chart.
package compare
