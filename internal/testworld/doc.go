// Package testworld is what the worlds of tests of several packages are made of: a gateway that a test writes as it goes,
// catalogs with edits, and how values are read and errors are expected.
package testworld
