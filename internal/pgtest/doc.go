// Package pgtest starts a private Postgres server for tests, benchmarks and fault runs: a new cluster in a temporary
// directory, on a free port of the loopback interface, with a random password, never run as root, and stopped with the
// process.
//
// A test gets the server of its process from [URL]. It is the server named by PREPAID_POSTGRES, so that a whole run can
// share one, or else a private one if Postgres is installed. If there is neither, the test is skipped with a message,
// or fails if PREPAID_REQUIRE_SERVERS is set.
package pgtest
