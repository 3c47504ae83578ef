package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/renewal"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// checkout is a request that waits to be confirmed: a command, what it would cost, and the key under which it is done
// once. It is stored, so that every tab with its page, and every click on its button, means the same request.
type checkout struct {
	ID      string                     `json:"id"` // also the request's idempotency key
	Account string                     `json:"account"`
	App     subscription.ApplicationID `json:"app"`
	Kind    string                     `json:"kind"` // of the command
	Command json.RawMessage            `json:"command"`
	Quote   subscription.Quote         `json:"quote"`
	Was     *outdated                  `json:"was,omitempty"`    // the quote before this one
	Method  method                     `json:"method,omitempty"` // for this order; "" until it is chosen
	Order   subscription.OrderID       `json:"order,omitempty"`  // once it is confirmed
	From    string                     `json:"from"`             // the page that it began on
}

// outdated is a quote that couldn't be confirmed any more.
type outdated struct {
	Amount pricing.Money  `json:"amount"`
	Lines  []pricing.Line `json:"lines"`
	Taxes  []pricing.Tax  `json:"taxes,omitempty"`
	Until  time.Time      `json:"until"`

	At         time.Time               `json:"at"` // when it was made
	Deliveries []subscription.Delivery `json:"deliveries"`
	Digest     subscription.Digest     `json:"digest"`
}

// Names of notes: checkouts by ID, and the checkout of an order.
const (
	checkoutNotes = "checkout/"
	orderNotes    = "order/"
)

// errRequoted means that the checkout has a new quote, which the customer hasn't seen.
var errRequoted = errors.New("the quote was no longer valid, and was made again")

// begin quotes a command and stores it as a checkout. The ID follows from the customer, the key of the form and what it
// asks for, so a form that is sent twice begins one checkout.
func (c *console) begin(
	ctx context.Context, cu customer, app subscription.ApplicationID, cmd subscription.Command, key, from string,
) (checkout, error) {
	text, err := json.Marshal(cmd)
	if err != nil {
		return checkout{}, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %s", cu.ID, key, app, cmd.Kind(), text))
	id := hex.EncodeToString(sum[:16])
	if earlier, err := c.checkout(ctx, cu, id); err == nil || !errors.Is(err, errNoPage) {
		return earlier, err
	}
	ch := checkout{ID: id, Account: cu.ID, App: app, Kind: cmd.Kind(), Command: text, From: from}
	if ch.Quote, err = c.service.Quote(ctx, app, cmd); err != nil {
		return checkout{}, err
	}
	return ch, c.keep(ctx, ch)
}

func (c *console) keep(ctx context.Context, ch checkout) error {
	return c.notes.put(ctx, checkoutNotes+ch.ID, ch)
}

// checkout returns a checkout of the customer. It fails with errNoPage if there is none.
func (c *console) checkout(ctx context.Context, cu customer, id string) (checkout, error) {
	var ch checkout
	ok, err := c.notes.get(ctx, checkoutNotes+id, &ch)
	if err != nil {
		return checkout{}, err
	}
	if !ok || ch.Account != cu.ID {
		return checkout{}, errNoPage
	}
	return ch, nil
}

// confirm runs the command as it was quoted. A checkout that was confirmed before gives the same order again. If the
// quote is stale, it fails with errRequoted, and the checkout has a new quote.
func (c *console) confirm(ctx context.Context, ch checkout) (checkout, error) {
	cmd, err := ch.command()
	if err != nil {
		return ch, err
	}
	if _, o, err := c.foresee(ctx, ch); err == nil && o.Attempt != "" && ch.Method != "" {
		if err := c.provider.setMethodOnce(ctx, o.Attempt, ch.Method); err != nil {
			return ch, err
		}
	} // what can't be foreseen isn't ordered either, and Confirm says why
	outcome, err := c.service.Confirm(ctx, ch.App, cmd, ch.Quote, ch.ID)
	if errors.Is(err, subscription.ErrQuoteStale) {
		if ch, err = c.requote(ctx, ch); err != nil {
			return ch, err
		}
		return ch, errRequoted
	}
	if outcome.Receipt.Key == "" {
		return ch, err
	}
	// It has taken effect. How the payment ended is the order's to say: pending, declined or paid.
	ch.Order = outcome.Receipt.OrderID
	if err := c.keep(ctx, ch); err != nil {
		return ch, err
	}
	return ch, c.notes.put(ctx, orderNote(ch.App, ch.Order), ch.ID)
}

// requote makes a new quote for a checkout, and keeps the old one to show what has changed.
func (c *console) requote(ctx context.Context, ch checkout) (checkout, error) {
	cmd, err := ch.command()
	if err != nil {
		return ch, err
	}
	quote, err := c.service.Quote(ctx, ch.App, cmd)
	if err != nil {
		return ch, err
	}
	q := ch.Quote
	ch.Was, ch.Quote = &outdated{q.Amount, q.Lines, q.Taxes, q.ExpiresAt, q.At, q.Deliveries, q.Digest}, quote
	return ch, c.keep(ctx, ch)
}

// command returns what the checkout asks for.
func (ch checkout) command() (subscription.Command, error) {
	switch ch.Kind {
	case subscription.Purchase{}.Kind():
		return decode[subscription.Purchase](ch.Command)
	case subscription.Upgrade{}.Kind():
		return decode[subscription.Upgrade](ch.Command)
	case renewal.Renew{}.Kind():
		return decode[renewal.Renew](ch.Command)
	case topup.Buy{}.Kind():
		return decode[topup.Buy](ch.Command)
	}
	return nil, fmt.Errorf("checkout %s is of the unknown kind %q", ch.ID, ch.Kind)
}

func decode[C subscription.Command](text []byte) (subscription.Command, error) {
	var cmd C
	err := json.Unmarshal(text, &cmd)
	return cmd, err
}

// again begins a new checkout for the same command as one whose payment was declined. Its key is new, since a decline is
// final for the old one; and it is the same new key, however often it is asked for.
func (c *console) again(ctx context.Context, cu customer, ch checkout) (checkout, error) {
	cmd, err := ch.command()
	if err != nil {
		return checkout{}, err
	}
	return c.begin(ctx, cu, ch.App, cmd, "again "+ch.ID, ch.From)
}

// checkoutOf returns the checkout that an order came from, and whether there is one. A worker's order has none.
func (c *console) checkoutOf(
	ctx context.Context, cu customer, app subscription.ApplicationID, order subscription.OrderID,
) (checkout, bool, error) {
	var id string
	ok, err := c.notes.get(ctx, orderNote(app, order), &id)
	if err != nil || !ok {
		return checkout{}, false, err
	}
	ch, err := c.checkout(ctx, cu, id)
	return ch, err == nil, err
}

func orderNote(app subscription.ApplicationID, order subscription.OrderID) string {
	return fmt.Sprintf("%s%s/%s", orderNotes, app, order)
}
