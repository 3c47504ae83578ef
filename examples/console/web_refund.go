package main

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/prepaidkit/prepaid/subscription"
)

// refundBody is the page that tells what a refund would do, before it is confirmed.
type refundBody struct {
	refundForm

	Order    subscription.Order
	Title    string
	Path     string
	Key      string
	Revision int64
	Refund   subscription.Refund  // as it would be placed
	Events   []subscription.Event // what would happen beside it
	Tell     teller
	Refused  *notice
}

func (c *console) refundPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	body := refundBody{
		refundForm: readRefund(r), Order: o, Title: c.orderTitle(o), Path: orderPath(o.Application, o.ID), Key: formKey(r),
	}
	change, err := c.foreseeRefund(r.Context(), o, body.refundForm)
	switch body.Refused = c.refusedRefund(r.Context(), o, err); {
	case err != nil && body.Refused == nil:
		return err
	case err == nil:
		body.Revision, body.Refund = change.Base, change.Refunds[len(change.Refunds)-1]
		for _, e := range change.Events {
			if e.Type != subscription.EventRefundDue && e.Type != subscription.EventRefundMade {
				body.Events = append(body.Events, e)
			}
		}
	}
	if body.Tell, err = c.teller(r.Context(), o.Application); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "refund", view{Title: "Refund", Section: "orders", Body: body})
}

// foreseeRefund returns the change that a refund would make now. Nothing is stored.
func (c *console) foreseeRefund(ctx context.Context, o subscription.Order, f refundForm) (subscription.Change, error) {
	cmd, err := f.command(o)
	if err != nil {
		return subscription.Change{}, err
	}
	needs := cmd.Needs()
	found, err := c.store.Load(ctx, subscription.Read{Application: o.Application, Orders: needs.Orders, Refunds: needs.Refunds})
	if err != nil {
		return subscription.Change{}, err
	}
	now := c.clock.now()
	passed, err := subscription.Advance(found[0].Application, c.catalog, now)
	if err != nil {
		return subscription.Change{}, err
	}
	return cmd.Decide(found[0].After(passed), c.catalog, now)
}

// standsInTheWay finds the order that an error of the SDK names at its end, and why it stands in the way.
var standsInTheWay = regexp.MustCompile(`^(.*): order ([^ :]+)$`)

// refusedRefund says why a refund is refused, with a link to the order that stands in the way, if one does. It returns nil
// for an error that is about something else.
func (c *console) refusedRefund(ctx context.Context, o subscription.Order, err error) *notice {
	if !errors.Is(err, subscription.ErrNotRefundable) {
		return noticeOf(explain(err))
	}
	_, why, _ := strings.Cut(err.Error(), "order "+string(o.ID)+": ")
	n := &notice{Kind: "bad", Title: "The refund is refused", Text: "The reason: " + why + "."}
	if parts := standsInTheWay.FindStringSubmatch(why); parts != nil {
		other, err := c.service.Order(ctx, o.Application, subscription.OrderID(parts[2]))
		if err == nil {
			n.Text = "The reason: " + parts[1] + ". Take that order back first, or take less."
			n.Link, n.Says = orderPath(other.Application, other.ID), "See "+c.orderTitle(other)
		}
	}
	return n
}

// refund refunds an order as it was foreseen. If something has happened since, the page says anew what it would do; if it
// isn't possible any more, it says why.
func (c *console) refund(w http.ResponseWriter, r *http.Request, cu customer) error {
	o, err := c.orderOf(r, cu)
	if err != nil {
		return err
	}
	page := orderPath(o.Application, o.ID)
	f := readRefund(r)
	cmd, err := f.command(o)
	if err != nil {
		return err
	}
	key := "refund " + formKey(r)
	done, err := c.requested(r.Context(), o.Application, key)
	if err != nil {
		return err
	}
	if !done {
		foreseen, err := c.foreseeRefund(r.Context(), o, f)
		if c.refusedRefund(r.Context(), o, err) != nil {
			return see(w, r, page+"/refund?"+string(f.Query())) // which says why
		}
		if err != nil {
			return err
		}
		if wholeNumber(r.FormValue("revision")) != foreseen.Base {
			return back(w, r, page+"/refund", bad("refund_changed"), refundFields()...)
		}
	}
	if _, err := c.service.Do(r.Context(), o.Application, cmd, key); err != nil {
		return back(w, r, page+"/refund", err, refundFields()...)
	}
	return see(w, r, page)
}

// requested reports whether a request was made before.
func (c *console) requested(ctx context.Context, app subscription.ApplicationID, key string) (bool, error) {
	found, err := c.store.Load(ctx, subscription.Read{Application: app, Keys: []string{key}})
	return err == nil && len(found[0].Receipts) > 0, err
}
