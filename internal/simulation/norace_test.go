//go:build !race

package simulation_test

// everyCall is after how many calls of the script the tests put crashes.
const everyCall = 1

// raced is whether the race detector watches.
const raced = false
