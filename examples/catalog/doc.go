// Package catalog contains a sample catalog in the format of [pricing.ParseCatalog]: the products, package versions and
// top-up packs of Tencent RTC, its kinds of usage and its free minutes.
//
// The monthly prices and minutes of Call, and the prices and weights of usage, are the published ones. Other figures
// are not public; the file has illustrative ones, and says so in its notes. Real prices change; a real program loads
// its own file.
//
// A second one, saas.json, is invented: three plans in two currencies, with tax in their prices, by the month and by the
// year. Customers can move to a lower plan, or to another term, at their next renewal, and a coupon is for three months. The
// two larger plans have an overdraft, and minutes in the grace time.
package catalog
