package pgtest

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/internal/testsize"
)

// shared is the server of this process, and the pooler in front of it.
//
//nolint:gochecknoglobals // one server for all tests of a package, which nothing else could hold
var shared struct {
	once   sync.Once
	server *Server
	pooler *pooler
	err    error
}

// Pooled reports whether [URL] leads to the server by way of PgBouncer, which PREPAID_PGBOUNCER asks for.
func Pooled() bool {
	return os.Getenv("PREPAID_PGBOUNCER") != "" //nolint:forbidigo // a setting of test runs
}

// URL returns the connection string of a test server. The first call starts one, and PgBouncer if that is asked for, unless
// PREPAID_POSTGRES names a server; [Main] stops them.
func URL(tb testing.TB) string {
	tb.Helper()
	direct := Direct(tb)
	if shared.pooler != nil {
		return shared.pooler.url(shared.server)
	}
	return direct
}

// Direct is URL without a pooler between. It is for tests of what belongs to a connection: roles, settings, databases.
func Direct(tb testing.TB) string {
	tb.Helper()
	if url := os.Getenv("PREPAID_POSTGRES"); url != "" && !Pooled() { //nolint:forbidigo // a setting of test runs
		return url
	}
	shared.once.Do(func() {
		if shared.server, shared.err = Start(nil); shared.err == nil && Pooled() {
			shared.pooler, shared.err = startPooler(shared.server)
		}
	})
	if shared.err != nil {
		if os.Getenv("PREPAID_REQUIRE_SERVERS") != "" || Pooled() { //nolint:forbidigo // likewise
			tb.Fatalf("a server is required, but there is none: %v", shared.err)
		}
		tb.Skipf("NOT TESTED: needs Postgres: %v; install it, or name a server in PREPAID_POSTGRES", shared.err)
	}
	return shared.server.URL()
}

// Main runs the tests of a package, their files in memory if that can be, see [testsize.FilesInMemory], stops their shared
// server, and returns the exit code. Call it from TestMain.
func Main(m *testing.M) int {
	end := testsize.FilesInMemory()
	status := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err) //nolint:forbidigo // no test is left to tell it
		status = max(status, 1)
	}
	end(status)
	return status
}

func stop() (err error) {
	if shared.pooler != nil {
		err = shared.pooler.close()
	}
	if shared.server != nil {
		err = errors.Join(err, shared.server.Close())
	}
	return err
}
