package memory_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

func noon() time.Time { return time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC) }

// put commits the next revision of an application, with that due time.
func put(t *testing.T, s *memory.Store, id subscription.ApplicationID, base int64, due time.Time) {
	t.Helper()
	next := subscription.Application{ID: id, Revision: base + 1, Due: due}
	if err := s.Commit(t.Context(), subscription.Change{Application: id, Base: base, Next: next}); err != nil {
		t.Fatal(err)
	}
}

func claim(t *testing.T, s *memory.Store, asOf time.Time, lease time.Duration, limit int) []renewal.Claimed {
	t.Helper()
	claimed, err := s.Claim(t.Context(), asOf, lease, limit)
	if err != nil {
		t.Fatal(err)
	}
	return claimed
}

// Trap: one shard's applications fill the batch, while those of another have been due for longer.
func TestClaimTakesTheLongestDueOfEveryShard(t *testing.T) {
	s := memory.New()
	const apps = 6400
	for i := range apps {
		put(t, s, subscription.ApplicationID(fmt.Sprint("app ", i)), 0, noon().Add(time.Duration(i)*time.Second))
	}
	// In strict order, none of the second half would be there; in random order, some 300 would.
	late := 0
	for _, c := range claim(t, s, noon().Add(apps*time.Second), time.Hour, apps/10) {
		if c.Snapshot.Application.Due.After(noon().Add(apps / 2 * time.Second)) {
			late++
		}
	}
	if late > 0 {
		t.Errorf("%d of the second half are in the first tenth", late)
	}
}

// Trap: a lease that ends before Due must not make due what isn't.
func TestClaimWithANegativeLease(t *testing.T) {
	s := memory.New()
	put(t, s, "a", 0, noon())
	if got := claim(t, s, noon(), -time.Hour, 1); len(got) != 1 {
		t.Fatalf("%d claimed, want 1", len(got))
	}
	if got := claim(t, s, noon().Add(-time.Second), time.Hour, 1); len(got) != 0 {
		t.Errorf("%d claimed before it is due", len(got))
	}
	if got := claim(t, s, noon(), time.Hour, 1); len(got) != 1 {
		t.Errorf("%d claimed when it is due, want 1", len(got))
	}
}

// plain is the reference for the store: for each application, the result of the last commit or claim.
type plain struct {
	revision map[subscription.ApplicationID]int64
	wake     map[subscription.ApplicationID]time.Time // zero: never
}

func (p *plain) claimable(asOf time.Time) []subscription.ApplicationID {
	var ids []subscription.ApplicationID
	for id, wake := range p.wake {
		if !wake.IsZero() && !wake.After(asOf) {
			ids = append(ids, id)
		}
	}
	return ids
}

// With random commits, claims and jumps of the clock, claims agree with a plain map.
func TestClaimIsWhatAMapSays(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 0))
		s := memory.New()
		p := plain{map[subscription.ApplicationID]int64{}, map[subscription.ApplicationID]time.Time{}}
		now := noon()
		for range 300 {
			now = now.Add(time.Duration(random.IntN(5)-1) * time.Second)
			if random.IntN(3) > 0 {
				id := subscription.ApplicationID(fmt.Sprint("app ", random.IntN(40)))
				due := now.Add(time.Duration(random.IntN(9)-3) * time.Second)
				if random.IntN(6) == 0 {
					due = time.Time{}
				}
				put(t, s, id, p.revision[id], due)
				p.revision[id]++
				p.wake[id] = due
				continue
			}
			limit, lease := random.IntN(50)-2, time.Duration(random.IntN(8)-1)*time.Second
			want := p.claimable(now)
			claimed := claim(t, s, now, lease, limit)
			if got := len(claimed); got != min(len(want), max(limit, 0)) {
				t.Fatalf("seed %d: %d claimed of %d, the limit is %d", seed, got, len(want), limit)
			}
			seen := map[subscription.ApplicationID]bool{}
			for _, c := range claimed {
				if got := c.Snapshot.Application.Revision; got != p.revision[c.Application] {
					t.Fatalf("seed %d: %s at revision %d, want %d", seed, c.Application, got, p.revision[c.Application])
				}
				seen[c.Application] = true
				p.wake[c.Application] = now.Add(max(lease, 0))
			}
			for id := range seen {
				if !slices.Contains(want, id) {
					t.Fatalf("seed %d: %s is claimed but isn't due", seed, id)
				}
			}
			if len(seen) != len(claimed) {
				t.Fatalf("seed %d: %d claimed are %d applications", seed, len(claimed), len(seen))
			}
		}
	}
}

// Trap: what was claimed is committed while the same call goes on claiming, and comes a second time.
func TestClaimMeetsCommits(t *testing.T) {
	s := memory.New()
	const apps = 64
	for i := range apps {
		put(t, s, subscription.ApplicationID(fmt.Sprint("app ", i)), 0, noon())
	}
	var group sync.WaitGroup
	group.Go(func() {
		for n := range int64(50 * apps) {
			id := subscription.ApplicationID(fmt.Sprint("app ", n%apps))
			next := subscription.Application{ID: id, Revision: 2 + n/apps, Due: noon()}
			if err := s.Commit(t.Context(), subscription.Change{Application: id, Base: next.Revision - 1, Next: next}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 300 {
		seen := map[subscription.ApplicationID]bool{}
		for _, c := range claim(t, s, noon(), time.Hour, apps) {
			if seen[c.Application] {
				t.Errorf("%s twice in a batch", c.Application)
			}
			seen[c.Application] = true
		}
	}
	group.Wait()
}
