package main

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// upcomingBody is what comes next, as a timeline.
type upcomingBody struct {
	Months []monthRows
	Until  time.Time
	Totals []pricing.Money
}

type monthRows struct {
	Month string
	Rows  []upcomingRow
}

// upcomingRow is a charge, a grant or an end.
type upcomingRow struct {
	At     time.Time
	App    subscription.ApplicationID
	Kind   string // charge, grant or end
	Charge *renewal.Upcoming
	Grant  *renewal.Upcoming
	Sub    *subscription.Subscription // that ends
	Lot    *subscription.Lot          // that ends
}

// previewMonths is how far ahead the timeline looks.
const previewMonths = 6

func (c *console) upcoming(w http.ResponseWriter, r *http.Request, cu customer) error {
	apps, err := c.applications(r.Context(), cu)
	if err != nil {
		return err
	}
	now := c.clock.now()
	body := upcomingBody{Until: now.AddDate(0, previewMonths, 0)}
	var rows []upcomingRow
	sum, err := pricing.FromMinor(0, currency)
	if err != nil {
		return err
	}
	for _, app := range apps {
		rows = append(rows, c.ends(app, now, body.Until)...)
		for u := range renewal.Preview(app, c.policy, c.catalog, now, body.Until) {
			row := upcomingRow{At: u.At, App: app.ID, Kind: "grant", Grant: &u}
			if !u.Charge.IsZero() {
				row.Kind, row.Charge, row.Grant = "charge", &u, nil
				if u.Charge.Currency() == currency {
					if sum, err = sum.Add(u.Charge); err != nil {
						return err
					}
				}
			}
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b upcomingRow) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.App, b.App), cmp.Compare(a.Kind, b.Kind))
	})
	if sum.Sign() > 0 {
		body.Totals = append(body.Totals, sum)
	}
	loc := c.zone()
	for _, row := range rows {
		month := row.At.In(loc).Format("January 2006")
		if n := len(body.Months); n == 0 || body.Months[n-1].Month != month {
			body.Months = append(body.Months, monthRows{Month: month})
		}
		last := &body.Months[len(body.Months)-1]
		last.Rows = append(last.Rows, row)
	}
	return c.render(w, r, http.StatusOK, "upcoming", view{Title: "What comes next", Section: "upcoming", Body: body})
}

// ends returns what ends by itself: packages without auto-renewal, and top-ups.
func (c *console) ends(app subscription.Application, now, until time.Time) []upcomingRow {
	var rows []upcomingRow
	within := func(t time.Time) bool { return t.After(now) && t.Before(until) }
	for _, s := range app.Subscriptions {
		if s.Status.Live() && !s.AutoRenew && within(s.End()) {
			rows = append(rows, upcomingRow{At: s.End(), App: app.ID, Kind: "end", Sub: &s})
		}
	}
	for _, l := range app.Lots {
		if l.Source == subscription.FromTopUp && l.Remaining > 0 && within(l.Period.End) {
			rows = append(rows, upcomingRow{At: l.Period.End, App: app.ID, Kind: "end", Lot: &l})
		}
	}
	return rows
}
