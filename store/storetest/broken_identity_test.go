package storetest_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/storeid"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/storetest"
	"github.com/prepaidkit/prepaid/subscription"
)

// claimsWith makes a store return other snapshots of claims than it has.
func claimsWith(edit func(s *subscription.Snapshot)) func(b *broken) {
	return func(b *broken) {
		b.claim = func(ctx context.Context, asOf time.Time, lease time.Duration, limit int) ([]renewal.Claimed, error) {
			claimed, err := b.Store.Claim(ctx, asOf, lease, limit)
			for i := range claimed {
				edit(&claimed[i].Snapshot)
			}
			return claimed, err
		}
	}
}

// shown is the damage of [broken.shows].
func shown(edit func(s *subscription.Snapshot)) func(b *broken) {
	return func(b *broken) { b.shows(edit) }
}

var identityFlaws = []flaw{
	{"no identity", shown(func(s *subscription.Snapshot) { s.Store = "" }), "load/every snapshot bears"},
	{"another identity at each load", shown(func(s *subscription.Snapshot) { s.Store = storeid.New() }), "load/every snapshot bears"},
	{"no identity beside an application that doesn't exist", shown(func(s *subscription.Snapshot) {
		if s.Application.Revision == 0 {
			s.Store = ""
		}
	}), "load/every snapshot bears"},
	{"an identity of capitals", shown(func(s *subscription.Snapshot) { s.Store = strings.Repeat("A", storeid.Len) }), "load/every snapshot bears"},
	{"an identity that is too long", shown(func(s *subscription.Snapshot) { s.Store += "00" }), "load/every snapshot bears"},
	{"claims without an identity", claimsWith(func(s *subscription.Snapshot) { s.Store = "" }), "load/a claimed snapshot bears"},
	{"claims with an identity of their own", func(b *broken) {
		id := storeid.New()
		claimsWith(func(s *subscription.Snapshot) { s.Store = id })(b)
	}, "load/a claimed snapshot bears"},
	{"one identity for all stores", func(b *broken) {
		b.shows(func(s *subscription.Snapshot) { s.Store = "0123456789abcdef" })
		claimsWith(func(s *subscription.Snapshot) { s.Store = "0123456789abcdef" })(b)
	}, "load/another store has another"},
}

var recordFlaws = []flaw{
	{"digests of records are lost", shown(func(s *subscription.Snapshot) {
		for i := range s.Records {
			s.Records[i].Digest = 0
		}
	}), "rows/every field of records"},
	{"digests of records are narrow", edits(func(c *subscription.Change) {
		for i := range c.Records {
			c.Records[i].Digest = int64(int32(c.Records[i].Digest))
		}
	}), "records/the digest and the day"},
	{"digests of records aren't negative", edits(func(c *subscription.Change) {
		for i := range c.Records {
			c.Records[i].Digest = max(c.Records[i].Digest, 0)
		}
	}), "records/the digest and the day"},
	{"a record has the digest of the one that came first", func(b *broken) {
		b.shows(func(s *subscription.Snapshot) {
			for i := range s.Records {
				s.Records[i].Digest = s.Records[0].Digest
			}
		})
	}, "rows/every field of records"},
	{"days of records are lost", shown(func(s *subscription.Snapshot) {
		for i := range s.Records {
			s.Records[i].On = 0
		}
	}), "rows/every field of records"},
	{"a record that comes again is no conflict if its digest is the same", func(b *broken) {
		b.commit = func(ctx context.Context, changes ...subscription.Change) error {
			edited := make([]subscription.Change, len(changes))
			for i := range changes {
				edited[i] = changes[i].Clone()
				s, _ := b.Store.Load(ctx, subscription.Read{Application: edited[i].Application, Records: recordIDs(edited[i].Records)})
				if len(s[0].Records) > 0 {
					edited[i].Records = nil
				}
			}
			return b.Store.Commit(ctx, edited...)
		}
	}, "records/a record that was counted is a conflict"},
}

func recordIDs(records []subscription.UsageRow) []string {
	ids := make([]string, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	return ids
}

var clockFlaws = []flaw{
	{"the clock stands still", func(b *broken) {
		now := time.Now().UTC()
		b.clock = func(ctx context.Context) (time.Time, error) { return now, ctx.Err() }
	}, "clock/the clock goes on"},
	{"the clock of the machine's zone", func(b *broken) {
		b.clock = func(ctx context.Context) (time.Time, error) {
			return time.Now().In(time.FixedZone("CST", 8*60*60)), ctx.Err()
		}
	}, "clock/the clock goes on"},
	{"the clock goes by fits and starts", func(b *broken) {
		b.clock = func(ctx context.Context) (time.Time, error) {
			return time.Now().UTC().Add(time.Duration(rand.N(1000)-2000) * time.Hour), ctx.Err()
		}
	}, "clock/the clock goes on"},
	{"the clock can't be read", func(b *broken) {
		b.clock = func(context.Context) (time.Time, error) { return time.Time{}, errors.New("no such function") }
	}, "clock/the clock goes on"},
	{"the clock ignores its context", func(b *broken) {
		b.clock = func(context.Context) (time.Time, error) { return time.Now().UTC(), nil }
	}, "clock/the context"},
}

// Only the cases of a store that has no clock are skipped, and say so.
func TestClockIsForClocked(t *testing.T) {
	for _, name := range storetest.Cases() {
		if !strings.HasPrefix(name, "clock/") {
			continue
		}
		if storetest.Skipped(t.Context(), name, func() store.Store { return memory.New() }) == "" {
			t.Errorf("%s isn't skipped for a store without a clock", name)
		}
		if why := storetest.Skipped(t.Context(), name, opens(func(*broken) {})); why != "" {
			t.Errorf("%s is skipped for a subscription.Clocked: %s", name, why)
		}
	}
}
