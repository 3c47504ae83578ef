//go:build race

package simulation_test

// everyCall is after how many calls of the script the tests put crashes: every fifth where each costs ten times as much; CI has a step for all of them.
const everyCall = 5
