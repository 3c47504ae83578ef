//go:build race

package storetest

// raced reports whether the race detector is enabled, which makes everything about ten times slower.
const raced = true
