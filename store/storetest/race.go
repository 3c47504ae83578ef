//go:build race

package storetest

// raced is whether the race detector watches, with which everything takes some ten times as long.
const raced = true
