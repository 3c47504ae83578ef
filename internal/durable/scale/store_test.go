package scale_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/prepaidkit/prepaid/internal/durable/scale"
	"github.com/prepaidkit/prepaid/internal/pgtest"
	"github.com/prepaidkit/prepaid/store/postgres"
	"github.com/prepaidkit/prepaid/subscription"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// TestClaimsAsTheStoreDoes pins that processes of the model claim the same applications as those of a Postgres store, whatever
// they have claimed and committed before, whoever crashed, and whenever leases end.
func TestClaimsAsTheStoreDoes(t *testing.T) {
	for _, distributed := range []bool{false, true} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint("distributed ", distributed, ", seed ", seed), func(t *testing.T) { claimsAlike(t, seed, distributed) })
		}
	}
}

func claimsAlike(t *testing.T, seed uint64, distributed bool) {
	t.Helper()
	const due, processes = 400, 3
	var (
		r      = rand.New(rand.NewPCG(seed, 1))
		origin = time.Date(2025, time.June, 1, 0, 0, 0, 0, time.UTC)
		clock  = time.Second
		stores []*postgres.Store
		models []func(limit int) []int
	)
	o := scale.DefaultOptions()
	o.Stored, o.Distributed = due, distributed
	sc := scale.Scenario{Later: due, Until: due * 500_003 * time.Microsecond} // no order is due at the same instant
	model := scale.NewSteps(o, sc)
	pool, err := pgxpool.New(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	fresh := func(i int) {
		st, err := postgres.New(pool, &postgres.Options{Schema: fmt.Sprint("scale_", distributed, "_", seed), Distributed: distributed})
		if err != nil {
			t.Fatal(err)
		}
		stores[i], models[i] = st, model.Process()
	}
	stores, models = make([]*postgres.Store, processes), make([]func(int) []int, processes)
	for i := range processes {
		fresh(i)
	}
	if err := stores[0].Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	commit := func(app int, base int64, at time.Time) bool {
		id := name(app)
		err := stores[0].Commit(t.Context(), subscription.Change{
			Application: id, Base: base,
			Next: subscription.Application{ID: id, Account: "acme", Revision: base + 1, CreatedAt: origin, Due: at},
		})
		if err != nil && !errors.As(err, new(*subscription.ConflictError)) {
			t.Fatal(err)
		}
		return err == nil
	}
	for app := range due {
		commit(app, 0, origin.Add(sc.Due(app)))
	}
	held, placed := map[int]int64{}, map[int]bool{}
	for range 600 {
		switch n := r.IntN(20); {
		case n < 9:
			i, limit := r.IntN(processes), 1+r.IntN(6)
			model.At(clock)
			got, err := stores[i].Claim(t.Context(), origin.Add(clock), o.Lease, limit)
			if err != nil {
				t.Fatal(err)
			}
			var apps []int
			for _, c := range got {
				app := number(t, c.Application)
				apps = append(apps, app)
				held[app] = c.Snapshot.Application.Revision
			}
			want := models[i](limit)
			if diff := cmp.Diff(apps, want, cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b int) bool { return a < b })); diff != "" {
				t.Fatalf("at %s the store claims %v, the model %v", clock, apps, want)
			}
		case n < 16 && len(held) > 0:
			all := make([]int, 0, len(held))
			for app := range held {
				all = append(all, app)
			}
			slices.Sort(all)
			app := all[r.IntN(len(all))]
			model.At(clock)
			next := origin.AddDate(1, 0, 0)
			if !placed[app] {
				next = origin.Add(clock + o.Poll)
			}
			written := commit(app, held[app], next)
			if got := model.Commit(app, !placed[app]); got != written {
				t.Fatalf("a commit of %d is written: %t, in the model %t", app, written, got)
			}
			if placed[app] {
				delete(held, app)
			} else {
				placed[app] = true
				held[app]++
				clock += 10 * time.Millisecond
			}
		case n < 17:
			fresh(r.IntN(processes))
		default:
			clock += time.Duration(r.IntN(3000)) * 10 * time.Millisecond
		}
	}
}

func name(app int) subscription.ApplicationID {
	return subscription.ApplicationID(fmt.Sprintf("app %04d", app))
}

func number(t *testing.T, id subscription.ApplicationID) (app int) {
	t.Helper()
	if _, err := fmt.Sscanf(string(id), "app %d", &app); err != nil {
		t.Fatal(err)
	}
	return app
}
