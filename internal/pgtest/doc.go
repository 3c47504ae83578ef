// Package pgtest gives tests, benchmarks and fault runs a Postgres server of their own: a new cluster in a
// temporary directory, on a free port of the loopback interface, with a password that nobody else knows, run by another
// user than root, and gone when the process is.
//
// A test asks [URL] for the server of its process. That is the one that PREPAID_POSTGRES names, so that a whole
// run can share one, or a private one where the programs of Postgres are found. Where there is neither the test is
// skipped, and says so; with PREPAID_REQUIRE_SERVERS set it fails instead.
package pgtest
