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
	Lacks  *lack // what the balance doesn't cover; nil if it suffices, or isn't what pays
}

type monthRows struct {
	Month string
	Rows  []upcomingRow
}

// upcomingRow is a charge, a grant or an end.
type upcomingRow struct {
	At      time.Time
	App     subscription.ApplicationID
	Kind    string // charge, grant or end
	Charge  *renewal.Upcoming
	Grant   *renewal.Upcoming
	Changed bool                       // it begins what the customer has chosen for the next period
	Sub     *subscription.Subscription // that ends
	Stops   bool                       // it has ended by then, and its service stops
	Lot     *subscription.Lot          // that ends
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
	if body.Lacks, err = c.lacks(r.Context(), cu, apps); err != nil {
		return err
	}
	for _, app := range apps {
		rows = append(rows, c.ends(app, now, body.Until)...)
		planned := map[subscription.SubscriptionID]bool{}
		for _, s := range app.Subscriptions {
			n := c.next(app, s)
			planned[s.ID] = n != nil && n.Changed
		}
		for u := range renewal.Preview(app, c.policy, c.catalog, now, body.Until) {
			row := upcomingRow{At: u.At, App: app.ID, Kind: "grant", Grant: &u}
			if !u.Charge.IsZero() {
				row.Kind, row.Charge, row.Grant = "charge", &u, nil
				row.Changed = planned[u.Subscription]
				delete(planned, u.Subscription) // the first charge is for it
				if body.Totals, err = addTo(body.Totals, u.Charge); err != nil {
					return err
				}
			}
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b upcomingRow) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.App, b.App), cmp.Compare(a.Kind, b.Kind))
	})
	loc := c.zone()
	for _, row := range rows {
		month := monthText(row.At.In(loc))
		if n := len(body.Months); n == 0 || body.Months[n-1].Month != month {
			body.Months = append(body.Months, monthRows{Month: month})
		}
		last := &body.Months[len(body.Months)-1]
		last.Rows = append(last.Rows, row)
	}
	return c.render(w, r, http.StatusOK, "upcoming", view{Title: "What comes next", Section: "upcoming", Body: body})
}

// addTo adds an amount to the sum in its currency.
func addTo(sums []pricing.Money, amount pricing.Money) ([]pricing.Money, error) {
	for i, sum := range sums {
		if sum.Currency() == amount.Currency() {
			var err error
			sums[i], err = sum.Add(amount)
			return sums, err
		}
	}
	return append(sums, amount), nil
}

// ends returns what ends by itself: packages without auto-renewal, their service, trials, and top-ups.
func (c *console) ends(app subscription.Application, now, until time.Time) []upcomingRow {
	var rows []upcomingRow
	within := func(t time.Time) bool { return t.After(now) && t.Before(until) }
	for _, s := range app.Subscriptions {
		if s.AutoRenew || !s.InService() {
			continue
		}
		if within(s.End()) {
			rows = append(rows, upcomingRow{At: s.End(), App: app.ID, Kind: "end", Sub: &s})
		}
		if stops := s.End().Add(c.catalog.ServiceTerms().Grace); !s.Trial && stops.After(s.End()) && within(stops) {
			rows = append(rows, upcomingRow{At: stops, App: app.ID, Kind: "end", Sub: &s, Stops: true})
		}
	}
	for _, l := range app.Lots {
		if l.Source == subscription.FromTopUp && l.Remaining > 0 && within(l.Period.End) {
			rows = append(rows, upcomingRow{At: l.Period.End, App: app.ID, Kind: "end", Lot: &l})
		}
	}
	return rows
}
