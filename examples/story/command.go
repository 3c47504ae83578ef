package main

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// commands returns the command types by their kinds, which are ops. Their fields are those of the step.
func commands() map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for _, c := range []subscription.Command{
		subscription.Create{}, subscription.Accept{},
		subscription.Purchase{}, subscription.Upgrade{}, subscription.AutoRenew{}, renewal.Renew{}, topup.Buy{},
		subscription.ClaimFree{}, subscription.Reserve{}, subscription.Release{},
		subscription.EnablePayAsYouGo{}, subscription.BillUsage{},
		subscription.ReturnPackage{}, subscription.Cancel{}, subscription.CloseReview{}, subscription.ResetClock{},
		subscription.PaymentMethodChanged{}, subscription.SetTax{}, subscription.RefundOrder{},
		subscription.Gift{}, subscription.Import{}, subscription.ChangeAccount{}, subscription.Close{}, subscription.Erase{},
		subscription.ChangeAtRenewal{}, subscription.SetDeal{}, subscription.SetAutoTopUp{},
	} {
		all[c.Kind()] = reflect.TypeOf(c)
	}
	return all
}

// outcome is the result of a command: the order or the refund that it made, if any, and the instant at which it was
// decided.
type outcome struct {
	Order  *order    `json:"order,omitzero"`
	Refund *refund   `json:"refund,omitzero"`
	At     time.Time `json:"at,omitzero"`
}

// order is an order with values derived from its fields.
type order struct {
	subscription.Order
	Net      pricing.Money `json:"net"`      // without taxes
	Refunded pricing.Money `json:"refunded"` // what goes back, or went
}

// readCommand returns the command described by fields.
func readCommand(kind string, fields *object) (subscription.Command, error) {
	t, err := find(commands(), "op", kind)
	if err != nil {
		return nil, err
	}
	v := reflect.New(t).Elem()
	if err := fields.decode("", v); err != nil {
		return nil, err
	}
	cmd, _ := reflect.TypeAssert[subscription.Command](v)
	return cmd, nil
}

// do runs a command.
func do(ctx context.Context, w *world, s *step) (any, error) {
	who, err := readActor(&s.fields)
	if err != nil {
		return nil, err
	}
	cmd, err := readCommand(s.Op, &s.fields)
	if err != nil {
		return nil, err
	}
	out, err := who.of(w.service).Do(ctx, s.App, cmd, w.keyOf(s))
	if obstacle, ok := errors.AsType[*subscription.ObstacleError](err); ok && obstacle.By != "" {
		o, found := w.service.Order(ctx, s.App, obstacle.By)
		return outcome{Order: orderOf(o)}, cmp.Or(found, err)
	}
	if err == nil && out.Receipt.Key != "" && out.Receipt.OrderID == "" {
		return w.refunded(ctx, out.Receipt)
	}
	return w.outcome(out), err
}

// keyOf returns the key of a command.
func (w *world) keyOf(s *step) string {
	if s.Key != "" {
		return s.Key
	}
	return w.madeBy(s.Op, s)
}

// outcome returns the outcome of a request, and remembers its order. If the request failed without making an order,
// the outcome is empty.
func (w *world) outcome(o subscription.Outcome) outcome {
	out := outcome{At: o.Receipt.At}
	if o.Order.ID != "" {
		w.made.order = o.Order.ID
		out.Order = orderOf(o.Order)
	}
	return out
}

func orderOf(o subscription.Order) *order {
	return &order{Order: o, Net: o.Net(), Refunded: o.RefundedAmount}
}
