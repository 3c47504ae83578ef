//go:build !race

package faults_test

// slow says that the race detector makes everything several times slower.
const slow = false
