package pricing

import (
	"errors"
	"fmt"
	"strings"
)

// Errors returned by this package. They are wrapped with details, so test for them with [errors.Is].
var (
	ErrSyntax           = errors.New("pricing: malformed text")
	ErrCurrency         = errors.New("pricing: unknown currency")
	ErrCurrencyMismatch = errors.New("pricing: amounts of different currencies")
	ErrPrecision        = errors.New("pricing: more digits than the currency has")
	ErrOverflow         = errors.New("pricing: value out of range")
	ErrNegative         = errors.New("pricing: negative value")
	ErrRatio            = errors.New("pricing: invalid ratio")
	ErrRounding         = errors.New("pricing: unknown rounding mode")
	ErrDayCount         = errors.New("pricing: unknown day count")
	ErrDate             = errors.New("pricing: invalid date")
	ErrTerm             = errors.New("pricing: invalid term")
	ErrZone             = errors.New("pricing: unknown time zone")
	ErrOutsidePeriod    = errors.New("pricing: instant outside the period")
	ErrUnknownProduct   = errors.New("pricing: no such product")
	ErrUnknownVersion   = errors.New("pricing: no such package version")
	ErrUnknownOffer     = errors.New("pricing: no such offer")
	ErrUnknownPack      = errors.New("pricing: no such pack")
	ErrUnknownKind      = errors.New("pricing: no such kind of usage")
	ErrUnknownFree      = errors.New("pricing: no such grant of free minutes")
	ErrUnknownRegion    = errors.New("pricing: no such tax region")
	ErrTax              = errors.New("pricing: invalid tax rates")
	ErrBelowLeast       = errors.New("pricing: less than the least charge")
	ErrPackSize         = errors.New("pricing: pack not sold in that size or quantity")
	ErrNoPrice          = errors.New("pricing: not sold for that term and currency")
	ErrZeroPrice        = errors.New("pricing: a positive price rounds to zero")
)

// Problem is one problem in a catalog file.
type Problem struct {
	Path    string // location in the file, for example products[0].versions[2].rank
	Message string // description of the problem
}

// String returns "path: message".
func (p Problem) String() string { return p.Path + ": " + p.Message }

// CatalogError lists all problems of a catalog: duplicate names first, then the rest in the order of the checks, up to
// one thousand. [ParseCatalog] returns it.
type CatalogError struct{ Problems []Problem }

// Error lists the first problems and the total number of problems.
func (e *CatalogError) Error() string {
	const show = 8
	var b strings.Builder
	fmt.Fprintf(&b, "pricing: catalog: %d problem(s)", len(e.Problems))
	for i, p := range e.Problems {
		if i == show {
			fmt.Fprintf(&b, "; and %d more", len(e.Problems)-show)
			break
		}
		b.WriteString("; ")
		b.WriteString(p.String())
	}
	return b.String()
}
