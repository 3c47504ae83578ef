// Package sqlite keeps applications in one file of SQLite, durably, in the process of its caller. No server, no
// cgo: the driver, modernc.org/sqlite, is SQLite itself translated to Go.
//
// It is the store for a service on one machine, for tests that need a real disk, and for tools. Where several
// machines must write, take package store/postgres; there is no other difference that a service would notice.
//
//	st, err := sqlite.Open(ctx, "/var/lib/shop/prepaid.db", nil)
//	…
//	defer st.Close()
//	err = st.Migrate(ctx)
//	…
//	service := subscription.NewService(st, gateway, catalog, nil)
//
// [Open] makes the file if there is none, and [Store.Migrate] its tables, or brings them up to date. Call it whenever
// the service starts: where there is nothing to do it does nothing, and several processes may call it at once. A file
// that a newer version of this module has migrated is refused by both with [*SchemaError].
//
// # What is promised
//
// When Commit has returned nil the change is on the disk, and stays when the process or the machine fails in
// the next instant, as far as the disk keeps what it says that it has written. A change is there as a whole or not at
// all. After an error of [ErrBusy], [ErrFull], [ErrNotMigrated] or [ErrClosed] nothing of the call was done, and
// after most others too; but with an error of the disk within the commit itself nobody knows before the change is
// loaded again, and the error says so. What a service does after any of them, deciding again on what is there, is
// always right.
//
// The connections have these settings, and so have those of a caller's own *sql.DB that is opened with [DSN]:
//
//   - journal_mode=WAL: who reads doesn't wait for who writes, and the other way round. Beside the file there are
//     two more while it is open, named -wal and -shm, which belong to it. Open sets it, and the file keeps it, for
//     whoever opens it; a file that was only opened with DSN so far, and a backup, don't have it yet.
//   - synchronous=FULL: a commit waits for the disk. NORMAL would be quicker and may lose the last commits when the
//     power fails, and with them the proof that somebody was charged.
//   - busy_timeout, [Options.BusyTimeout]: how long a write waits for that of another process.
//   - foreign_keys=ON, which SQLite leaves off. The tables of applications declare none: their rows are written only
//     with the document of their application, which is never deleted. Constraints hold for kinds, statuses, amounts and
//     keys, and a unique index makes a second paid renewal of one period impossible.
//   - wal_autocheckpoint=8192: the log is put back into the file when it has some 32 MiB, rather than 4, so that
//     pages that change often are written once; and journal_size_limit, so that it shrinks again to 64 MiB.
//   - temp_store=MEMORY: what SQLite needs to undo one change of many isn't written to a temporary file.
//
// # One writer
//
// SQLite has one writer at a time. A store writes through one connection, and what reads has [Options.Readers] others.
// Commits that come while one is waiting for the disk are put into one transaction, so that they wait for the
// disk together: a hundred callers get more done than one, not less. Each change is judged by itself,
// in the order of arrival: one that conflicts, is refused or breaks a constraint has no effect on those beside it. A
// caller whose context ends while its change waits goes away, and nothing of it is done. Once the transaction has
// begun, which then takes milliseconds, a caller waits for the outcome, so that it knows it.
//
// Several processes on one file, on one machine, work: they take turns, in a queue that is the lock of a file beside the
// database, with "-turn" after its name, so that one that writes all the time shuts out nobody. (On Windows and systems
// without flock there is no queue, and SQLite alone decides who is next.) A write waits up to the busy timeout for its turn
// and for a transaction that is under way, and then fails with [ErrBusy], with nothing done. Don't put the file on a network
// file system, whose locks SQLite can't trust, and don't open it with os.Open in a process that has it open as a store, to
// copy it, say: on Unix, closing it again gives up the store's locks. [Store.Backup] is how it is copied.
//
// # Within a caller's transaction
//
// [Store.WithTx] binds a store to a *sql.Tx, so that a caller's own rows and what a service decides are committed together;
// see its example. The transaction must be of a connection to the same file. Open it with [DSN], whose transactions
// begin with the lock to write: one that begins with a read, and writes after another process has, fails with [ErrBusy]
// at once, since waiting would not help. Begin it with [Store.BeginTx], which takes its turn; one that db.BeginTx begins
// may wait for as long as others have something to write. Keep such transactions short, for every other writer waits for
// them; in particular a goroutine that commits to the [Store] itself while its own transaction is open waits for itself,
// until the busy timeout.
//
// # Backups
//
// [Store.Backup] writes a copy of one instant while the store is used. To restore, put it into the place of the file,
// with the store closed and without -wal and -shm files beside it.
//
// With balances in the same file ([Store.Accounts]) that is all: orders and payments go back together. Another gateway
// has not forgotten what was collected since the copy was made, and the file has. What is decided again has the key of
// before, so that the gateway tells what became of it and nothing is collected twice, as long as its look-ups remember.
// What was refunded since, and requests that nobody repeats, are to be compared with the provider's statement, by the keys
// in prepaid_orders (attempt).
//
// A copy that lives on beside its original is to have an identity of its own: see [Store.NewIdentity].
//
// It is made by VACUUM INTO rather than by SQLite's backup interface: that one starts again from the beginning whenever
// another process writes, and copies free pages and fragmentation too. What VACUUM INTO doesn't do, waiting for
// the disk and refusing an existing file, Backup does.
//
// # Size
//
// An application with one package takes some 3 KB, and each of its renewals 1.5 KB more: an order, two changes with their
// events, an entry. A million applications grow by 1.5 GB a month. [Store.Prune] deletes what is old of all but the
// document and the minutes ledger; SQLite uses the room again, and gives it back to the file system only by VACUUM or in
// a backup. A document is read and written as a whole; it is a few KB, and at most [subscription.MaxDocument].
//
// # Tables and reports
//
// Tables are called prepaid_applications, prepaid_orders, prepaid_entries, prepaid_events, prepaid_receipts and
// prepaid_records; the migrations say what their columns are. Times are microseconds since 1970, days are days since
// 1970-01-01, money is minor units with a currency beside, minutes are thousandths, what is absent is NULL:
//
//	SELECT datetime(placed_at / 1000000, 'unixepoch'), status, amount, currency FROM prepaid_orders WHERE application_id = ?
//
// The views prepaid_subscriptions, prepaid_cycles and prepaid_lots expand the documents, with times as text. They read
// every document, since nothing else has what they show: run them on a backup where there are very many. Write
// nothing into the tables by hand: a document is more than its columns, and its revision is what keeps
// anybody from being charged twice.
//
// # Speed
//
// By the benchmarks of this package, on two cores with a quick disk, medians of three runs, each beside hand-written
// SQL through the same driver that writes the same rows in the same transactions and decodes nothing:
//
//	                                               a second   of the limit
//	renewals by a worker, in batches of 1,000        10,100   1.4
//	purchases, one after the other                    2,400   0.82
//	records, one after the other                      6,800   0.88
//	records, 1,000 a call                           253,000   1.5
//	records, 16 callers on 1,000 applications        13,700   0.56
//	loads of an application with a receipt           78,000   0.85
//
// The limits are more than reached where the work beside SQL goes on while the disk or the writer is busy. Sharing
// transactions trebles what single callers get: 4,300 records a second by one, 9,600 by four, 12,600 by sixteen.
//
// # Why this driver
//
// Callers enlist with transactions of database/sql, so the driver must be one of that. zombiezen.com/go/sqlite,
// which is built on the same translation, has the better interface for whoever uses SQLite alone, and deliberately
// none for database/sql. A cgo driver would be quicker and would take cross-compilation from whoever imports it. The store
// itself calls the driver directly, with its own prepared statements, because the bookkeeping of database/sql costs a
// good part of what SQLite does for a row. [Store.WithTx] takes transactions of any driver of SQLite; those of another one
// don't have their errors told apart as [ErrBusy] and [ErrFull].
//
// # Limits
//
// One machine, one writer at a time. Text is UTF-8 without NUL. A Claim takes the longest due applications in order, and
// goes past those that are leased, which are as many as workers have in hand. Prune looks at each application. The
// clock of the machine is never asked.
package sqlite
