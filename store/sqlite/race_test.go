//go:build race

package sqlite_test

// raced is whether the race detector watches, with which SQLite takes ten times as long.
const raced = true
