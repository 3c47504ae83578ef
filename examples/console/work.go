package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

const workPath = "/staff"

// Bounds of the worklist.
const (
	workRows = 100            // of a list
	longDue  = 24 * time.Hour // after which a refund that is under way needs a person
	auditAge = 24 * time.Hour // after which the store is to be audited and reconciled again
)

// workList is one kind of work that waits for a person.
type workList struct {
	ID, Title, Empty string
	Rows             []workRow
	More             bool // rows that aren't listed
}

// Apps reports whether rows are about applications.
func (l workList) Apps() bool {
	return slices.ContainsFunc(l.Rows, func(r workRow) bool { return r.App != "" })
}

// Amounts reports whether rows are about money.
func (l workList) Amounts() bool {
	return slices.ContainsFunc(l.Rows, func(r workRow) bool { return !r.Amount.IsZero() })
}

// workRow is something that waits for a person, until it is done or somebody says that it is.
type workRow struct {
	What    string // and the link to where it is done
	Path    string
	App     subscription.ApplicationID // "" if it is about none
	Account subscription.AccountID
	Amount  pricing.Money // zero if it is about none
	Since   time.Time
	Mark    string // under which it is marked as done; "" for what is done where the link leads
}

// workBody is the first page of the seller's staff.
type workBody struct {
	Lists  []workList
	Count  int
	Totals []totalRow // of the last 24 hours
	Mails  int        // that were sent in them
}

func (c *console) workPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	now := c.clock.now()
	var body workBody
	var err error
	if body.Lists, err = c.work(r.Context()); err != nil {
		return err
	}
	for _, l := range body.Lists {
		body.Count += len(l.Rows)
	}
	if body.Totals, err = c.totals(r.Context(), now.Add(-24*time.Hour), time.Time{}); err != nil {
		return err
	}
	mails, err := list(notesOf[mail](r.Context(), c.notes, mailNotes), func(m mail) bool { return now.Sub(m.SentAt) < 24*time.Hour })
	if err != nil {
		return err
	}
	body.Mails = len(mails)
	return c.render(w, r, http.StatusOK, "work", view{Title: "Work", Section: "work", Body: body})
}

// work returns all that waits for a person, the oldest of each kind first. It reads what is stored, so it is right at any time; a
// seller with many applications keeps such lists as a relay tells of changes, as the notes of needs_person do here.
func (c *console) work(ctx context.Context) ([]workList, error) {
	lists := []workList{
		{ID: "reviews", Title: "Orders under review", Empty: "No order is under review."},
		{ID: "refunds", Title: "Refunds that failed or don’t end", Empty: "No refund needs a person."},
		{ID: "reversals", Title: "Chargebacks to decide", Empty: "No bank or provider has taken money back."},
		{ID: "persons", Title: "What the records leave to a person", Empty: "Nothing."},
		{ID: "unpaid", Title: "Packages that aren’t paid", Empty: "No package is past due or interrupted."},
		{ID: "parked", Title: "Mails that can’t be sent", Empty: "All mails were sent."},
		{ID: "import", Title: "Lines of the last import that don’t fit", Empty: "None."},
		{ID: "health", Title: "Warnings about health", Empty: "All is well."},
	}
	readers := []func(context.Context) ([]workRow, error){
		c.reviews, c.refundWork, c.reversalWork, c.personWork, c.unpaidWork, c.parkedWork, c.importWork, c.healthWork,
	}
	for i := range lists {
		rows, err := readers[i](ctx)
		if err != nil {
			return nil, err
		}
		if rows, err = c.undone(ctx, rows); err != nil {
			return nil, err
		}
		slices.SortStableFunc(rows, func(a, b workRow) int { return a.Since.Compare(b.Since) })
		lists[i].Rows, lists[i].More = rows[:min(len(rows), workRows)], len(rows) > workRows
	}
	return lists, nil
}

// reviews looks for orders that wait for a person. Each is in its application's document until its end.
func (c *console) reviews(ctx context.Context) ([]workRow, error) {
	var rows []workRow
	for s, err := range c.snapshots(ctx) {
		if err != nil {
			return nil, err
		}
		for _, o := range s.Application.Orders {
			if o.Status == subscription.OrderReview || o.Status == subscription.OrderUnreconciled {
				rows = append(rows, workRow{
					What: c.orderTitle(o) + ": " + o.Note, Path: orderPath(o.Application, o.ID), App: o.Application, Account: o.Account,
					Amount: o.Amount, Since: cmp.Or(o.ClosedAt, o.PlacedAt),
				})
			}
		}
	}
	return rows, nil
}

// refundWork is the refunds after which money is still with the seller, and those that are under way for long.
func (c *console) refundWork(ctx context.Context) ([]workRow, error) {
	return c.refundRows(ctx, func(r subscription.Refund) (before, after string) {
		switch {
		case r.Status == subscription.RefundFailed:
			return "The refund of ", " failed: " + refundReason(r.Reason)
		case r.Status == subscription.RefundDue && c.clock.now().Sub(r.DueAt) > longDue:
			return "The refund of ", " is still under way"
		}
		return "", ""
	})
}

// reversalWork is the money that a bank or the provider took without being asked, until somebody says what was decided about it.
func (c *console) reversalWork(ctx context.Context) ([]workRow, error) {
	return c.refundRows(ctx, func(r subscription.Refund) (before, after string) {
		switch {
		case r.Status != subscription.RefundMade:
			return "", ""
		case r.Kind == subscription.RefundReversal:
			return "Dispute or accept the chargeback of ", ""
		case r.Kind == subscription.RefundProvider:
			return "The provider refunded ", " by itself"
		}
		return "", ""
	})
}

// refundRows returns a row for each refund about which something is said, before and after the title of its order. Only the
// orders of those are read.
func (c *console) refundRows(ctx context.Context, say func(subscription.Refund) (before, after string)) ([]workRow, error) {
	var rows []workRow
	for r, err := range c.store.RefundsBetween(ctx, time.Time{}, time.Time{}) {
		if err != nil {
			return nil, err
		}
		before, after := say(r)
		if before == "" {
			continue
		}
		o, err := c.service.Order(ctx, r.Application, r.Order)
		if err != nil {
			return nil, err
		}
		if r.Status == subscription.RefundFailed {
			again, err := c.repeated(ctx, r, o)
			if err != nil {
				return nil, err
			}
			if again || o.Left().Sign() <= 0 {
				continue
			}
		}
		row := workRow{
			What: before + c.orderTitle(o) + after, Path: orderPath(r.Application, r.Order), App: r.Application, Account: o.Account,
			Amount: r.Amount, Since: cmp.Or(r.ClosedAt, r.DueAt),
		}
		if r.Status != subscription.RefundDue {
			row.Mark = fmt.Sprintf("refund/%s/%s/%d", r.Application, r.Order, r.Number)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// repeated reports whether another refund of the order was placed after one had failed.
func (c *console) repeated(ctx context.Context, failed subscription.Refund, o subscription.Order) (bool, error) {
	if failed.Number == o.Refunds {
		return false, nil
	}
	all, err := c.service.Refunds(ctx, failed.Application, failed.Order)
	return slices.ContainsFunc(all, func(r subscription.Refund) bool {
		return r.Number > failed.Number && r.DueAt.After(failed.ClosedAt)
	}), err
}

// flagNotes is the beginning of the names of the notes with events that leave something to a person, which a relay writes.
const flagNotes = "flag/"

// personWork is what events left to a person.
func (c *console) personWork(ctx context.Context) ([]workRow, error) {
	var rows []workRow
	for e, err := range notesOf[subscription.Event](ctx, c.notes, flagNotes) {
		if err != nil {
			return nil, err
		}
		cu, err := c.whose(ctx, string(e.Application), "")
		if err != nil {
			return nil, err
		}
		row := workRow{
			What: c.describe(e), Path: staffPath(e.Application), App: e.Application, Account: cu.account(), Amount: e.Amount, Since: e.At,
			Mark: fmt.Sprintf("event/%s/%d/%d", e.Application, e.Revision, e.Index),
		}
		if e.Order != "" {
			row.Path = orderPath(e.Application, e.Order)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// unpaidWork is the packages whose next period isn't paid.
func (c *console) unpaidWork(ctx context.Context) ([]workRow, error) {
	filter := store.SubscriptionFilter{Statuses: []subscription.Status{subscription.PastDue, subscription.Interrupted}}
	found, _, err := firstRows(c.store.FindSubscriptions(ctx, filter), workRows+1)
	var rows []workRow
	for _, s := range found {
		state := "is past due"
		if s.Status == subscription.Interrupted {
			state = "is interrupted"
		}
		rows = append(rows, workRow{
			What: c.productName(s.Product) + " " + c.versionName(s.Product, s.Version) + " " + state, Path: staffPath(s.Application),
			App: s.Application, Account: s.Account, Since: s.PaidUntil,
		})
	}
	return rows, err
}

// parkedWork is the applications whose mails wait.
func (c *console) parkedWork(ctx context.Context) ([]workRow, error) {
	all, err := c.parked(ctx, workRows+1)
	var rows []workRow
	for _, p := range all {
		rows = append(rows, workRow{
			What: "Tried " + plural(p.Tries, "time") + ": " + p.Reason, Path: mailsPath, App: p.Application, Since: p.Next,
		})
	}
	return rows, err
}

// doneNotes is the beginning of the names of the notes about work that somebody has done.
const doneNotes = "done/"

// undone leaves out the rows that somebody has marked as done.
func (c *console) undone(ctx context.Context, rows []workRow) ([]workRow, error) {
	var left []workRow
	for _, row := range rows {
		var n staffNote
		if row.Mark != "" {
			if done, err := c.notes.get(ctx, doneNotes+row.Mark, &n); err != nil {
				return nil, err
			} else if done {
				continue
			}
		}
		left = append(left, row)
	}
	return left, nil
}

// markDone marks a row of the worklist as done, with what was decided, which becomes a note about the customer.
func (c *console) markDone(w http.ResponseWriter, r *http.Request, _ customer) error {
	lists, err := c.work(r.Context())
	if err != nil {
		return err
	}
	mark, text := r.FormValue("mark"), strings.TrimSpace(r.FormValue("text"))
	for _, l := range lists {
		for _, row := range l.Rows {
			if mark == "" || row.Mark != mark {
				continue
			}
			if text == "" {
				return back(w, r, workPath, bad("reason"))
			}
			n := staffNote{At: c.clock.now(), By: staffName, Text: row.What + ". Decided: " + text}
			if err := c.noteAbout(r.Context(), string(row.Account), "done "+mark, n); err != nil {
				return err
			}
			if err := c.notes.put(r.Context(), doneNotes+mark, n); err != nil {
				return err
			}
		}
	}
	return see(w, r, workPath+"?notice=done") // also if it was marked before
}

// age says how long ago something was.
func age(now, since time.Time) string {
	d := now.Sub(since)
	switch {
	case d < time.Hour:
		return "less than an hour"
	case d < 48*time.Hour:
		return plural(int(d/time.Hour), "hour")
	}
	return plural(int(d/(24*time.Hour)), "day")
}
