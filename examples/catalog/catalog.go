package catalog

import (
	_ "embed"
	"os"
	"strings"

	"github.com/prepaidkit/prepaid/pricing"
)

//go:embed tencent-rtc.json
var sample string

//go:embed saas.json
var saas string

// JSON returns the file of the sample catalog.
func JSON() string { return sample }

// Load returns the sample catalog. It returns a [*pricing.CatalogError] only if the file was edited and is no longer
// valid.
func Load() (*pricing.Catalog, error) {
	return pricing.ParseCatalog(strings.NewReader(sample))
}

// SaaS returns a catalog as a seller of software by subscription may have it. It returns a [*pricing.CatalogError] only if
// the file was edited and is no longer valid.
func SaaS() (*pricing.Catalog, error) {
	return pricing.ParseCatalog(strings.NewReader(saas))
}

// Open reads the catalog in a file, or the sample catalog if file is "". Beside what opening the file returns, it returns
// a [*pricing.CatalogError] for a catalog that isn't valid.
func Open(file string) (*pricing.Catalog, error) {
	if file == "" {
		return Load()
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return pricing.ParseCatalog(f)
}
