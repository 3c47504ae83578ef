package sqlite_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// heavy returns a change with a note of a size.
func heavy(t *testing.T, id subscription.ApplicationID, base int64, size int) subscription.Change {
	t.Helper()
	c := change(t, id, base)
	c.Events[0].Note = strings.Repeat("x", size)
	return c
}

// A full disk: nothing is half written, reads go on, and so do writes when there is room.
func TestFullDisk(t *testing.T) {
	path := temporary(t)
	s := open(t, path, &sqlite.Options{MaxBytes: 1 << 20, BusyTimeout: patient.BusyTimeout})
	var full error
	committed := int64(0)
	for full == nil {
		if full = s.Commit(t.Context(), heavy(t, "a", committed, 40_000)); full == nil {
			committed++
		}
	}
	if !errors.Is(full, sqlite.ErrFull) || committed == 0 {
		t.Fatalf("after %d changes: %v", committed, full)
	}
	db := database(t, path, nil)
	sound := func(id subscription.ApplicationID, want int64) {
		t.Helper()
		if n := revision(t, s, id); n != want {
			t.Errorf("%s: revision %d, want %d", id, n, want)
		}
		if n := count(t, db, "SELECT count(*) FROM prepaid_events WHERE application_id = ?", string(id)); n != int(want) {
			t.Errorf("%s: %d events, want %d", id, n, want)
		}
		check := ""
		if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&check); err != nil || check != "ok" {
			t.Error(check, err)
		}
	}
	sound("a", committed)

	// Of several callers those that find room are served.
	errs := queued(t, path, s, heavy(t, "b", 0, 400_000), change(t, "c", 0), heavy(t, "d", 0, 400_000))
	if !errors.Is(errs[0], sqlite.ErrFull) || errs[1] != nil || !errors.Is(errs[2], sqlite.ErrFull) {
		t.Error(errs)
	}
	sound("b", 0)
	sound("c", 1)
	sound("d", 0)

	// Pruning makes room.
	if _, err := s.Prune(t.Context(), noon().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), heavy(t, "b", 0, 400_000)); err != nil {
		t.Error(err)
	}
	// So does a larger limit.
	if err := s.Commit(t.Context(), heavy(t, "d", 0, 900_000)); !errors.Is(err, sqlite.ErrFull) {
		t.Error(err)
	}
	larger := open(t, path, &sqlite.Options{MaxBytes: 8 << 20})
	if err := larger.Commit(t.Context(), heavy(t, "d", 0, 900_000)); err != nil {
		t.Error(err)
	}
	sound("b", 1)
	sound("d", 1)
}

// An application that can't be read spoils no other, and stays as it is.
// Rule: unreadable-document-stops-nobody.
func TestUnreadableDocuments(t *testing.T) {
	for name, text := range map[string]string{
		"damaged": `{"format":1,"id":"b`, "not JSON": "\x01\x02", "empty": "", "another type": `[]`, "later": `{"format":99,"id":"b","new":{}}`,
		"number out of range": `{"format":1,"id":"b","revision":1e400}`,
	} {
		t.Run(name, func(t *testing.T) {
			path := temporary(t)
			s := open(t, path, nil)
			for _, id := range []subscription.ApplicationID{"a", "b", "c"} {
				c := change(t, id, 0)
				c.Orders[0].Status = subscription.OrderCanceled // and can be forgotten
				ended(t, s.Commit(t.Context(), c))
			}
			db := database(t, path, nil)
			run(t, db, "UPDATE prepaid_applications SET document = ? WHERE id = 'b'", text)

			var corrupt *sqlite.CorruptError
			var format *document.FormatError
			unreadable := func(call string, err error) {
				t.Helper()
				if !errors.As(err, &corrupt) || corrupt.Application != "b" || errors.As(err, &format) != (name == "later") {
					t.Errorf("%s: %v", call, err)
				}
			}
			_, err := s.Load(t.Context(), subscription.Read{Application: "b"})
			unreadable("Load", err)
			claimed, err := s.Claim(t.Context(), noon(), time.Hour, 10)
			if err != nil || len(claimed) != 3 {
				t.Fatal(claimed, err)
			}
			for _, c := range claimed {
				if c.Snapshot.Application.ID != c.Application {
					t.Errorf("%s has the snapshot of %s", c.Application, c.Snapshot.Application.ID)
				}
				if c.Application == "b" {
					unreadable("Claim", c.Err)
				} else if c.Err != nil || c.Snapshot.Application.Revision != 1 {
					t.Error(c)
				}
			}
			pruned, err := s.Prune(t.Context(), noon().AddDate(1, 0, 0))
			unreadable("Prune", err)
			if pruned.Orders != 2 || pruned.Events != 3 || pruned.Receipts != 3 {
				t.Errorf("%+v", pruned)
			}
			if n := count(t, db, "SELECT count(*) FROM prepaid_applications WHERE id = 'b' AND document = ? AND revision = 1", text); n != 1 {
				t.Error("the document has changed")
			}
			if err := s.Commit(t.Context(), change(t, "c", 1)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestUnreadableRows(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	for base := range int64(3) {
		if err := s.Commit(t.Context(), change(t, "a", base)); err != nil {
			t.Fatal(err)
		}
	}
	run(t, database(t, path, nil), "UPDATE prepaid_orders SET lines = '[{' WHERE placed_revision = 2")
	good, bad := 0, 0
	for o, err := range s.Orders(t.Context(), "a") {
		var corrupt *sqlite.CorruptError
		switch {
		case err == nil:
			good++
		case errors.As(err, &corrupt) && corrupt.Application == "a" && o.ID == "":
			bad++
		default:
			t.Error(err)
		}
	}
	if good != 1 || bad != 1 {
		t.Errorf("%d orders and %d errors", good, bad)
	}
	_, err := s.Load(t.Context(), subscription.Read{Application: "a", Orders: []subscription.OrderID{"2ns"}})
	if corrupt := new(sqlite.CorruptError); !errors.As(err, &corrupt) {
		t.Error(err)
	}
}

// Text that isn't UTF-8 or has a NUL byte is refused wherever it stands, in a caller's transaction too.
func TestTextThatIsRefused(t *testing.T) {
	path := temporary(t)
	s := open(t, path, nil)
	db := database(t, path, nil)
	places := map[string]func(c *subscription.Change, text string){
		"account":  func(c *subscription.Change, text string) { c.Next.Account = subscription.AccountID(text) },
		"order":    func(c *subscription.Change, text string) { c.Orders[0].Note = text },
		"kind":     func(c *subscription.Change, text string) { c.Orders[0].Kind = subscription.OrderKind(text) },
		"status":   func(c *subscription.Change, text string) { c.Orders[0].Status = subscription.OrderStatus(text) },
		"entry":    func(c *subscription.Change, text string) { c.Entries[0].Reservation = text },
		"event":    func(c *subscription.Change, text string) { c.Events[0].Note = text },
		"receipt":  func(c *subscription.Change, text string) { c.Receipts[0].Key = text },
		"record":   func(c *subscription.Change, text string) { c.Records[0].ID = text },
		"document": func(c *subscription.Change, text string) { c.Next.Accepted.Agreement = text },
	}
	for name, place := range places {
		for _, text := range []string{"a\x00b", "\xff", "a\xc3"} {
			c := change(t, "a", 0)
			place(&c, text)
			tx, err := db.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			bound := withTx(tx).Commit(t.Context(), c)
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			for _, err := range []error{s.Commit(t.Context(), c), bound} {
				var refused *subscription.RefusedError
				if !errors.As(err, &refused) || !errors.Is(err, subscription.ErrInvalid) || len(refused.Changes) != 1 {
					t.Errorf("%s %q: %v", name, text, err)
				}
			}
		}
	}
	if n := rows(t, db); n != 0 {
		t.Errorf("%d rows", n)
	}
}
