//go:build !race

package simulation_test

// everyCall is after how many calls of the script the tests put crashes.
const everyCall = 1
