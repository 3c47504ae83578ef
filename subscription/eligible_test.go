package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
)

// The eligibility hook guards everything that grants credit, and sees what is requested. It isn't asked about bills for
// past usage or about commands that order nothing.
// Rule: eligibility-is-asked.
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
		subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement}, topsUp(10, 2),
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
	m.must(subscription.BillUsage{})
	m.must(subscription.AutoRenew{Product: "call"})
	check(t, "asked about a day's bill", len(asked), 0)
}

// The hook is told the name of the offer that a purchase takes, even if the command is a pointer.
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

// The catalog's limit of a trial or offer applies to an account across all its applications, including purchases that
// await payment. Other accounts aren't affected. The hook is told the number.
// Rule: trial-limit, offer-limits.
func TestLimitsPerAccount(t *testing.T) {
	const other = "someone-else"
	var told []int
	pending := false
	var gate *gatewayFuncs
	w := newWorld(t, setup{
		catalog: catalog(t, "catalog.json", `"per_account": 10`, `"per_account": 3`,
			`"first_purchase": true,`, `"first_purchase": true, "per_account": 2,`),
		options: subscription.Options{Eligible: func(ctx context.Context, e subscription.Eligibility) error {
			n, err := e.Taken(ctx)
			told = append(told, n)
			return err
		}},
		gateway: func(_ *world, behind *balance.Accounts) payment.Gateway {
			gate = &gatewayFuncs{Gateway: behind}
			gate.OnCharge = func(ctx context.Context, c payment.Charge) (payment.Result, error) {
				if pending {
					return payment.Result{Key: c.Key, Status: payment.Pending}, nil
				}
				return behind.Charge(ctx, c)
			}
			return gate
		},
	})
	ctx := t.Context()
	w.ok(w.accounts.Open(ctx, other))
	err := w.accounts.Deposit(ctx, other, "in", money(t, "1000.00 USD"))
	w.ok(err)
	for name, account := range map[subscription.ApplicationID]subscription.AccountID{"a": acme, "b": acme, "c": acme, "d": other} {
		_, err := w.Do(ctx, name, subscription.Create{Account: account}, "create")
		w.ok(err)
	}
	do := func(app subscription.ApplicationID, cmd subscription.Command, key string) error {
		_, err := w.Do(ctx, app, cmd, key)
		return err
	}
	is := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	offer := buy("call", "one-to-one")
	offer.Offer = "first-month"
	w.ok(do(app, offer, "1"))
	pending = true
	is("the second waits for its payment", do("a", offer, "1"), subscription.ErrPaymentPending)
	pending = false
	is("the third", do("b", offer, "1"), subscription.ErrOffer)
	_, err = w.Quote(ctx, "b", offer)
	is("its quote", err, subscription.ErrOffer)
	w.ok(do("d", offer, "1")) // another account's first
	w.ok(do("b", buy("call", "one-to-one"), "2"))
	check(t, "told", slices.Equal(told, []int{0, 1, 0, 0}), true)

	told = nil
	w.ok(do("c", try(), "1"))
	w.at("2025-07-18T02:30:00Z")
	w.ok(do("c", try(), "2"))
	w.at("2025-07-26T02:30:00Z")
	is("by application", do("c", try(), "3"), subscription.ErrTrialLimit)
	_, err = w.Do(ctx, "e", subscription.Create{Account: acme}, "create")
	w.ok(err)
	w.ok(do("e", try(), "1"))
	_, err = w.Do(ctx, "f", subscription.Create{Account: acme}, "create")
	w.ok(err)
	is("by account", do("f", try(), "1"), subscription.ErrTrialLimit)
	check(t, "told", slices.Equal(told, []int{0, 1, 2}), true)
	n, err := subscription.Eligibility{}.Taken(ctx)
	check(t, "of nothing", n, 0)
	w.ok(err)
}

// While usage of one application is unpaid, its account gets no more credit for any of its applications.
// Rule: arrears-follow-the-account.
func TestArrearsFollowTheAccount(t *testing.T) {
	m := newMeter(t)
	ctx := t.Context()
	for name, account := range map[subscription.ApplicationID]subscription.AccountID{"second": acme, "elsewhere": "someone-else"} {
		_, err := m.Do(ctx, name, subscription.Create{Account: account}, "create")
		m.ok(err)
	}
	m.paidGo()
	m.use(m.used("transcoding", 1000))
	m.drain()
	m.run("2025-07-12T00:00:00Z")
	check(t, "in arrears", m.stored().Arrears.Since.IsZero(), false)
	gives := map[string]subscription.Command{
		"go": subscription.EnablePayAsYouGo{Currency: "USD", Agreement: agreement}, "free": subscription.ClaimFree{Free: "starter"},
	}
	for key, cmd := range gives {
		if _, err := m.Do(ctx, "second", cmd, key); !errors.Is(err, subscription.ErrArrears) {
			t.Errorf("%s: %v, want ErrArrears", cmd.Kind(), err)
		}
		if _, err := m.Do(ctx, "elsewhere", cmd, key); err != nil {
			t.Errorf("%s of another account: %v", cmd.Kind(), err)
		}
	}
	m.deposit("7.00 USD")
	m.run("2025-07-12T06:00:00Z")
	for key, cmd := range gives {
		if _, err := m.Do(ctx, "second", cmd, key); err != nil {
			t.Errorf("%s once it is paid: %v", cmd.Kind(), err)
		}
	}
}

// The payment of a bill is reversed while free minutes are being claimed: the claim is decided again, and is refused.
// Rule: arrears-follow-the-account.
func TestArrearsThatBeginWhileMinutesAreClaimed(t *testing.T) {
	var meanwhile func()
	m := newMeterOf(t, subscription.Options{Eligible: func(_ context.Context, e subscription.Eligibility) error {
		if e.Command.Kind() == (subscription.ClaimFree{}).Kind() && meanwhile != nil {
			first := meanwhile
			meanwhile = nil
			first()
		}
		return nil
	}})
	m.paidGo()
	m.use(m.used("audio", 1000))
	m.run("2025-07-12T12:00:00Z")
	bill := m.orders()[0]
	meanwhile = func() { m.reverse(bill, "dp-1", payment.Reversed, "0.99 USD") }
	_, err := m.do(subscription.ClaimFree{Free: "starter"})
	fails(t, err, subscription.ErrArrears)
	check(t, "reversed meanwhile", m.stored().Arrears.Since.IsZero(), false)
	check(t, "claims", len(m.stored().Free), 0)
}

// The limit of a trial counts it under any offer; the limit of an offer counts only what was taken under it.
// Rule: offer-limits.
func TestLimitOfAnOfferOfATrial(t *testing.T) {
	w := newWorld(t, setup{catalog: catalog(t, "catalog.json", `"trial": {"per_application": 2, "per_account": 10},`,
		`"trial": {"per_application": 9, "per_account": 3},
		"offers": [{"id": "promo", "per_account": 1, "days": 7, "price": {"USD": "0.00"}}],`)})
	promo := try()
	promo.Offer = "promo"
	for i, step := range []struct {
		cmd  subscription.Purchase
		want error
	}{{try(), nil}, {promo, nil}, {promo, subscription.ErrOffer}, {try(), nil}, {try(), subscription.ErrTrialLimit}} {
		id := subscription.ApplicationID(fmt.Sprint("app ", i))
		_, err := w.Do(t.Context(), id, subscription.Create{Account: acme}, "create")
		w.ok(err)
		if _, err := w.Do(t.Context(), id, step.cmd, "buy"); !errors.Is(err, step.want) {
			t.Errorf("%d: %v, want %v", i, err, step.want)
		}
	}
}
