package takeover

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// ErrAccount means that the application exists, or is on an earlier line, and another account pays for it.
var ErrAccount = errors.New("the application has another account")

// Command imports a subscription as [subscription.Import] does, and creates its application in the same change if it doesn't exist.
type Command struct {
	subscription.Import

	Account subscription.AccountID `json:"account"`
}

// Kind returns "take_over".
func (Command) Kind() string { return "take_over" }

// Decide implements [subscription.Command]. It fails with [ErrAccount], and with the errors of [subscription.Import].
func (c Command) Decide(s subscription.Snapshot, cat *pricing.Catalog, now time.Time) (subscription.Change, error) {
	if s.Exists() == nil {
		if s.Application.Account != c.Account {
			return subscription.Change{}, fmt.Errorf("%w: %q", ErrAccount, s.Application.Account)
		}
		return c.Import.Decide(s, cat, now)
	}
	created, err := subscription.Create{Account: c.Account}.Decide(s, cat, now)
	if err != nil {
		return subscription.Change{}, err
	}
	return c.Import.Decide(s.After(created), cat, now)
}
