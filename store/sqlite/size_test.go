package sqlite_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/store/sqlite"
	"github.com/prepaidkit/prepaid/subscription"
)

// What an application takes on disk is what the documentation says: some 3 KB when it has bought a package, and
// 1.5 KB more a renewal.
func TestSizeOnDisk(t *testing.T) {
	applications, months := int64(200), int64(12)
	if raced {
		applications = 60
	}
	s := scene.New(t)
	path := temporary(t)
	st, err := sqlite.Open(t.Context(), path, nil)
	ended(t, err)
	ended(t, st.Migrate(t.Context()))
	copied := copying{Store: memory.New(), to: st}
	size := func() int64 {
		ended(t, st.Close())
		info, err := os.Stat(path)
		ended(t, err)
		st, err = sqlite.Open(t.Context(), path, nil)
		ended(t, err)
		copied.to = st
		return info.Size()
	}
	empty := size()
	s.Sell(&copied, int(applications))
	bought := (size() - empty) / applications
	for month := range months {
		s.Now = time.Date(2025, time.February+time.Month(month), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -1)
		stats, err := s.Worker(&copied).Once(t.Context())
		ended(t, err)
		if stats.Paid != int(applications) {
			t.Fatalf("%+v", stats)
		}
	}
	renewed := ((size()-empty)/applications - bought) / months
	ended(t, st.Close())
	t.Logf("%d bytes an application, %d bytes a renewal, %d bytes an empty file", bought, renewed, empty)
	if bought < 2000 || bought > 4500 || renewed < 1000 || renewed > 2250 {
		t.Errorf("%d bytes an application, %d bytes a renewal", bought, renewed)
	}
}

// copying is a store in memory whose changes are committed to another one too.
type copying struct {
	store.Store
	to store.Store
}

func (c *copying) Commit(ctx context.Context, changes ...subscription.Change) error {
	if err := c.to.Commit(ctx, changes...); err != nil {
		return err
	}
	return c.Store.Commit(ctx, changes...)
}
