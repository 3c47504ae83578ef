//go:build !race

package sqlite_test

// raced is whether the race detector watches.
const raced = false
