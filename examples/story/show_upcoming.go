package main

import (
	"context"
	"time"

	"github.com/prepaidkit/prepaid/renewal"
)

type upcomingQuestion struct {
	Until time.Time `json:"until" step:"needed"`
}

type upcomingShown struct {
	Upcoming []renewal.Upcoming `json:"upcoming"`
	Count    int                `json:"count"` // of charges
	Total    totals             `json:"total,omitempty"`
}

// showUpcoming predicts charges and grants by making the same decisions as the worker.
func showUpcoming(ctx context.Context, w *world, s *step, q upcomingQuestion) (any, error) {
	now, err := w.look(ctx, s.App)
	if err != nil {
		return nil, err
	}
	out := upcomingShown{Total: totals{}}
	for u := range renewal.Preview(now.stored, w.policy, w.catalog, w.clock, q.Until) {
		out.Upcoming = append(out.Upcoming, u)
		if u.Charge.Sign() == 0 {
			continue
		}
		out.Count++
		if err := out.Total.add(u.Charge); err != nil {
			return nil, err
		}
	}
	return out, nil
}
