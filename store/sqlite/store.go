package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Options configures a store. The zero value selects the defaults.
type Options struct {
	// Readers is the number of connections for concurrent reads, in addition to the one that writes. Default 4.
	Readers int
	// BusyTimeout is how long a write waits for another process or for a caller's transaction. Default 5 s. It has a
	// resolution of one millisecond; with less than that, a write doesn't wait.
	BusyTimeout time.Duration
	// MaxBytes is the maximum size to which this store lets the file grow, not counting its write-ahead log. A write
	// that needs more fails with [ErrFull]. It is rounded down to whole pages. By default only the disk is a limit.
	MaxBytes int64
}

func (o *Options) withDefaults() Options {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Readers <= 0 {
		opts.Readers = 4
	}
	if opts.BusyTimeout == 0 {
		opts.BusyTimeout = 5 * time.Second
	}
	opts.BusyTimeout = max(opts.BusyTimeout, 0)
	return opts
}

// Store stores applications in a single file. It is safe for concurrent use. Create one with [Open].
type Store struct {
	name    string
	opts    Options
	opened  os.FileInfo // to detect that another file has taken its place
	writer  *writer
	readers chan *conn

	identity identity

	mu     sync.Mutex
	closed bool
}

var (
	_ store.Store         = (*Store)(nil)
	_ store.Pruner        = (*Store)(nil)
	_ store.Reports       = (*Store)(nil)
	_ store.Feeder        = (*Store)(nil)
	_ store.Marks         = (*Store)(nil)
	_ store.ProviderKeys  = (*Store)(nil)
	_ subscription.Eraser = (*Store)(nil)
	_ subscription.Eraser = (*bound)(nil)
)

// Open opens the file at path and creates it if it doesn't exist; its directory must exist. No character of the path
// has a special meaning. A new file needs [Store.Migrate] to create its tables before anything else can be done with
// it. Several processes may open a new file at once. Only the owner can read or write a new file and the files that
// SQLite puts next to it (mode 0600); the mode of an existing file doesn't change.
//
// Open fails with [ErrPath], with [*SchemaError] for a file from a newer version of this module, with [ErrBusy] if
// another program keeps the file locked for longer than the busy timeout, and with SQLite's own errors if the file
// isn't a database or can't be opened. A nil opts selects the defaults.
func Open(ctx context.Context, path string, opts *Options) (*Store, error) {
	name, err := file(path)
	if err != nil {
		return nil, err
	}
	s := &Store{name: name, opts: opts.withDefaults()}
	if err := create(name); err != nil {
		return nil, fmt.Errorf("sqlite: open %q: %w", path, err)
	}
	w, err := s.connectWriter(ctx)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %q: %w", path, err)
	}
	if s.opened, err = os.Stat(name); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: open %q: %w", path, err), w.close())
	}
	s.readers = make(chan *conn, s.opts.Readers)
	for range s.opts.Readers {
		r, err := s.connectReader(ctx)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("sqlite: open %q: %w", path, err), s.closeReaders(len(s.readers)), w.close())
		}
		s.readers <- r
	}
	s.writer = (&writer{
		conn: w, turn: openTurn(name, s.opened.Mode().Perm()), limit: s.opts.BusyTimeout, check: s.inPlace,
		again: func() (*conn, error) { return s.connectWriter(context.Background()) }, //nolint:contextcheck // it outlives the call
	}).start() //nolint:contextcheck // it outlives the call
	return s, nil
}

// private is the mode of the files that a store creates.
const private = 0o600

// creating keeps a process from opening a file that it has just created and not yet closed. Closing it releases all
// of the process's locks on the file.
//
//nolint:gochecknoglobals // they are the process's
var creating sync.Mutex

// create creates the file if it doesn't exist, so that it has the right mode from the start.
func create(name string) error {
	creating.Lock()
	defer creating.Unlock()
	if _, err := os.Lstat(name); err == nil {
		return nil
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, private) //nolint:gosec // the path is the caller's
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// inPlace fails with [ErrMoved] if the open file is no longer the one at its path.
func (s *Store) inPlace() error {
	now, err := os.Stat(s.name)
	if err == nil && os.SameFile(s.opened, now) {
		return nil
	}
	if err == nil {
		err = errors.New("another file has its name")
	}
	return fmt.Errorf("%w: %w: nothing was done", ErrMoved, err)
}

// connectWriter opens a connection that can write, which must be the first one to a file. It sets up the write-ahead
// log, rejects a newer schema, and sets the file's size limit.
func (s *Store) connectWriter(ctx context.Context) (*conn, error) {
	c, err := s.connect(ctx, "_pragma=cache_size(-65536)")
	if err != nil {
		return nil, err
	}
	err = enterWAL(ctx, c, s.opts.BusyTimeout)
	if err == nil {
		err = prepareFile(c, s.opts) //nolint:contextcheck // see conn
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// connectReader opens a read-only connection.
func (s *Store) connectReader(ctx context.Context) (*conn, error) {
	return s.connect(ctx, "_pragma=query_only(on)")
}

// connect opens another connection.
func (s *Store) connect(ctx context.Context, settings ...string) (*conn, error) {
	c, err := sqlite.NewConnector(source(s.name, s.opts, settings...))
	if err != nil {
		return nil, explain(err)
	}
	return connect(ctx, c)
}

// prepareFile rejects a newer schema and sets the file's size limit.
func prepareFile(c *conn, opts Options) error {
	if _, err := version(c); err != nil {
		return err
	}
	if opts.MaxBytes <= 0 {
		return nil
	}
	page, err := getNumber(c, "PRAGMA page_size")
	if err != nil {
		return err
	}
	return c.script("PRAGMA max_page_count = " + strconv.FormatInt(max(opts.MaxBytes/max(page, 1), 1), 10))
}

// Close waits for running calls to finish and closes the file. Later calls fail with [ErrClosed].
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.writer.close()
	return errors.Join(s.closeReaders(s.opts.Readers), err)
}

// closeReaders closes n readers, each as soon as it is free.
func (s *Store) closeReaders(n int) error {
	var errs []error
	for range n {
		errs = append(errs, (<-s.readers).close())
	}
	close(s.readers)
	return errors.Join(errs...)
}

// read calls do with a read-only connection. Each statement sees a consistent state of the file.
func (s *Store) read(ctx context.Context, do func(q session) error) error {
	return s.reading(ctx, func(c *conn) error { return do(c) })
}

// snapshot is like read, but runs do in a transaction, so all its statements see the same state of the file.
func (s *Store) snapshot(ctx context.Context, do func(q session) error) error {
	return s.reading(ctx, func(c *conn) error { //nolint:contextcheck // see conn
		if _, err := c.exec("BEGIN"); err != nil {
			return err
		}
		defer c.rollback()
		return do(c)
	})
}

// reading calls do with a free reader.
func (s *Store) reading(ctx context.Context, do func(c *conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var c *conn
	var open bool
	select {
	case c, open = <-s.readers:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !open {
		return ErrClosed
	}
	defer func() { s.readers <- c }()
	if c.stuck {
		fresh, err := s.connectReader(ctx)
		if err != nil {
			return err
		}
		_ = c.close() // nothing depends on it
		c = fresh
	}
	return do(c)
}
