// Package catalog holds a sample catalogue: the products and package versions of Tencent RTC, in the
// format of [pricing.ParseCatalog].
//
// The monthly prices and minutes of Call are the ones that its seller published. Where no figure is
// public the file has an illustrative one, and the notes beside it say so. Real prices change; real
// programs load a file of their own.
package catalog
