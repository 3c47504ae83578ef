package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Options change how a [Store] works. A nil *Options has the defaults.
type Options struct {
	// Schema is where the tables are. The default is "prepaid". Any identifier of at most 63 bytes will do; it is
	// quoted, so that case and special characters count.
	Schema string
	// Timeout is the most that one statement may take. The default is 30 seconds; a negative one is no limit.
	// The outcome of a commit that reached it is unknown.
	Timeout time.Duration
	// Retries is how often a statement is repeated that the server rolled back to resolve a deadlock or a
	// serialization failure, or that could not be sent. The default is 5; a negative number is never.
	Retries int
}

const (
	defaultSchema  = "prepaid"
	defaultTimeout = 30 * time.Second
	defaultRetries = 5
	maxIdentifier  = 63
)

// Store keeps applications in a Postgres database. It is safe for concurrent use, and any number of stores, in any
// number of processes, may share a database. The zero value is not ready: use [New].
type Store struct {
	*shared

	db         session
	savepoints bool // db is a transaction of the caller's
	retries    int
}

// shared is what a store has in common with those bound to transactions.
type shared struct {
	pool    poolSession
	schema  string // quoted
	timeout time.Duration
	known   atomic.Pointer[string] // the store's identity, once it was read
	loads   loads
	commits commits
	front   front
}

// New returns the store of a schema. It doesn't connect: see [Store.Migrate]. The pool stays the caller's to close.
// Any mode of execution will do; with pgx.QueryExecModeExec and pgx.QueryExecModeSimpleProtocol the statements are
// run as with pgx.QueryExecModeCacheDescribe, for which the pool must have a DescriptionCacheCapacity, as is the default.
func New(pool *pgxpool.Pool, o *Options) (*Store, error) {
	if pool == nil {
		return nil, errors.New("postgres: no pool")
	}
	var options Options
	if o != nil {
		options = *o
	}
	config := pool.Config().ConnConfig
	if undescribed(config.DefaultQueryExecMode) && config.DescriptionCacheCapacity <= 0 {
		return nil, fmt.Errorf("postgres: pool: execution mode %q needs a DescriptionCacheCapacity", config.DefaultQueryExecMode)
	}
	session := poolSession{pool, config.DefaultQueryExecMode}
	s := &Store{shared: &shared{pool: session, timeout: options.Timeout}, retries: options.Retries, db: session}
	switch name := options.Schema; {
	case name == "":
		s.schema = pgx.Identifier{defaultSchema}.Sanitize()
	case !utf8.ValidString(name) || strings.IndexByte(name, 0) >= 0 || len(name) > maxIdentifier:
		return nil, fmt.Errorf("postgres: schema %.80q: not an identifier of at most %d bytes", name, maxIdentifier)
	default:
		s.schema = pgx.Identifier{name}.Sanitize()
	}
	if s.timeout == 0 {
		s.timeout = defaultTimeout
	}
	if s.retries == 0 {
		s.retries = defaultRetries
	}
	return s, nil
}

// sql puts the schema's name into a statement.
func (s *Store) sql(statement string) string {
	return strings.ReplaceAll(statement, "{schema}", s.schema)
}

// limit bounds the time of one statement.
func (s *Store) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout < 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.timeout)
}
