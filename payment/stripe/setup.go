package stripe

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
)

// Method is a payment method, for people to recognize.
type Method struct {
	ID       string `json:"id"`
	Brand    string `json:"brand"` // "visa", for example
	Last4    string `json:"last4"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
}

// ErrNotSetUp means that the payer hasn't entered a payment method, or hasn't confirmed it with its issuer.
var ErrNotSetUp = errors.New("stripe: no payment method was set up")

// CreateCustomer creates the provider's customer for an account and returns its ID, which the host stores and its [Payers]
// return. Repeating it returns the same ID: with Options.Keys forever, without for a day, and in that day also to another
// store that shares the provider's account and has an account of that name. A customer that was deleted is replaced by
// another one. It asks the provider each time, so Payers that call it make each charge slower by a request. It fails with
// [payment.ErrInvalid] for an account that no charge could name.
func (g *Gateway) CreateCustomer(ctx context.Context, account string) (string, error) {
	if err := payment.ValidateKey(account); err != nil {
		return "", fmt.Errorf("stripe: account: %w", err)
	}
	for n := 1; ; n++ {
		id, err := g.customerNo(ctx, account, n)
		if err != nil {
			return "", err
		}
		c, err := g.customer(ctx, id)
		if err != nil {
			return "", err
		}
		if c != nil {
			return c.ID, nil
		}
	}
}

// customerNo returns the ID of an account's nth customer, which it creates if there is none. It may have been deleted.
func (g *Gateway) customerNo(ctx context.Context, account string, n int) (string, error) {
	h := hash("customer", account)
	if n > 1 {
		h = hash("customer", account, strconv.Itoa(n))
	}
	id, err := g.keys.ProviderKey(ctx, h)
	if err != nil {
		return "", fmt.Errorf("stripe: look up a customer: %w", err)
	}
	if id != "" {
		return id, nil
	}
	c, err := send(ctx, func() (*stripego.Customer, error) {
		p := &stripego.CustomerCreateParams{Metadata: map[string]string{metaAccount: hash("account", account)}}
		if !g.certain { // with a table, one whose answer is lost stays without a card, and does no harm
			p.SetIdempotencyKey(h)
		}
		return g.api.V1Customers.Create(ctx, p)
	})
	if err != nil {
		return "", unknown("create a customer", err)
	}
	if id, err = g.keys.BindProviderKey(ctx, h, c.ID); err != nil {
		return "", fmt.Errorf("stripe: bind a customer: %w", err)
	}
	return id, nil
}

// customer returns a customer, or nil if it is gone.
func (g *Gateway) customer(ctx context.Context, id string) (*stripego.Customer, error) {
	c, err := send(ctx, func() (*stripego.Customer, error) { return g.api.V1Customers.Retrieve(ctx, id, nil) })
	switch e := refused(err); {
	case e != nil && e.Code == stripego.ErrorCodeResourceMissing:
		return nil, nil //nolint:nilnil // that is the answer
	case err != nil:
		return nil, unknown("retrieve a customer", err)
	case c.Deleted:
		return nil, nil //nolint:nilnil // that is the answer
	}
	return c, nil
}

// BeginSetup begins to set up a payment method of a customer, for payments in its absence. The secret is for the provider's
// own code on the host's page, where the payer enters a card; the host keeps the ID. Both are of no use to anybody else, but
// the secret is a credential: show it only to the payer and never log it.
func (g *Gateway) BeginSetup(ctx context.Context, customer string) (id string, secret payment.Action, err error) {
	s, err := send(ctx, func() (*stripego.SetupIntent, error) {
		return g.api.V1SetupIntents.Create(ctx, &stripego.SetupIntentCreateParams{
			Customer:           new(customer),
			PaymentMethodTypes: []*string{new("card")},
			Usage:              new("off_session"),
		})
	})
	if err != nil {
		return "", payment.Action{}, unknown("create a setup intent", err)
	}
	return s.ID, payment.Action{Kind: payment.ActionSecret, Value: s.ClientSecret}, nil
}

// FinishSetup makes the payment method that was set up the customer's default. Afterward the host does the command
// PaymentMethodChanged of package subscription for each of the account's applications, which makes failed renewals due. It
// fails with [ErrNotSetUp], and with [payment.ErrInvalid] if the setup is another customer's. It may be repeated.
func (g *Gateway) FinishSetup(ctx context.Context, customer, id string) (Method, error) {
	s, err := send(ctx, func() (*stripego.SetupIntent, error) { return g.api.V1SetupIntents.Retrieve(ctx, id, nil) })
	switch {
	case err != nil:
		return Method{}, unknown("retrieve a setup intent", err)
	case s.Customer == nil || s.Customer.ID != customer:
		return Method{}, fmt.Errorf("%w: the setup is not of customer %.100q", payment.ErrInvalid, customer)
	case s.Status != stripego.SetupIntentStatusSucceeded || s.PaymentMethod == nil:
		return Method{}, fmt.Errorf("%w: it is %.40q", ErrNotSetUp, string(s.Status))
	}
	if err := g.makeDefault(ctx, customer, s.PaymentMethod.ID); err != nil {
		return Method{}, err
	}
	m, err := send(ctx, func() (*stripego.PaymentMethod, error) {
		return g.api.V1PaymentMethods.Retrieve(ctx, s.PaymentMethod.ID, nil)
	})
	if err != nil {
		return Method{}, unknown("retrieve a payment method", err)
	}
	return methodOf(m), nil
}

// Attach makes a payment method that was created elsewhere, such as in an app, the customer's default. See FinishSetup for
// what follows.
func (g *Gateway) Attach(ctx context.Context, customer, method string) (Method, error) {
	m, err := send(ctx, func() (*stripego.PaymentMethod, error) {
		return g.api.V1PaymentMethods.Attach(ctx, method, &stripego.PaymentMethodAttachParams{Customer: new(customer)})
	})
	if err != nil {
		return Method{}, unknown("attach a payment method", err)
	}
	return methodOf(m), g.makeDefault(ctx, customer, m.ID)
}

func (g *Gateway) makeDefault(ctx context.Context, customer, method string) error {
	_, err := send(ctx, func() (*stripego.Customer, error) {
		return g.api.V1Customers.Update(ctx, customer, &stripego.CustomerUpdateParams{
			InvoiceSettings: &stripego.CustomerUpdateInvoiceSettingsParams{DefaultPaymentMethod: new(method)},
		})
	})
	if err != nil {
		return unknown("update a customer", err)
	}
	return nil
}

func methodOf(m *stripego.PaymentMethod) Method {
	method := Method{ID: m.ID}
	if c := m.Card; c != nil {
		method.Brand, method.Last4 = string(c.Brand), c.Last4
		method.ExpMonth, method.ExpYear = int(c.ExpMonth), int(c.ExpYear)
	}
	return method
}
