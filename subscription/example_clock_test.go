package subscription_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/internal/sure"
	"github.com/prepaidkit/prepaid/subscription"
)

// A machine whose clock is hours behind the last recorded change can't change anything until its clock is right, or
// until staff who know that the other clock was wrong reset the application's time.
func ExampleResetClock() {
	c := newCounter()
	ahead := sure.Of(subscription.NewService(c.store, c.accounts, subscription.StaticCatalog(c.catalog), &subscription.Options{
		Now: func() time.Time { return c.now.Add(3 * time.Hour) },
	}))
	_, err := ahead.Do(c.ctx, "chat", subscription.Accept{Agreement: "2025-06"}, "accept-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(errors.Is(err, subscription.ErrClock))

	_, err = c.Do(c.ctx, "chat", subscription.ResetClock{Note: "jo: the clock of web-3 was wrong"}, "reset-1")
	must(err)
	_, err = c.Do(c.ctx, "chat", purchase, "buy-1")
	fmt.Println(err)
	// Output:
	// true
	// <nil>
}

func ExampleResetClock_Kind() {
	fmt.Println(subscription.ResetClock{}.Kind())
	// Output: reset_clock
}
