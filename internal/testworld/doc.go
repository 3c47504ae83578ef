// Package testworld has what tests of several packages share: a gateway that a test can redefine, catalogs with edits,
// and helpers that parse values and check errors.
package testworld
