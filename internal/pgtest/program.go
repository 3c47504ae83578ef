package pgtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Program returns the path of a client program, such as "pg_dump", of the version of the servers that are started. The
// test is skipped if it isn't installed, as by [URL].
func Program(tb testing.TB, name string) string {
	tb.Helper()
	bin, err := programs()
	if err == nil {
		path := filepath.Join(bin, name)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("PREPAID_REQUIRE_SERVERS") != "" { //nolint:forbidigo // a setting of test runs
		tb.Fatalf("PREPAID_REQUIRE_SERVERS is set, but %s isn't installed: %v", name, err)
	}
	tb.Skipf("NOT TESTED: needs %s: %v", name, err)
	return ""
}
