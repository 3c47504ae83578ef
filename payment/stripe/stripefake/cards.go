package stripefake

import (
	"errors"
	"net/url"
	"strings"
)

// Card is how a card behaves. A payment method has one. The set is open: any other Card is declined with its text as the
// issuer's code.
type Card string

// The cards.
const (
	Good             Card = "pm_card_visa"
	NeedsPayer       Card = "pm_card_authenticationRequired" // 3-D Secure: each payment is to be confirmed by the payer
	Slow             Card = "pm_card_slow"                   // payments are under way until Settle
	InsufficientOnce Card = "pm_card_insufficientOnce"       // declined for insufficient funds, then good
	Insufficient     Card = "insufficient_funds"
	Stolen           Card = "stolen_card"
	Expired          Card = "expired_card"
	Fraudulent       Card = "fraudulent"
	Unavailing       Card = "issuer_not_available"
	Generic          Card = "generic_decline"
)

type customer struct {
	ID              string            `json:"id"`
	Object          string            `json:"object"`
	Created         int64             `json:"created"`
	Metadata        map[string]string `json:"metadata"`
	InvoiceSettings invoiceSettings   `json:"invoice_settings"`
}

type invoiceSettings struct {
	DefaultPaymentMethod *string `json:"default_payment_method"`
}

type method struct {
	ID       string  `json:"id"`
	Object   string  `json:"object"`
	Type     string  `json:"type"`
	Customer *string `json:"customer"`
	Card     brand   `json:"card"`

	behavior Card
}

type brand struct {
	Brand    string `json:"brand"`
	Last4    string `json:"last4"`
	ExpMonth int    `json:"exp_month"`
	ExpYear  int    `json:"exp_year"`
}

type setupIntent struct {
	ID            string            `json:"id"`
	Object        string            `json:"object"`
	Status        string            `json:"status"`
	Usage         string            `json:"usage"`
	ClientSecret  string            `json:"client_secret"`
	Created       int64             `json:"created"`
	Customer      *string           `json:"customer"`
	PaymentMethod *string           `json:"payment_method"`
	Metadata      map[string]string `json:"metadata"`
}

// ErrUnknown means that the provider has no object with an ID.
var ErrUnknown = errors.New("stripefake: no such object")

// ErrState means that an object's status doesn't allow what was wanted of it.
var ErrState = errors.New("stripefake: not in this status")

// AddCustomer creates a customer whose default payment method is the card, and returns their IDs.
func (f *Fake) AddCustomer(c Card) (customerID, methodID string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	created := f.newCustomer()
	m := f.newMethod(c)
	m.Customer, created.InvoiceSettings.DefaultPaymentMethod = &created.ID, &m.ID
	return created.ID, m.ID
}

// SetCard changes how a payment method behaves. It fails with [ErrUnknown].
func (f *Fake) SetCard(methodID string, c Card) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.methods[methodID]
	if m == nil {
		return ErrUnknown
	}
	m.behavior = c
	return nil
}

// CompleteSetup does what a payer does on the host's page with the secret of a setup intent: it enters a card. It fails with
// [ErrUnknown].
func (f *Fake) CompleteSetup(secret string, c Card) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.setups {
		if s.ClientSecret == secret {
			m := f.newMethod(c)
			m.Customer, s.PaymentMethod, s.Status = s.Customer, &m.ID, "succeeded"
			f.notify("setup_intent.succeeded", s)
			return nil
		}
	}
	return ErrUnknown
}

func (f *Fake) newCustomer() *customer {
	c := &customer{ID: f.id("cus"), Object: "customer", Created: f.now().Unix(), Metadata: map[string]string{}}
	f.customers[c.ID] = c
	return c
}

func (f *Fake) newMethod(c Card) *method {
	m := &method{
		ID: f.id("pm"), Object: "payment_method", Type: "card", behavior: c,
		Card: brand{Brand: "visa", Last4: "4242", ExpMonth: 12, ExpYear: 2099},
	}
	f.methods[m.ID] = m
	return m
}

func (f *Fake) createCustomer(q request) (any, *apiError) {
	c := f.newCustomer()
	return c, metadata(c.Metadata, q.form)
}

func (f *Fake) updateCustomer(id string, q request) (any, *apiError) {
	c, err := found(f.customers, id, "customer")
	if err != nil {
		return nil, err
	}
	if m := q.form.Get("invoice_settings[default_payment_method]"); m != "" {
		if f.methods[m] == nil || f.methods[m].Customer == nil || *f.methods[m].Customer != id {
			return nil, noSuch("PaymentMethod", m, "invoice_settings[default_payment_method]")
		}
		c.InvoiceSettings.DefaultPaymentMethod = &m
	}
	return c, metadata(c.Metadata, q.form)
}

// attach attaches a payment method or, as in the provider's test mode, a new one that behaves like a card's name.
func (f *Fake) attach(id string, q request) (any, *apiError) {
	owner := q.form.Get("customer")
	if f.customers[owner] == nil {
		return nil, noSuch("customer", owner, "customer")
	}
	m := f.methods[id]
	if m == nil && strings.HasPrefix(id, "pm_card_") {
		m = f.newMethod(Card(id))
	}
	switch {
	case m == nil:
		return nil, noSuch("PaymentMethod", id, "id")
	case m.Customer != nil:
		return nil, &apiError{Type: invalidRequest, Message: "The payment method has already been attached to a customer."}
	}
	m.Customer = &owner
	return m, nil
}

func (f *Fake) createSetup(q request) (any, *apiError) {
	s := &setupIntent{
		ID: f.id("seti"), Object: "setup_intent", Status: "requires_payment_method", Usage: q.form.Get("usage"),
		Created: f.now().Unix(), Customer: optional(q.form, "customer"), Metadata: map[string]string{},
	}
	if s.Customer != nil && f.customers[*s.Customer] == nil {
		return nil, noSuch("customer", *s.Customer, "customer")
	}
	s.ClientSecret = s.ID + "_secret_fake"
	f.setups[s.ID] = s
	return s, metadata(s.Metadata, q.form)
}

func optional(form url.Values, name string) *string {
	if v := form.Get(name); v != "" {
		return &v
	}
	return nil
}
