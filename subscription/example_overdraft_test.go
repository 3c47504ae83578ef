package subscription_test

import (
	"context"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// A call runs on after the last minute: the version lends 50. The next pack repays what was used of them.
func ExampleApplication_Overdraft() {
	p := prepare(`"name": "Small", "rank": 1,`, `"name": "Small", "rank": 1, "overdraft_minutes": 50,`)
	for _, step := range []func(){
		func() {},
		func() {
			u := subscription.Usage{ID: "a", Product: "call", Kind: "audio", At: p.now, Seconds: int64(124 * time.Minute / time.Second)}
			results, err := p.Consume(context.Background(), "video-chat", u)
			fine(err)
			fmt.Println("used", results[0].Deducted, "of which", results[0].Overdraft, "are owed")
		},
		func() {
			o := p.do(topup.Buy{Pack: "call-50", Currency: "USD"}).Order
			fmt.Println("bought", o.Delivered.Increment)
		},
	} {
		step()
		a := p.application()
		o := a.Overdraft("call", p.catalog, p.now)
		fmt.Println(a.Minutes("call", p.now), "minutes; of the overdraft,", o.Left, "of", o.Limit)
	}
	// Output:
	// 100 minutes; of the overdraft, 50 of 50
	// used 124 of which 24 are owed
	// 0 minutes; of the overdraft, 26 of 50
	// bought 50
	// 26 minutes; of the overdraft, 50 of 50
}
