package stripefake

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

type intent struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Amount             int64             `json:"amount"`
	AmountReceived     int64             `json:"amount_received"`
	Currency           string            `json:"currency"`
	Status             string            `json:"status"`
	ClientSecret       string            `json:"client_secret"`
	Created            int64             `json:"created"`
	Customer           *string           `json:"customer"`
	PaymentMethod      *string           `json:"payment_method"`
	Description        *string           `json:"description"`
	Metadata           map[string]string `json:"metadata"`
	LatestCharge       any               `json:"latest_charge"` // the charge's ID, or the charge itself in an answer
	LastPaymentError   *apiError         `json:"last_payment_error"`
	NextAction         *nextAction       `json:"next_action"`
	CancellationReason *string           `json:"cancellation_reason"`
	CanceledAt         *int64            `json:"canceled_at"`

	charge    *charge
	createdAt time.Time
	refunded  int64
	disputed  bool
}

type charge struct {
	ID             string  `json:"id"`
	Object         string  `json:"object"`
	Amount         int64   `json:"amount"`
	Currency       string  `json:"currency"`
	Created        int64   `json:"created"`
	Status         string  `json:"status"`
	Paid           bool    `json:"paid"`
	FailureCode    *string `json:"failure_code"`
	PaymentIntent  string  `json:"payment_intent"`
	AmountRefunded int64   `json:"amount_refunded"`
}

type nextAction struct {
	Type          string         `json:"type"`
	RedirectToURL *redirect      `json:"redirect_to_url,omitempty"`
	UseStripeSDK  map[string]any `json:"use_stripe_sdk,omitempty"`
}

type redirect struct {
	URL       string `json:"url"`
	ReturnURL string `json:"return_url"`
}

// Statuses of an intent.
const (
	needsMethod  = "requires_payment_method"
	needsConfirm = "requires_confirmation"
	needsAction  = "requires_action"
	processing   = "processing"
	succeeded    = "succeeded"
	canceled     = "canceled"
)

func (f *Fake) createIntent(q request) (any, *apiError) {
	amount, err := strconv.ParseInt(q.form.Get("amount"), 10, 64)
	currency := q.form.Get("currency")
	switch {
	case err != nil || amount < 1:
		return nil, &apiError{Type: invalidRequest, Code: "parameter_invalid_integer", Param: "amount", Message: "Invalid amount."}
	case len(currency) != 3 || strings.ToLower(currency) != currency:
		return nil, &apiError{Type: invalidRequest, Param: "currency", Message: "Invalid currency."}
	case fraction(amount, currency):
		return nil, &apiError{
			Type: invalidRequest, Code: "invalid_charge_amount_no_decimal_compatible", Param: "amount", Message: "It has a fraction.",
		}
	case amount < f.least[currency]:
		return nil, &apiError{Type: invalidRequest, Code: "amount_too_small", Param: "amount", Message: "Amount is too small."}
	case amount > 99_999_999:
		return nil, &apiError{Type: invalidRequest, Code: "amount_too_large", Param: "amount", Message: "Amount is too large."}
	}
	owner := optional(q.form, "customer")
	if owner != nil && f.customers[*owner] == nil {
		return nil, noSuch("customer", *owner, "customer")
	}
	in := &intent{
		ID: f.id("pi"), Object: "payment_intent", Amount: amount, Currency: currency, Status: needsMethod,
		Created: f.now().Unix(), Customer: owner, Description: optional(q.form, "description"), Metadata: map[string]string{},
		createdAt: f.now(),
	}
	in.ClientSecret = in.ID + "_secret_fake"
	if err := metadata(in.Metadata, q.form); err != nil {
		return nil, err
	}
	f.intents[in.ID] = in
	f.order = append(f.order, in.ID)
	f.notify("payment_intent.created", in)
	return in.seen(q), nil
}

// fraction reports whether an amount has digits that aren't charged: ISK and UGX have two that are always 00, and the last one of
// three is always 0.
func fraction(amount int64, currency string) bool {
	switch currency {
	case "isk", "ugx":
		return amount%100 != 0
	case "bhd", "jod", "kwd", "omr", "tnd":
		return amount%10 != 0
	}
	return false
}

// seen returns the intent as an answer has it.
func (in *intent) seen(q request) *intent {
	shown := *in
	shown.Metadata = maps.Clone(in.Metadata)
	if in.charge != nil {
		shown.LatestCharge = in.charge.ID
		if wants(q.form, "latest_charge") {
			shown.LatestCharge = *in.charge
		}
	}
	return &shown
}

var searchQuery = regexp.MustCompile(`^metadata\['([^']+)'\]:'([^']*)'$`)

func (f *Fake) searchIntents(q request) (any, *apiError) {
	m := searchQuery.FindStringSubmatch(q.form.Get("query"))
	if m == nil {
		return nil, &apiError{Type: invalidRequest, Param: "query", Message: "This query isn't understood."}
	}
	data := []*intent{}
	for _, id := range f.order {
		if in := f.intents[id]; in != nil && in.Metadata[m[1]] == m[2] && !f.now().Before(in.createdAt.Add(f.lag)) {
			data = append(data, in.seen(q))
		}
	}
	return map[string]any{"object": "search_result", "url": "/v1/payment_intents/search", "has_more": false, "data": data}, nil
}

// onIntent is about one intent: to show, update, confirm or cancel it.
func (f *Fake) onIntent(id string, q request) (any, *apiError) {
	in, err := found(f.intents, id, "payment_intent")
	if err != nil {
		return nil, err
	}
	switch {
	case q.method == "GET":
	case len(q.path) == 2:
		err = f.updateIntent(in, q)
	case q.path[2] == "confirm":
		err = f.confirmIntent(in, q)
	default:
		err = f.cancelIntent(in, optional(q.form, "cancellation_reason"))
	}
	if err != nil {
		return nil, err
	}
	return in.seen(q), nil
}

func (f *Fake) updateIntent(in *intent, q request) *apiError {
	if in.Status == canceled {
		return in.unexpected("update")
	}
	if owner := optional(q.form, "customer"); owner != nil {
		if f.customers[*owner] == nil {
			return noSuch("customer", *owner, "customer")
		}
		if in.Status != needsMethod && in.Status != needsConfirm {
			return in.unexpected("update")
		}
		in.Customer = owner
	}
	in.LastPaymentError = nil // as documented
	return metadata(in.Metadata, q.form)
}

// unexpected is the error for what an intent's status doesn't allow.
func (in *intent) unexpected(verb string) *apiError {
	return &apiError{
		Type: invalidRequest, Code: "payment_intent_unexpected_state", PaymentIntent: in,
		Message: fmt.Sprintf("You cannot %s this PaymentIntent because it has a status of %s.", verb, in.Status),
	}
}

func (f *Fake) cancelIntent(in *intent, reason *string) *apiError {
	if !slices.Contains([]string{needsMethod, needsConfirm, needsAction}, in.Status) {
		return in.unexpected("cancel")
	}
	at := f.now().Unix()
	in.Status, in.CancellationReason, in.CanceledAt, in.NextAction = canceled, reason, &at, nil
	f.notify("payment_intent.canceled", in)
	return nil
}

func (f *Fake) confirmIntent(in *intent, q request) *apiError {
	if in.Status != needsMethod && in.Status != needsConfirm {
		return in.unexpected("confirm")
	}
	id := q.form.Get("payment_method")
	m := f.methods[id]
	if m == nil {
		return noSuch("PaymentMethod", id, "payment_method")
	}
	if m.Customer != nil && (in.Customer == nil || *in.Customer != *m.Customer) {
		return &apiError{Type: invalidRequest, Param: "payment_method", Message: "The payment method belongs to another customer."}
	}
	return f.pay(in, m, q.form.Get("off_session") == "true", q.form.Get("return_url"))
}

// pay tries to collect an intent from a payment method.
func (f *Fake) pay(in *intent, m *method, absent bool, returnURL string) *apiError {
	in.PaymentMethod, in.LastPaymentError, in.NextAction = &m.ID, nil, nil
	switch card := m.behavior; {
	case card == Good:
		f.collect(in)
	case card == Slow:
		in.Status = processing
		f.notify("payment_intent.processing", in)
	case card == NeedsPayer && !absent:
		in.Status = needsAction
		in.NextAction = &nextAction{Type: "use_stripe_sdk", UseStripeSDK: map[string]any{"type": "three_d_secure_redirect"}}
		if returnURL != "" {
			in.NextAction = &nextAction{Type: "redirect_to_url", RedirectToURL: &redirect{
				URL: f.bank + in.ID, ReturnURL: returnURL,
			}}
		}
		f.notify("payment_intent.requires_action", in)
	case card == NeedsPayer:
		return f.decline(in, "authentication_required", "authentication_required")
	case card == InsufficientOnce:
		m.behavior = Good
		return f.decline(in, "card_declined", string(Insufficient))
	case card == Expired:
		return f.decline(in, "expired_card", string(card))
	default:
		return f.decline(in, "card_declined", string(card))
	}
	return nil
}

func (f *Fake) collect(in *intent) {
	in.Status, in.AmountReceived, in.NextAction = succeeded, in.Amount, nil
	in.charge = f.newCharge(in, "succeeded")
	f.notify("payment_intent.succeeded", in)
}

func (f *Fake) newCharge(in *intent, status string) *charge {
	return &charge{
		ID: f.id("ch"), Object: "charge", Amount: in.Amount, Currency: in.Currency, Created: f.now().Unix(), Status: status,
		Paid: status == "succeeded", PaymentIntent: in.ID,
	}
}

func (f *Fake) decline(in *intent, code, declineCode string) *apiError {
	in.charge = f.newCharge(in, "failed")
	in.charge.FailureCode = &code
	e := apiError{
		Type: "card_error", Code: code, DeclineCode: declineCode, Charge: in.charge.ID, Message: "The card was declined.",
	}
	kept := e
	in.Status, in.LastPaymentError = needsMethod, &kept
	f.notify("payment_intent.payment_failed", in)
	e.PaymentIntent = in
	return &e
}

// Intent returns the ID of the payment intent whose metadata has that name and value, or "". It is what a person finds on
// the provider's pages, which don't lag.
func (f *Fake) Intent(name, value string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range f.order {
		if in := f.intents[id]; in != nil && in.Metadata[name] == value {
			return id
		}
	}
	return ""
}

// Copy creates an intent like another one that nobody has tried to pay, and returns its ID: what a client does that has lost
// track of the first one. It is "" if there is none with that ID.
func (f *Fake) Copy(intentID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := f.intents[intentID]
	if in == nil {
		return ""
	}
	again := &intent{
		ID: f.id("pi"), Object: in.Object, Amount: in.Amount, Currency: in.Currency, Status: needsMethod, Created: f.now().Unix(),
		Customer: in.Customer, Description: in.Description, Metadata: maps.Clone(in.Metadata), createdAt: f.now(),
	}
	again.ClientSecret = again.ID + "_secret_fake"
	f.intents[again.ID] = again
	f.order = append(f.order, again.ID)
	return again.ID
}

// Status returns an intent's status, or "" if there is none with that ID.
func (f *Fake) Status(intentID string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if in := f.intents[intentID]; in != nil {
		return in.Status
	}
	return ""
}

// Authenticate does what the payer of an intent that needs an action does: confirms the payment, which collects it, or
// refuses to. It fails with [ErrUnknown] or [ErrState].
func (f *Fake) Authenticate(intentID string, confirms bool) error {
	return f.act(intentID, func(in *intent) error {
		switch {
		case in.Status != needsAction:
			return ErrState
		case confirms:
			f.collect(in)
		default:
			in.Status, in.NextAction = needsMethod, nil
			in.LastPaymentError = &apiError{
				Type: invalidRequest, Code: "payment_intent_authentication_failure", Message: "The payer couldn't be authenticated.",
			}
			f.notify("payment_intent.payment_failed", in)
		}
		return nil
	})
}

// Pay does what a payer does on a page that still has an intent's client secret: pays it with another card. It returns nil
// too if the card is declined. It fails with [ErrUnknown], or with [ErrState] if the intent is paid, canceled or under way.
func (f *Fake) Pay(intentID string, c Card) error {
	return f.act(intentID, func(in *intent) error {
		if !slices.Contains([]string{needsMethod, needsConfirm, needsAction}, in.Status) {
			return ErrState
		}
		_ = f.pay(in, f.newMethod(c), false, "")
		return nil
	})
}

// Settle ends a payment that is under way: it is collected, or declined by the payer's bank. It fails with [ErrUnknown] or
// [ErrState].
func (f *Fake) Settle(intentID string, paid bool) error {
	return f.act(intentID, func(in *intent) error {
		switch {
		case in.Status != processing:
			return ErrState
		case paid:
			f.collect(in)
		default:
			_ = f.decline(in, "card_declined", string(Generic))
		}
		return nil
	})
}

func (f *Fake) act(intentID string, do func(in *intent) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	in := f.intents[intentID]
	if in == nil {
		return fmt.Errorf("%w: %.100q", ErrUnknown, intentID)
	}
	return do(in)
}

// Collected returns what a customer has paid in a currency ("usd"), less what was refunded, in the provider's minor units. ""
// stands for payments without a customer. Disputes don't count.
func (f *Fake) Collected(customerID, currency string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var sum int64
	for _, in := range f.intents {
		var owner string
		if in.Customer != nil {
			owner = *in.Customer
		}
		if owner == customerID && in.Currency == currency {
			sum += in.AmountReceived - in.refunded
		}
	}
	return sum
}
