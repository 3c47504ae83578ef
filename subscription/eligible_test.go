package subscription_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The eligibility hook guards all that gives credit away, and sees what is asked for; a bill of what was used, and what
// orders nothing, it isn't asked about.
func TestEligibilityGuardsAllThatGivesCredit(t *testing.T) {
	var asked []subscription.Eligibility
	refuse := false
	m := newMeterOf(t, subscription.Options{Eligible: func(_ context.Context, e subscription.Eligibility) error {
		asked = append(asked, e)
		if refuse {
			return errors.New("on the list of frauds")
		}
		return nil
	}})
	m.must(buy("call", "small"))
	check(t, "asked", len(asked), 1)
	free := m.catalog.FreeGrants()[0].ID
	guarded := []subscription.Command{
		topUp("any-50"), renewal.Renew{Product: "call", Cycles: 3, Agreement: agreement}, subscription.ClaimFree{Free: free},
		subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement},
	}
	refuse = true
	for _, cmd := range guarded {
		before := m.stored().Revision
		m.refuse(subscription.ErrNotEligible, cmd)
		check(t, cmd.Kind()+" changes nothing", m.stored().Revision, before)
	}
	refuse = false
	for _, cmd := range guarded {
		asked = nil
		m.must(cmd)
		check(t, cmd.Kind()+": asked", len(asked), 1)
		check(t, cmd.Kind()+": command", asked[0].Command, cmd)
		check(t, cmd.Kind()+": account", asked[0].Account, acme)
	}
	refuse, asked = true, nil
	m.use(m.used("transcoding", 1000))
	m.at("2025-07-13T00:00:00Z")
	m.must(subscription.PayUsage{})
	m.must(subscription.AutoRenew{Product: "call"})
	check(t, "asked about a day's bill", len(asked), 0)
}

// The hook is told by name which offer a purchase takes, also of a command that comes as a pointer.
func TestEligibilityIsToldTheOffer(t *testing.T) {
	var offers []pricing.OfferID
	w := newWorld(t, setup{options: subscription.Options{Eligible: func(_ context.Context, e subscription.Eligibility) error {
		offers = append(offers, e.Offer)
		return errors.New("no")
	}}})
	cmd := buy("call", "one-to-one")
	cmd.Offer = "first-month"
	w.refuse(subscription.ErrNotEligible, cmd)
	w.refuse(subscription.ErrNotEligible, &cmd)
	w.refuse(subscription.ErrNotEligible, buy("call", "one-to-one"))
	check(t, "offers", slices.Equal(offers, []pricing.OfferID{"first-month", "first-month", ""}), true)
}
