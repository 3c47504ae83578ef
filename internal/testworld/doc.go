// Package testworld is what the tests of several packages have in common: a service with what it stands on and a clock that
// the test sets, a gateway that a test writes as it goes, and how values are read and compared.
package testworld
