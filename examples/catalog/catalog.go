package catalog

import (
	_ "embed"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

//go:embed tencent-rtc.json
var file string

// JSON returns the file of the sample catalog.
func JSON() string { return file }

// Load returns the sample catalog. It returns a [*pricing.CatalogError] only if the file was edited and is no longer
// valid.
func Load() (*pricing.Catalog, error) {
	return pricing.ParseCatalog(strings.NewReader(file))
}
