//go:build !race

package storetest

// raced is whether the race detector watches.
const raced = false
