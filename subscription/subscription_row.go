package subscription

import (
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// SubscriptionRow is the row that reports use to search for subscriptions. A change carries the rows of the
// subscriptions it touches; stores keep the latest row of each subscription.
type SubscriptionRow struct {
	Application ApplicationID     `json:"application"`
	ID          SubscriptionID    `json:"id"`
	Account     AccountID         `json:"account"`
	Product     pricing.ProductID `json:"product"`
	Version     pricing.VersionID `json:"version"` // in force
	Status      Status            `json:"status"`
	Currency    pricing.Currency  `json:"currency"`
	Trial       bool              `json:"trial,omitzero"`
	AutoRenew   bool              `json:"auto_renew,omitzero"`
	OpenedAt    time.Time         `json:"opened_at"`
	PaidUntil   time.Time         `json:"paid_until"`
}

// Rows returns the rows of the application's subscriptions.
func (a Application) Rows() []SubscriptionRow {
	rows := make([]SubscriptionRow, len(a.Subscriptions))
	for i := range a.Subscriptions {
		rows[i] = a.row(&a.Subscriptions[i])
	}
	return rows
}

func (a *Application) row(s *Subscription) SubscriptionRow {
	return SubscriptionRow{
		Application: a.ID, ID: s.ID, Account: a.Account, Product: s.Product, Version: s.Version(), Status: s.Status,
		Currency: s.Currency, Trial: s.Trial, AutoRenew: s.AutoRenew, OpenedAt: s.OpenedAt, PaidUntil: s.End(),
	}
}

// changedRow returns the row of a subscription, and whether it differs from the row that the subscription had among
// others before, when payer was the account.
func (a *Application) changedRow(s *Subscription, before []Subscription, payer AccountID) (SubscriptionRow, bool) {
	row := a.row(s)
	was := findSubscription(before, s.ID)
	return row, was == nil || a.Account != payer || a.row(was) != row
}
