//go:build race

package simulation_test

// everyCall is after how many calls of the script the tests put crashes: fewer where each costs ten times as much. A step of
// CI has them all.
const everyCall = 2

// raced is whether the race detector watches.
const raced = true
