package memory_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// A claim allocates for what is due, not for what the store holds.
func TestClaimOfOneAllocatesLittle(t *testing.T) {
	st := memory.New()
	now := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 20000 {
		d := subscription.Begin(subscription.Snapshot{Application: subscription.Application{ID: subscription.ApplicationID(fmt.Sprint("a", i)), Account: "x", CreatedAt: now}}, now)
		d.AddEvent(subscription.Event{Type: subscription.EventCreated})
		c := d.Change()
		c.Next.Due = now
		if i > 0 {
			c.Next.Due = now.AddDate(1, 0, 0)
		}
		if err := st.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	var a, b runtime.MemStats
	runtime.ReadMemStats(&a)
	got, err := st.Claim(t.Context(), now, time.Minute, 1<<20)
	runtime.ReadMemStats(&b)
	if allocated := b.TotalAlloc - a.TotalAlloc; err != nil || len(got) != 1 || allocated > 1<<20 {
		t.Errorf("claimed %d, %v, with %d bytes allocated, want 1 with less than a megabyte", len(got), err, allocated)
	}
}
