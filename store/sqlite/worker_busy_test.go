package sqlite_test

import (
	"errors"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store/sqlite"
)

// A worker that found the file locked goes on in its next round with what it had claimed, rather than when its leases end.
func TestWorkerGoesOnAfterBusy(t *testing.T) {
	path := temporary(t)
	st := open(t, path, &sqlite.Options{BusyTimeout: 50 * time.Millisecond})
	ended(t, st.Migrate(t.Context()))
	s := scene.New(t)
	const n = 40
	s.Sell(st, n)
	s.Now = time.Date(2025, time.January, 31, 9, 0, 0, 0, time.UTC)
	var free func()
	w := s.Worker(&scene.Meanwhile{Store: st, Claimed: func() { free = locked(t, path) }})
	stats, err := w.Once(t.Context())
	if !errors.Is(err, sqlite.ErrBusy) || stats.Paid != 0 {
		t.Fatalf("%+v, %v, want ErrBusy", stats, err)
	}
	free()
	s.Now = s.Now.Add(time.Minute)
	if stats, err = w.Once(t.Context()); err != nil || stats.Paid != n {
		t.Errorf("a minute later: %+v, %v, want %d paid", stats, err, n)
	}
}
