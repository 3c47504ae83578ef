package modeltest

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// The model's own price list. It must match catalog.json.

// minute is the unit of the model's quantities, thousandths of a package minute.
const minute = 1000

const (
	lateWindow = 12 * time.Hour
	graceTime  = 12 * time.Hour
	retention  = 2 * 24 * time.Hour
	refundDays = 5
)

// tariff describes a kind of usage.
type tariff struct {
	covered bool
	weight  int64 // in thousandths
	cents   int64 // per 1,000 minutes
}

func tariffOf(kind pricing.UsageKindID) (tariff, bool) {
	t, ok := map[pricing.UsageKindID]tariff{
		"audio":            {true, 1000, 99},
		"hd":               {true, 4000, 399},
		"audience-audio":   {true, 500, 50},
		"audience-full-hd": {true, 4500, 450},
		"transcoding":      {false, 1000, 700},
	}[kind]
	return t, ok
}

// offer is a package version for one month.
type offer struct {
	rank           int
	minutes, cents int64
}

func offerOf(product pricing.ProductID, version pricing.VersionID) offer {
	return map[string]offer{
		"call/small": {1, 60, 1000}, "call/medium": {2, 150, 2300}, "call/large": {3, 400, 5100},
		"live/lite": {1, 30, 1200},
	}[string(product)+"/"+string(version)]
}

// bundle is a pack: the minutes of one pack, or one minute of a custom pack.
type bundle struct {
	products   []pricing.ProductID
	minutes    int64
	months     int
	toMonthEnd bool
}

func bundleOf(pack pricing.PackID) bundle {
	return map[pricing.PackID]bundle{
		"call-20":      {[]pricing.ProductID{"call"}, 20, 1, false},
		"call-20-long": {[]pricing.ProductID{"call"}, 20, 3, false},
		"any-30":       {[]pricing.ProductID{"call", "live"}, 30, 1, true},
		"custom":       {[]pricing.ProductID{"live"}, 1, 2, false},
	}[pack]
}

// gift is a monthly grant of free minutes.
type gift struct {
	products []pricing.ProductID
	minutes  int64
	cycles   int
}

func giftOf(free pricing.FreeGrantID) gift {
	return map[pricing.FreeGrantID]gift{
		"starter": {[]pricing.ProductID{"call", "live"}, 15, 3},
		"welcome": {[]pricing.ProductID{"call"}, 5, 1},
	}[free]
}
