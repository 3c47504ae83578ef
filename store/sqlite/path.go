package sqlite

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// DSN returns the data source name of the file at path for driver "sqlite", with the settings of [Open] and
// transactions that begin immediately, for a *sql.DB of the caller's own whose transactions [Store.WithTx] joins:
//
//	db, err := sql.Open("sqlite", dsn)
//
// The journal mode isn't among the settings: it is the file's, which has it from [Open]. It fails with [ErrPath].
func DSN(path string, opts *Options) (string, error) {
	name, err := file(path)
	if err != nil {
		return "", err
	}
	return source(name, opts.withDefaults(), "_txlock=immediate"), nil
}

// file returns the absolute path. It never begins with "file:", which SQLite would take for a URI.
func file(path string) (string, error) {
	if path == "" || path == ":memory:" || strings.IndexByte(path, 0) >= 0 {
		return "", fmt.Errorf("%w: %q", ErrPath, path)
	}
	name, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("%w: %q: %w", ErrPath, path, err)
	}
	return name, nil
}

// source returns a URI, in which no character of the path has a meaning, with the settings of a connection.
func source(name string, opts Options, more ...string) string {
	name = filepath.ToSlash(name)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // of Windows, "/C:/…"
	}
	u := url.URL{Scheme: "file", Path: name}
	settings := append([]string{
		"_pragma=busy_timeout(" + strconv.FormatInt(int64(opts.BusyTimeout/time.Millisecond), 10) + ")",
		"_pragma=synchronous(full)",
		"_pragma=foreign_keys(on)",
		"_pragma=temp_store(memory)",
		"_pragma=wal_autocheckpoint(8192)",
		"_pragma=journal_size_limit(67108864)",
	}, more...)
	u.RawQuery = strings.Join(settings, "&")
	return u.String()
}
