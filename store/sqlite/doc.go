// Package sqlite stores applications durably in a single SQLite file, inside the calling process. It needs no server
// and no cgo: its driver, modernc.org/sqlite, is SQLite itself translated to Go.
//
// Use it for a service that runs on one machine, for tests that need a real disk, and for tools. If several machines
// must write, use package store/postgres instead; a service would notice no other difference.
//
//	st, err := sqlite.Open(ctx, "/var/lib/shop/prepaid.db", nil)
//	…
//	defer st.Close()
//	err = st.Migrate(ctx)
//	…
//	service, err := subscription.NewService(st, gateway, subscription.StaticCatalog(cat), nil)
//
// [Open] creates the file if it doesn't exist. [Store.Migrate] creates its tables or brings them up to date. Call it
// every time the service starts: it does nothing if there is nothing to do, and several processes may call it at
// once. Those that come while another one migrates wait for it until their context ends. Both reject a file that a newer
// version of this module has migrated, with [*SchemaError].
//
// # What is promised
//
// Once Commit has returned nil, the change is on disk. It survives a crash of the process or the machine in the very
// next instant, as long as the disk really keeps the data it reports as written. A change is stored completely or not
// at all. After [ErrBusy], [ErrFull], [ErrNotMigrated], or [ErrClosed], the call did nothing. The same is true of
// most other errors. The exception is a disk error during the commit itself: its outcome is unknown until the change
// is loaded again, and the error says so. After any of these errors a service decides again based on the current
// state, which is always correct.
//
// Every connection has the following settings. A caller's own *sql.DB has them too if it is opened with [DSN].
//
//   - journal_mode=WAL: readers don't wait for writers, nor writers for readers. While the file is open, two more
//     files exist next to it, with -wal and -shm after its name; they are part of the database. Open sets this mode,
//     and the file keeps it for everyone who opens it later. A file that has only been opened with DSN so far, or a
//     backup, doesn't have it yet.
//   - synchronous=FULL: a commit waits for the disk. NORMAL would be faster, but a power failure could lose the
//     latest commits, and with them the proof that a customer was charged.
//   - busy_timeout, [Options.BusyTimeout]: how long a write waits for a write by another process. [Store.Migrate] waits
//     longer.
//   - foreign_keys=ON, which is off by default in SQLite. The application tables declare no foreign keys: their rows
//     are only written together with their application's document, which is never deleted. Constraints cover kinds,
//     statuses, amounts, and keys, and a unique index makes a second paid renewal of the same period impossible.
//   - wal_autocheckpoint=8192: the write-ahead log is copied back into the file at about 32 MiB rather than 4, so
//     pages that change often are written once. journal_size_limit then shrinks the log to 64 MiB again.
//   - temp_store=MEMORY: SQLite doesn't write to a temporary file what it needs to undo one change of many.
//
// # One writer
//
// SQLite allows one writer at a time. A store writes through one connection and reads through [Options.Readers]
// others. Commits that arrive while another is waiting for the disk share the next transaction and wait for the disk
// together, so a hundred callers get more done than one, not less. Each change is judged on its own, in order of
// arrival: one that conflicts, is refused, or violates a constraint doesn't affect the others. If a caller's context
// ends while its change is still waiting, the call returns and none of the change is applied. Once the transaction
// has begun, the caller waits for the outcome, which takes milliseconds, so that it learns the result.
//
// Several processes on one machine can use the same file. They take turns in a queue, so a process that writes all
// the time can't starve the others. The queue is the lock on a file next to the database, with "-turn" after its
// name. (On Windows and systems without flock there is no queue, and SQLite alone decides who is next.) A write waits
// up to the busy timeout for its turn and for a running transaction. Then it fails with [ErrBusy], having done
// nothing. Don't put the file on a network file system, because SQLite can't rely on the locks there. Don't open it
// with os.Open, for example to copy it, in a process that has it open as a store: on Unix, closing it releases the
// store's locks. Copy it with [Store.Backup].
//
// # Within a caller's transaction
//
// [Store.WithTx] binds a store to a *sql.Tx, so the caller's own rows and the service's decisions are committed
// together; see its example. The transaction's connection must be to the same file. Open it with [DSN], whose
// transactions take the write lock when they begin. A transaction that begins with a read fails with [ErrBusy] when
// it writes after another process has written. It fails immediately, because waiting would not help. Begin the
// transaction with [Store.BeginTx], which takes its turn in the queue; a transaction from db.BeginTx may wait for as
// long as others have something to write. Keep these transactions short, because they block every other writer. In
// particular, a goroutine that commits to the [Store] itself while its own transaction is open waits for itself until
// the busy timeout.
//
// # Backups
//
// [Store.Backup] writes a copy of the file as of one instant, while the store is in use. To restore it, close the
// store, put the copy in place of the file, and make sure there are no -wal and -shm files next to it.
//
// If the balances are in the same file ([Store.Accounts]), nothing else is needed: orders and payments go back
// together. Any other gateway still remembers what it has collected since the copy was made, but the file doesn't. A
// decision that is made again has the same idempotency key as before, so the gateway reports the earlier result and
// nothing is collected twice, for as long as its lookups remember. Refunds made since then, and requests that are
// never repeated, must be compared with the provider's statement, using the keys in prepaid_orders (attempt).
//
// If a copy stays in use alongside its original, it needs its own identity: see [Store.NewIdentity].
//
// Backup uses VACUUM INTO rather than SQLite's backup API, which starts over whenever another process writes, and
// also copies free pages and fragmentation. Backup adds two things that VACUUM INTO lacks: it waits for the disk, and
// it refuses to overwrite an existing file.
//
// # Size
//
// An application with one package takes about 3 KB. Each renewal adds 1.5 KB: an order, two changes with their
// events, and a ledger entry. A million applications grow by 1.5 GB a month. [Store.Prune] deletes old rows of
// everything except the document and the minutes ledger. SQLite reuses that space, but only VACUUM or a backup
// returns it to the file system. A document is read and written as a whole; it is a few KB, and at most
// [subscription.MaxDocument].
//
// # Tables and reports
//
// The migrations describe the columns of the tables:
//
//   - applications: prepaid_applications, prepaid_orders, prepaid_entries, prepaid_events, prepaid_receipts,
//     prepaid_records, prepaid_subscription_rows, by which subscriptions are searched, including those that are
//     over, and prepaid_order_refunds;
//   - balances, see [Store.Accounts]: prepaid_accounts, prepaid_balances, prepaid_movements, prepaid_charges,
//     prepaid_deposits, and prepaid_refunds, which are the refunds of charges;
//   - the feed, see [Store.Feed]: prepaid_feed and prepaid_feed_state; and how far relays have come: prepaid_relays and
//     prepaid_parked;
//   - what a gateway's keys stand for at its provider, see [Store.BindProviderKey]: prepaid_provider_keys;
//   - internal: prepaid_identity and prepaid_migrations.
//
// Times are microseconds since 1970, days are days since 1970-01-01, money is in minor units with the currency in a
// separate column, minutes are in thousandths, and absent values are NULL:
//
//	SELECT datetime(placed_at / 1000000, 'unixepoch'), status, amount, currency FROM prepaid_orders WHERE application_id = ?
//
// The views prepaid_subscriptions, prepaid_cycles, and prepaid_lots expand the documents and show times as text;
// prepaid_lot_balances has all lots that were ever granted, by their entries. What was refunded of a lot that is still in
// its document is in both. Lots of overdrafts, marked as such in both, belong in no sum of minutes. The views read every
// document or entry, because the data they show is stored nowhere else; if there are very many, run them on a backup. Never
// write to the tables by hand: a document is more than its columns, and its revision is what keeps anyone from being charged
// twice.
//
// # Speed
//
// These are results of this package's benchmarks on two cores with a fast disk, medians of three runs. The limit is
// hand-written SQL through the same driver, which writes the same rows in the same transactions and decodes nothing:
//
//	                                               a second   of the limit
//	renewals by a worker, in batches of 1,000        10,100   1.4
//	purchases, one after the other                    2,400   0.82
//	records, one after the other                      6,800   0.88
//	records, 1,000 a call                           253,000   1.5
//	records, 16 callers on 1,000 applications        13,700   0.56
//	loads of an application with a receipt           78,000   0.85
//
// A result above 1 means that work other than SQL is done while the disk or the writer is busy. Sharing transactions triples
// the throughput of callers that consume single records of 1,000 applications (BenchmarkCommits): one gets 4,300 records a
// second, four get 9,600, and sixteen get 12,600.
//
// # Why this driver
//
// Callers join their transactions through database/sql, so the driver has to support it. zombiezen.com/go/sqlite is
// built on the same translation and has a better API for programs that use SQLite alone, but deliberately doesn't
// support database/sql. A cgo driver would be faster, but would prevent importers from cross-compiling. The store
// itself calls the driver directly, with its own prepared statements, because the bookkeeping in database/sql costs a
// good part of the time that SQLite spends on a row. [Store.WithTx] accepts transactions of any SQLite driver, but
// errors from other drivers aren't identified as [ErrBusy] and [ErrFull].
//
// # Limits
//
// One machine, one writer at a time. Text is UTF-8 without NUL. Claim takes the applications that have been due
// longest, in order, and skips those that are leased, which are as many as the workers are handling. Prune looks at
// every application. The store never reads the machine's clock.
package sqlite
