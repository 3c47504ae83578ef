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

// URL returns the connection string of a test server. The first call starts one unless PREPAID_POSTGRES names one;
// [Main] stops it.
func URL(tb testing.TB) string {
	tb.Helper()
	if url := os.Getenv("PREPAID_POSTGRES"); url != "" { //nolint:forbidigo // a setting of test runs
		return url
	}
	shared.once.Do(func() { shared.server, shared.err = Start(nil) })
	if shared.err != nil {
		if os.Getenv("PREPAID_REQUIRE_SERVERS") != "" { //nolint:forbidigo // likewise
			tb.Fatalf("PREPAID_REQUIRE_SERVERS is set, but there is no Postgres server: %v", shared.err)
		}
		tb.Skipf("NOT TESTED: needs Postgres: %v; install it, or name a server in PREPAID_POSTGRES", shared.err)
	}
	return shared.server.URL()
}

// Main runs the tests of a package, stops their shared server, and returns the exit code. Call it from TestMain.
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
