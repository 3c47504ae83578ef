package main

import (
	"context"
	"net/http"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/subscription"
)

// minutesBody is the page of an application's minutes.
type minutesBody struct {
	Key     string
	Apps    []subscription.Application
	App     *subscription.Application // nil if there is none
	Left    []productMinutes
	Lots    []subscription.Lot // that can still be spent, in the order in which they are used
	Chart   burnDown
	Entries []subscription.Entry
	Pager   pager
	Kinds   []pricing.UsageKind
	Heavy   *pricing.UsageKind  // a kind that takes more than a package minute a minute; nil if there is none
	Free    []pricing.FreeGrant // not claimed yet
	Product pricing.ProductID   // to begin with, when usage is played
}

// productMinutes is what can be spent on a product, and what can be used beyond.
type productMinutes struct {
	Product   pricing.ProductID
	Left      subscription.Quantity
	Overdraft *overdraft // nil if there is none
}

// minuteForMinute is the weight of a kind that takes one package minute a minute.
const minuteForMinute = pricing.Weight(1000)

func (c *console) minutesPage(w http.ResponseWriter, r *http.Request, cu customer) error {
	apps, err := c.applications(r.Context(), cu)
	if err != nil {
		return err
	}
	body := minutesBody{Key: formKey(r), Apps: apps, Kinds: c.catalog.UsageKinds(), Product: c.timedProduct()}
	chosen := r.FormValue("app")
	for i := range apps {
		if string(apps[i].ID) == chosen || chosen == "" && i == 0 {
			body.App = &apps[i]
		}
	}
	if body.App == nil && chosen != "" {
		return errNoPage
	}
	for i, k := range body.Kinds {
		if k.Covered && k.Weight > minuteForMinute && body.Heavy == nil {
			body.Heavy = &body.Kinds[i]
		}
	}
	if body.App != nil {
		if err := c.fillMinutes(r, &body); err != nil {
			return err
		}
	}
	return c.render(w, r, http.StatusOK, "minutes", view{Title: "Minutes", Section: "minutes", Body: body})
}

func (c *console) fillMinutes(r *http.Request, body *minutesBody) error {
	app, now := body.App, c.clock.now()
	for _, s := range app.Subscriptions {
		if latest, has := subscribed(*app, s.Product); has && latest.ID == s.ID {
			body.Left = append(body.Left, productMinutes{s.Product, app.Minutes(s.Product, now), c.overdraft(app, s, now)})
			body.Product = s.Product
		}
	}
	for _, l := range app.Lots {
		if (l.Remaining > 0 || l.Reserved > 0) && l.Period.End.After(now) && l.Source != subscription.FromOverdraft {
			body.Lots = append(body.Lots, l)
		}
	}
	slices.SortFunc(body.Lots, byUse)
	for _, f := range c.catalog.FreeGrants() {
		if !slices.ContainsFunc(app.Free, func(claim subscription.FreeClaim) bool { return claim.ID == f.ID }) {
			body.Free = append(body.Free, f)
		}
	}
	entries, err := list(c.store.Entries(r.Context(), app.ID), nil)
	if err != nil {
		return err
	}
	sources, err := c.sources(r.Context(), app.ID)
	if err != nil {
		return err
	}
	lapsed, err := c.lapses(r.Context(), app.ID)
	if err != nil {
		return err
	}
	body.Chart = c.burnDown(*app, entries, sources, lapsed, now)
	slices.Reverse(entries)
	body.Entries, body.Pager = paged(r, entries, minutesPath(app.ID)+"&page=")
	return nil
}

// sources returns where the minutes of each lot came from. The document has the lots that can still be spent; what an
// earlier one was is told by the order that paid for it.
func (c *console) sources(
	ctx context.Context, app subscription.ApplicationID,
) (map[subscription.LotID]subscription.Source, error) {
	kinds := map[subscription.OrderID]subscription.Source{"": subscription.FromFree}
	for o, err := range c.store.Orders(ctx, app) {
		if err != nil {
			return nil, err
		}
		switch o.Kind {
		case subscription.TopUpOrder:
			kinds[o.ID] = subscription.FromTopUp
		case subscription.UpgradeOrder:
			kinds[o.ID] = subscription.FromUpgrade
		case subscription.GiftOrder:
			kinds[o.ID] = subscription.FromGift
		case subscription.PurchaseOrder, subscription.RenewalOrder, subscription.UsageOrder, subscription.ImportOrder:
			kinds[o.ID] = subscription.FromPackage
		}
	}
	lots := map[subscription.LotID]subscription.Source{}
	for e, err := range c.store.Entries(ctx, app) {
		if err != nil {
			return nil, err
		}
		switch {
		case e.Kind == subscription.EntryLent:
			lots[e.Lot] = subscription.FromOverdraft
		case e.Kind != subscription.EntryGranted:
		case e.Usage != "": // of which a correction gave them back
			lots[e.Lot] = subscription.FromReturned
		default:
			lots[e.Lot] = kinds[e.Order]
		}
	}
	return lots, nil
}
