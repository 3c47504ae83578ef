//go:build !race

package storetest

// raced reports whether the race detector is enabled.
const raced = false
