// Package catalog holds a sample catalog: the products, package versions and top-up packs of Tencent
// RTC, its kinds of usage and its free minutes, in the format of [pricing.ParseCatalog].
//
// The monthly prices and minutes of Call, and the prices of usage and their weights, are the ones that its
// seller published. Where no figure is public the file has an illustrative one, and the notes beside it
// say so. Real prices change; real programs load a file of their own.
package catalog
