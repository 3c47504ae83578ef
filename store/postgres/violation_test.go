package postgres_test

import (
	"errors"
	"testing"

	"github.com/prepaidkit/prepaid/subscription"
)

// What was taken is a conflict, an order that is placed and exists is a refusal, and one that was loaded is replaced, also
// in partitions, whose constraints have names of their own.
func TestCommit_partitioned(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	for _, table := range []string{"orders", "receipts", "records"} {
		run(t, p, name, "ALTER TABLE {schema}."+table+" RENAME TO plain_"+table)
		run(t, p, name, "CREATE TABLE {schema}."+table+" (LIKE {schema}.plain_"+table+" INCLUDING ALL) PARTITION BY HASH (application_id)")
		run(t, p, name, "CREATE TABLE {schema}.half_of_"+table+" PARTITION OF {schema}."+table+" FOR VALUES WITH (MODULUS 2, REMAINDER 0)")
		run(t, p, name, "CREATE TABLE {schema}.rest_of_"+table+" PARTITION OF {schema}."+table+" FOR VALUES WITH (MODULUS 2, REMAINDER 1)")
	}
	for _, id := range []subscription.ApplicationID{"a", "b", "c"} {
		first := keyed(create(id), "key")
		first.Records = []subscription.UsageRow{{ID: "record", On: 20_000}}
		first.Orders = []subscription.Order{closed(id, "o", first.Next.Due)}
		first.Orders[0].Status = subscription.OrderOpen
		places(&first)
		commit(t, s, first)
		record := next(id, 1)
		record.Records = first.Records
		for what, c := range map[string]subscription.Change{"receipt": keyed(next(id, 1), "key"), "record": record} {
			if err := s.Commit(t.Context(), c); !errors.Is(err, subscription.ErrConflict) {
				t.Errorf("%s: %v, want a conflict", what, err)
			}
		}
		again := next(id, 1)
		again.Orders = []subscription.Order{closed(id, "o", first.Next.Due)}
		places(&again)
		if err := s.Commit(t.Context(), again); !errors.Is(err, subscription.ErrExists) || errors.Is(err, subscription.ErrConflict) {
			t.Errorf("a placed order: %v, want a refusal with ErrExists", err)
		}
		again = next(id, 1)
		again.Orders = []subscription.Order{closed(id, "o", first.Next.Due)}
		commit(t, s, again)
		for o, err := range s.Orders(t.Context(), id) {
			if err != nil || o.Status != subscription.OrderCanceled {
				t.Error(o.Status, err)
			}
		}
	}
}

// A row that was in the way is pruned before anybody can look it up: the change is tried again, not refused.
func TestCommit_violationGone(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	commit(t, s, create("a"), create("b"))
	fail(t, p, name, "INSERT", "receipts", "23505", 1)
	commit(t, s, keyed(next("a", 1), "key"))
	failAgain(t, p, name, "INSERT", "receipts", "23505", 1)
	commit(t, s, keyed(next("a", 2), "another"), keyed(next("b", 1), "key"))
	// One that stays, and that nobody finds, is a refusal in the end.
	failAgain(t, p, name, "INSERT", "receipts", "23505", 100)
	if err := s.Commit(t.Context(), keyed(next("a", 3), "third")); !errors.Is(err, subscription.ErrInvariant) {
		t.Errorf("%v, want a refusal", err)
	}
}

// So is one that places an order, which may be pruned as well.
func TestCommit_placedViolationGone(t *testing.T) {
	p := connect(t)
	s, name := openNamed(t, p, nil)
	fail(t, p, name, "INSERT", "orders", "23505", 1)
	placed := create("a")
	placed.Orders = []subscription.Order{closed("a", "o", placed.Next.Due)}
	places(&placed)
	commit(t, s, placed, create("b"))
	if n := revision(t, s, "a"); n != 1 {
		t.Errorf("revision %d, want 1", n)
	}
}
