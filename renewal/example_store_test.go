package renewal_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// A worker claims what is due. Nobody else gets it until the lease ends or it is committed.
func ExampleStore() {
	ctx := context.Background()
	noon := time.Date(2025, time.June, 16, 12, 0, 0, 0, time.UTC)
	var st renewal.Store = memory.New()
	err := st.Commit(ctx, subscription.Change{
		Application: "chat", Next: subscription.Application{ID: "chat", Account: "acme", Revision: 1, Due: noon},
	})
	fmt.Println(err)
	for _, asOf := range []time.Time{noon.Add(-time.Second), noon, noon.Add(time.Minute), noon.Add(5 * time.Minute)} {
		claimed, err := st.Claim(ctx, asOf, 5*time.Minute, 1000)
		fmt.Println(asOf.Format(time.TimeOnly), len(claimed), err)
	}
	// Output:
	// <nil>
	// 11:59:59 0 <nil>
	// 12:00:00 1 <nil>
	// 12:01:00 0 <nil>
	// 12:05:00 1 <nil>
}
