package pgtest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the server of this process.
//
//nolint:gochecknoglobals // one server for all tests of a package, which nothing else could hold
var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// URL returns the connection string of a server for tests. The first call starts one, if PREPAID_POSTGRES names
// none; [Main] ends it.
func URL(tb testing.TB) string {
	tb.Helper()
	if url := os.Getenv("PREPAID_POSTGRES"); url != "" { //nolint:forbidigo // a setting of test runs
		return url
	}
	shared.once.Do(func() { shared.server, shared.err = Start(nil) })
	if shared.err != nil {
		if os.Getenv("PREPAID_REQUIRE_SERVERS") != "" { //nolint:forbidigo // likewise
			tb.Fatalf("a test needs Postgres, PREPAID_REQUIRE_SERVERS is set, and there is none: %v", shared.err)
		}
		tb.Skipf("NOT TESTED, since it needs Postgres: %v; install it, or name a server in PREPAID_POSTGRES", shared.err)
	}
	return shared.server.URL()
}

// Main runs the tests of a package and ends the server that they shared. Call it from TestMain, and exit with what
// it returns.
func Main(m *testing.M) int {
	status := m.Run()
	if shared.server != nil {
		if err := shared.server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err) //nolint:forbidigo // no test is left to tell it
			return max(status, 1)
		}
	}
	return status
}
