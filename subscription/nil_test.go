package subscription_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/memory"
	"github.com/prepaidkit/prepaid/subscription"
)

// A missing required argument is an error.
// Rule: nothing-panics.
func TestNothingGiven(t *testing.T) {
	var noStore *memory.Store
	var noGateway *balance.Accounts
	fixed := subscription.StaticCatalog(catalog(t, "catalog.json"))
	for name, given := range map[string]struct {
		store   subscription.Store
		gateway payment.Gateway
		catalog func() *pricing.Catalog
	}{
		"no store":               {nil, balance.New(nil), fixed},
		"a nil *memory.Store":    {noStore, balance.New(nil), fixed},
		"no gateway":             {memory.New(), nil, fixed},
		"a nil *balance.Account": {memory.New(), noGateway, fixed},
		"no catalog function":    {memory.New(), balance.New(nil), nil},
	} {
		s, err := subscription.NewService(given.store, given.gateway, given.catalog, nil)
		if s != nil || !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}

	ctx := t.Context()
	s, err := subscription.NewService(memory.New(), balance.New(nil), func() *pricing.Catalog { return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	var noCommand *subscription.Purchase
	for name, call := range map[string]func(s *subscription.Service) error{
		"Do": func(s *subscription.Service) error {
			_, err := s.Do(ctx, "a", subscription.Create{Account: "b"}, "k")
			return err
		},
		"Quote": func(s *subscription.Service) error {
			_, err := s.Quote(ctx, "a", subscription.Create{Account: "b"})
			return err
		},
		"Consume": func(s *subscription.Service) error {
			_, err := s.Consume(ctx, "a", subscription.Usage{ID: "u"})
			return err
		},
		"Catalog":  func(s *subscription.Service) error { _, err := s.Catalog(); return err },
		"no Do":    func(s *subscription.Service) error { _, err := s.Do(ctx, "a", nil, "k"); return err },
		"nil Do":   func(s *subscription.Service) error { _, err := s.Do(ctx, "a", noCommand, "k"); return err },
		"no Quote": func(s *subscription.Service) error { _, err := s.Quote(ctx, "a", nil); return err },
		"no Confirm": func(s *subscription.Service) error {
			_, err := s.Confirm(ctx, "a", nil, subscription.Quote{}, "k")
			return err
		},
		"bound to nothing": func(s *subscription.Service) error { _, err := s.Bind(nil).Order(ctx, "a", "o"); return err },
		"bound to a nil store": func(s *subscription.Service) error {
			_, err := s.Bind(noStore).Application(ctx, "a")
			return err
		},
	} {
		if err := call(s); !errors.Is(err, subscription.ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
}

// Decisions on zero values are errors or have nothing to do; none panics.
// Rule: nothing-panics.
func TestZeroValuesDecideNothing(t *testing.T) {
	for _, cmd := range []subscription.Command{
		subscription.Create{}, subscription.Accept{}, subscription.Purchase{}, subscription.Upgrade{}, subscription.AutoRenew{},
		subscription.Cancel{}, subscription.CloseReview{}, subscription.ReturnPackage{}, subscription.Reserve{}, subscription.Release{},
		subscription.Release{Used: &subscription.Usage{}}, subscription.ClaimFree{}, subscription.EnablePayAsYouGo{},
		subscription.BillUsage{}, subscription.ResetClock{}, subscription.RefundOrder{}, subscription.PaymentMethodChanged{},
		subscription.SetTax{}, subscription.SetTax{Region: "DE"}, subscription.ChangeAtRenewal{}, subscription.SetDeal{},
		subscription.SetDeal{Price: money(t, "1.00 USD")}, subscription.Gift{},
		subscription.Gift{Products: []pricing.ProductID{""}, Minutes: 1, Validity: pricing.Validity{Months: 1}}, subscription.Import{}, subscription.ChangeAccount{}, subscription.ChangeAccount{Account: "b"}, subscription.Close{}, subscription.Erase{}, subscription.Flag{},
	} {
		for name, s := range map[string]subscription.Snapshot{
			"no application": {},
			"an empty one":   {Application: subscription.Application{ID: "a", Revision: 1}},
			"an odd one": {Application: subscription.Application{
				ID: "a", Revision: 1, Subscriptions: []subscription.Subscription{{}}, Lots: []subscription.Lot{{}},
				Orders: []subscription.Order{{Status: subscription.OrderOpen}}, Counters: []subscription.UsageCounter{{Excess: 1}},
				Reservations: []subscription.Reservation{{Parts: []subscription.ReservedPart{{Lot: 9}}}}, Free: []subscription.FreeClaim{{}},
			}},
		} {
			for _, cat := range []*pricing.Catalog{nil, {}} {
				_, _ = subscription.Advance(s.Application, cat, time.Unix(1e9, 0))
				_ = subscription.NextStep(s.Application, cat)
				_, _ = s.Application.Entitlement("", cat, time.Unix(1e9, 0))
				_, _, _ = subscription.DecideUsage(s, cat, time.Time{}, subscription.Usage{})
				_, _ = subscription.Settle(s, "", payment.Result{}, cat.ZoneOf, time.Time{})
				_, _ = subscription.Settle(s, "", payment.Result{Key: "/refund"}, cat.ZoneOf, time.Time{})
				_, _ = subscription.Settle(s, "", payment.Result{Status: payment.NotFound}, cat.ZoneOf, time.Time{})
				_, _ = subscription.SettleUnknown(s, "", time.Time{})
				c, err := cmd.Decide(s, cat, time.Time{})
				if err == nil && name == "no application" {
					t.Errorf("%s on no application: %+v", cmd.Kind(), c)
				}
				_ = c.Check(s.Application)
			}
		}
		if n, ok := cmd.(subscription.Needer); ok {
			_ = n.Needs()
		}
	}
}

// Every exported method of the plain data can be called on a zero value.
func TestZeroValuesHaveMethods(t *testing.T) {
	for _, v := range []any{
		subscription.Application{}, subscription.Subscription{}, subscription.Order{}, subscription.Change{}, subscription.Lot{},
		subscription.Snapshot{}, subscription.TaxFacts{}, subscription.Refund{}, subscription.Quantity(0), subscription.Digest{},
		subscription.Status(""), subscription.OrderStatus(""), subscription.AttemptID(""), &subscription.OrderError{},
		&subscription.ConflictError{}, &subscription.RefusedError{}, &subscription.ExhaustedError{},
	} {
		p := reflect.New(reflect.TypeOf(v))
		p.Elem().Set(reflect.ValueOf(v))
		for i := range p.NumMethod() {
			m := p.Type().Method(i)
			in := make([]reflect.Value, m.Type.NumIn()-1)
			for k := range in {
				in[k] = reflect.Zero(m.Type.In(k + 1))
				if m.Type.In(k+1) == reflect.TypeFor[context.Context]() {
					in[k] = reflect.ValueOf(t.Context())
				}
				if in[k].Kind() == reflect.Pointer && in[k].IsNil() {
					in[k] = reflect.New(m.Type.In(k + 1).Elem())
				}
			}
			p.Method(i).Call(in)
		}
	}
}
