//go:build !race

package faults_test

// slow reports whether the race detector makes everything several times slower.
const slow = false
