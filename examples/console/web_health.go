package main

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/store/audit"
	"github.com/prepaidkit/prepaid/subscription"
)

const healthPath = "/staff/health"

// Bounds of the page of health.
const (
	auditTime    = 20 * time.Second // of an audit
	auditList    = 100              // findings
	reviewsAmong = 1000             // applications in which orders under review are looked for
)

// healthBody is the page that tells whether all is well.
type healthBody struct {
	Audit    *verdict // the last one; nil if there was none
	Worker   renewal.Health
	Relay    round
	Behind   int64 // changes that the relay hasn't seen
	Parked   int   // applications whose mails couldn't be sent
	Most     int   // that are counted
	Reviews  []subscription.Order
	Searched int  // applications in which they were looked for
	Partly   bool // there are more applications
}

// verdict is what an audit of the store found.
type verdict struct {
	At           time.Time       `json:"at"`
	Applications int64           `json:"applications"`
	Findings     []audit.Finding `json:"findings,omitempty"`
	Stopped      bool            `json:"stopped,omitempty"` // it wasn't complete: too many findings, or too little time
}

// auditNote is the name of the note with the last audit.
const auditNote = "audit"

func (c *console) healthPage(w http.ResponseWriter, r *http.Request, _ customer) error {
	ctx := r.Context()
	body := healthBody{Worker: c.worker.Health(), Relay: c.mailer.lastRound(), Most: parkedList}
	var v verdict
	if ok, err := c.notes.get(ctx, auditNote, &v); err != nil {
		return err
	} else if ok {
		body.Audit = &v
	}
	mark, err := c.store.Mark(ctx, mailRelay)
	if err != nil {
		return err
	}
	_, end, err := c.store.FeedEnds(ctx)
	if err != nil {
		return err
	}
	body.Behind = max(0, end.Number-mark.Cursor.Number)
	parked, err := c.parked(ctx, body.Most)
	if err != nil {
		return err
	}
	body.Parked = len(parked)
	if err := c.reviews(ctx, &body); err != nil {
		return err
	}
	return c.render(w, r, http.StatusOK, "health", view{Title: "Health", Section: "health", Body: body})
}

// reviews looks for orders that wait for a person. Each is in its application's document until its end.
func (c *console) reviews(ctx context.Context, body *healthBody) error {
	apps, more, err := firstRows(c.store.Applications(ctx), reviewsAmong)
	if err != nil {
		return err
	}
	body.Searched, body.Partly = len(apps), more
	for some := range slices.Chunk(apps, 100) {
		reads := make([]subscription.Read, len(some))
		for i := range some {
			reads[i].Application = some[i]
		}
		snapshots, err := c.store.Load(ctx, reads...)
		if err != nil {
			return err
		}
		for i := range snapshots {
			for _, o := range snapshots[i].Application.Orders {
				if o.Status == subscription.OrderReview {
					body.Reviews = append(body.Reviews, o)
				}
			}
		}
	}
	return nil
}

// runAudit reads the whole store and proves it, and keeps the verdict for the page. It needs no pause of the shop.
func (c *console) runAudit(w http.ResponseWriter, r *http.Request, _ customer) error {
	v := verdict{At: c.clock.now()}
	limited, cancel := context.WithTimeout(r.Context(), auditTime)
	defer cancel()
	o := audit.Options{
		Catalogs: []*pricing.Catalog{c.catalog},
		Progress: func(p audit.Progress) { v.Applications = p.Applications },
	}
	for finding, err := range audit.Store(limited, c.store, &o) {
		if err != nil && errors.Is(err, context.DeadlineExceeded) && r.Context().Err() == nil {
			v.Stopped = true
			break
		}
		if err != nil {
			return err
		}
		if v.Stopped = len(v.Findings) == auditList; v.Stopped {
			break
		}
		v.Findings = append(v.Findings, finding)
	}
	if err := c.notes.put(r.Context(), auditNote, v); err != nil {
		return err
	}
	return see(w, r, healthPath)
}
