package catalog

import (
	_ "embed"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

//go:embed tencent-rtc.json
var file string

// JSON returns the sample catalog as it stands in the file.
func JSON() string { return file }

// Load returns the sample catalog. It fails, with a [*pricing.CatalogError], only where the file
// was edited and does not pass validation any more.
func Load() (*pricing.Catalog, error) {
	return pricing.ParseCatalog(strings.NewReader(file))
}
