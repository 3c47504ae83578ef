package scene

import (
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
)

// Stock adds lots to an application until it has n, each as a paid top-up leaves one, that are spent after those that it
// has. No order stands behind them: they are only to be read, carried along and written.
func (s *Scene) Stock(st store.Store, id subscription.ApplicationID, n int) {
	s.TB.Helper()
	got, err := st.Load(s.TB.Context(), subscription.Read{Application: id})
	s.Must(nil, err)
	app := got[0].Application
	change := subscription.Change{Application: id, Base: app.Revision}
	for len(app.Lots) < n {
		app.LastLot++
		lot := subscription.Lot{
			ID: app.LastLot, Source: subscription.FromTopUp, Products: []pricing.ProductID{"call"}, Order: "5-89abcdef01234567",
			Period:    pricing.Period{Start: s.Now, End: s.Now.AddDate(1, 0, int(app.LastLot)), Zone: "UTC"},
			GrantedAt: s.Now, Granted: subscription.Minutes(1000), Remaining: subscription.Minutes(1000),
		}
		app.Lots = append(app.Lots, lot)
		change.Events = append(change.Events, subscription.Event{
			Application: id, Revision: app.Revision + 1, Index: len(change.Events), At: s.Now,
			Type: subscription.EventLotGranted, Lot: lot.ID, Quantity: lot.Granted,
		})
	}
	app.Revision++
	change.Next = app
	s.Must(nil, st.Commit(s.TB.Context(), change))
}
