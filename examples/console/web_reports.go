package main

import (
	"cmp"
	"context"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

const reportsPath = "/staff/reports"

// reportRows is how many rows a list of a report has at most.
const reportRows = 100

// reportsBody is the page of lists over all customers: whose package ends, who owes, and what was paid.
type reportsBody struct {
	Lists    []packageList
	Month    month
	Totals   []totalRow
	Payments []subscription.Order
	Refunds  []refundLine

	MorePayments, MoreRefunds bool // there are more than are listed
}

// packageList is a list of subscriptions.
type packageList struct {
	ID, Title, Empty string
	Rows             []subscription.SubscriptionRow
	More             bool
}

// totalRow is what was paid and what went back for one kind of order of a product.
type totalRow struct {
	store.Total

	What string
	Left pricing.Money // of what was paid
}

// refundLine is a refund of anybody's order.
type refundLine struct {
	subscription.Refund

	Badge badge
}

func (c *console) reportsPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	now := c.clock.now()
	body := reportsBody{Month: c.monthOf(r, reportsPath)}
	var err error
	if body.Lists, err = c.packageLists(r.Context(), now, now.AddDate(0, 0, 7)); err != nil {
		return err
	}
	from, until := body.Month.From, body.Month.Until
	if body.Totals, err = c.totals(r.Context(), from, until); err != nil {
		return err
	}
	if body.Payments, body.MorePayments, err = firstRows(c.store.PaymentsBetween(r.Context(), from, until), reportRows); err != nil {
		return err
	}
	refunds, more, err := firstRows(c.store.RefundsBetween(r.Context(), from, until), reportRows)
	if err != nil {
		return err
	}
	body.MoreRefunds = more
	for _, refund := range refunds {
		body.Refunds = append(body.Refunds, refundLine{refund, refundBadge(refund)})
	}
	return c.render(w, r, http.StatusOK, "reports", view{Title: "Reports", Section: "reports", Body: body})
}

// packageLists returns the subscriptions that staff may want to look after, of which some end from now until soon.
func (c *console) packageLists(ctx context.Context, now, soon time.Time) ([]packageList, error) {
	lists := []struct {
		packageList

		filter store.SubscriptionFilter
	}{
		{packageList{ID: "ending", Title: "Ending within 7 days", Empty: "No package ends within 7 days."},
			store.SubscriptionFilter{Statuses: []subscription.Status{subscription.Active}, From: now, Until: soon}},
		{packageList{ID: "ended", Title: "Ended", Empty: "No package has ended and can still be renewed."},
			store.SubscriptionFilter{Statuses: []subscription.Status{subscription.Ended}}},
	}
	var all []packageList
	for _, l := range lists {
		var err error
		if l.Rows, l.More, err = firstRows(c.store.FindSubscriptions(ctx, l.filter), reportRows); err != nil {
			return nil, err
		}
		all = append(all, l.packageList)
	}
	return all, nil
}

// totals returns what was paid and what went back in a span.
func (c *console) totals(ctx context.Context, from, until time.Time) ([]totalRow, error) {
	totals, err := c.store.TotalsBetween(ctx, from, until)
	if err != nil {
		return nil, err
	}
	var rows []totalRow
	for _, t := range totals {
		left, err := t.Paid.Amount.Sub(t.Refunded.Amount)
		if err != nil {
			return nil, err
		}
		if left, err = left.Add(t.Undone.Amount); err != nil {
			return nil, err
		}
		rows = append(rows, totalRow{t, kindName(t.Kind), left})
	}
	return rows, nil
}

// anyRefunded reports whether something of the totals went back, and anyUndone whether something that was refunded wasn't after all.
func anyRefunded(rows []totalRow) bool {
	return slices.ContainsFunc(rows, func(t totalRow) bool { return t.Refunded.Count > 0 })
}

func anyUndone(rows []totalRow) bool {
	return slices.ContainsFunc(rows, func(t totalRow) bool { return t.Undone.Count > 0 })
}

// kindName says what kind of order it is.
func kindName(k subscription.OrderKind) string { return cmp.Or(kindNames[k], string(k)) }

var kindNames = map[subscription.OrderKind]string{
	subscription.PurchaseOrder: "Purchases",
	subscription.RenewalOrder:  "Renewals",
	subscription.UpgradeOrder:  "Upgrades",
	subscription.TopUpOrder:    "Top-ups",
	subscription.UsageOrder:    "Pay-as-you-go usage",
	subscription.GiftOrder:     "Gifts",
	subscription.ImportOrder:   "Taken over",
}

// firstRows returns the first rows of a list, at most so many, and whether there are more.
func firstRows[T any](all iter.Seq2[T, error], most int) (rows []T, more bool, err error) {
	for row, err := range all {
		if err != nil {
			return nil, false, err
		}
		if len(rows) == most {
			return rows, true, nil
		}
		rows = append(rows, row)
	}
	return rows, false, nil
}
