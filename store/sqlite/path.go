package sqlite

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// DSN returns the data source name of the file at path for the "sqlite" driver. It has the settings of [Open], and
// its transactions begin with the write lock. Use it to open a *sql.DB for your own transactions that [Store.WithTx]
// joins:
//
//	db, err := sql.Open("sqlite", dsn)
//
// The journal mode isn't one of the settings: it belongs to the file, and [Open] sets it. DSN fails with [ErrPath].
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

// source returns a URI with a connection's settings, in which no character of the path has a special meaning.
func source(name string, opts Options, more ...string) string {
	name = filepath.ToSlash(name)
	if !strings.HasPrefix(name, "/") {
		name = "/" + name // on Windows, "/C:/…"
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
