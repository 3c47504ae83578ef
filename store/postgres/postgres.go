package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Options configures a [Store]. A nil *Options selects the defaults.
type Options struct {
	// Schema is the schema that contains the tables. The default is "prepaid". Any identifier of at most 63 bytes is
	// allowed; it is quoted, so case and special characters matter.
	Schema string
	// Timeout is the maximum duration of one statement. The default is 30 seconds; a negative value means no limit.
	// If a commit times out, its outcome is unknown.
	Timeout time.Duration
	// Retries is how often a statement is retried that could not be sent, or that the server rolled back to resolve a
	// deadlock or a serialization failure. The default is 5; a negative value means never.
	Retries int
	// Distributed is for tables that are distributed over several servers by the application's ID, as Citus does. Each
	// statement can then be split among them, since none locks rows of several applications, and each part of a load stands
	// alone. On a single server it is slower, and claims and Prune wait for rows that others hold instead of skipping them.
	Distributed bool
}

const (
	defaultSchema  = "prepaid"
	defaultTimeout = 30 * time.Second
	defaultRetries = 5
	maxIdentifier  = 63
)

// Store stores applications in a Postgres database. It is safe for concurrent use. Any number of stores, in any
// number of processes, may share a database. The zero value isn't usable: call [New].
type Store struct {
	*shared

	db         session
	savepoints bool // db is a caller's transaction
	retries    int
}

var (
	_ store.Store          = (*Store)(nil)
	_ store.Pruner         = (*Store)(nil)
	_ store.Reports        = (*Store)(nil)
	_ store.Feeder         = (*Store)(nil)
	_ store.Marks          = (*Store)(nil)
	_ store.ProviderKeys   = (*Store)(nil)
	_ subscription.Clocked = (*Store)(nil)
	_ subscription.Eraser  = (*Store)(nil)
	_ subscription.Eraser  = bound{}
)

// shared is what a store shares with the stores that are bound to transactions.
type shared struct {
	pool    poolSession
	schema  string // quoted
	timeout time.Duration
	spread  bool // see Options.Distributed
	loads   loads
	commits commits
	front   front

	storeID    atomic.Pointer[string] // the store's identity, once it has been read
	databaseID atomic.Pointer[string] // what tells the database from its copies, once it has been read
}

// New returns the store for a schema. It doesn't connect: see [Store.Migrate]. The caller remains responsible for
// closing the pool. Any query execution mode is allowed. With pgx.QueryExecModeExec and
// pgx.QueryExecModeSimpleProtocol, statements run as with pgx.QueryExecModeCacheDescribe; the pool then needs a
// DescriptionCacheCapacity, which it has by default.
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
	all := &shared{pool: session, timeout: options.Timeout, spread: options.Distributed}
	s := &Store{shared: all, retries: options.Retries, db: session}
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

// sql inserts the schema's name into a statement.
func (s *Store) sql(statement string) string {
	return strings.ReplaceAll(statement, "{schema}", s.schema)
}

// plainOr returns the first statement for tables on one server, and the second for tables that are distributed.
func (s *Store) plainOr(plain, spread string) string {
	if s.spread {
		return spread
	}
	return plain
}

const unionAll = "\nUNION ALL"

// union returns the union of parts that have a number of columns. Where tables are distributed, each part is computed by
// itself, so that a coordinator sends it to the servers that have its rows.
func (s *Store) union(parts []string, columns int) string {
	if !s.spread || len(parts) == 1 {
		return strings.Join(parts, unionAll)
	}
	names := make([]string, columns)
	for i := range names {
		names[i] = "c" + strconv.Itoa(i)
	}
	with, rows := make([]string, len(parts)), make([]string, len(parts))
	for i, part := range parts {
		name := "p" + strconv.Itoa(i)
		with[i] = name + " (" + strings.Join(names, ", ") + ") AS MATERIALIZED (" + part + "\n)"
		rows[i] = "\nTABLE " + name
	}
	return "\nWITH " + strings.Join(with, ", ") + strings.Join(rows, unionAll)
}

// limit bounds the duration of one statement.
func (s *Store) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout < 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, s.timeout)
}
