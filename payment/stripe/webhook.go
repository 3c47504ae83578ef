package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	stripego "github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// Service is what notifications reach: a [subscription.Service] whose gateway is the one that handles them.
type Service interface {
	Notify(ctx context.Context, attempt subscription.AttemptID) (subscription.Order, error)
	Reverse(ctx context.Context, attempt subscription.AttemptID, r payment.Reversal) (subscription.Order, error)
}

// WebhookOptions are what a webhook can do without. The zero value and nil select the defaults.
type WebhookOptions struct {
	// Tolerance is how old a signature may be. The default is 5 minutes.
	Tolerance time.Duration

	// Failed is told why a notification with a good signature wasn't taken, with the event's type. The provider sends it
	// again, for three days. Nil ignores it.
	Failed func(ctx context.Context, event string, err error)
}

// MaxEvent is the maximum length of a notification's body, in bytes.
const MaxEvent = 1 << 20

// Webhook returns the handler of the provider's notifications. Of a notification it uses the signature, the type and the ID
// of the object; the object itself is fetched from the provider. So it is safe that they come late, twice or out of order.
//
// Payments and refunds that were requested here go to Service.Notify. Disputes that moved money, and refunds that somebody
// made at the provider, go to Service.Reverse. Everything else, and whatever belongs to other users of the provider's
// account, is answered with 204 and nothing is done. The manual, docs/stripe.md, lists the types to subscribe to.
//
// A notification is answered with 400 without a good signature by one of the secrets, of which there are several while one
// is replaced; with 413 if it is longer than [MaxEvent]; with 404 if its order isn't known (yet); and with 500 if the
// provider or the service fails. It fails with [payment.ErrInvalid] without a service or secrets, or with an empty one.
func (g *Gateway) Webhook(s Service, secrets []string, o *WebhookOptions) (http.Handler, error) {
	if s == nil || len(secrets) == 0 || slices.Contains(secrets, "") {
		return nil, fmt.Errorf("%w: a webhook needs a service and secrets that aren't empty", payment.ErrInvalid)
	}
	h := &hook{gateway: g, service: s, secrets: slices.Clone(secrets)}
	if o != nil {
		h.options = *o
	}
	if h.options.Tolerance <= 0 {
		h.options.Tolerance = webhook.DefaultTolerance
	}
	return h, nil
}

type hook struct {
	gateway *Gateway
	service Service
	secrets []string
	options WebhookOptions
}

// notification is what is read of an event.
type notification struct {
	Object string `json:"object"`
	Type   string `json:"type"`
	Data   struct {
		Object struct {
			ID string `json:"id"`
		} `json:"object"`
	} `json:"data"`
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "POST", http.StatusMethodNotAllowed)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxEvent))
	if tooLong := new(http.MaxBytesError); errors.As(err, &tooLong) {
		http.Error(w, "too long", http.StatusRequestEntityTooLarge)
		return
	}
	var n notification
	if err != nil || !h.signed(body, r.Header.Get("Stripe-Signature")) || json.Unmarshal(body, &n) != nil || n.Object != "event" {
		http.Error(w, "not a signed event", http.StatusBadRequest)
		return
	}
	switch err := h.take(r.Context(), n); {
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	case errors.Is(err, subscription.ErrNotFound):
		http.Error(w, "unknown order", http.StatusNotFound)
		h.failed(r.Context(), n, err)
	default:
		http.Error(w, "not taken", http.StatusInternalServerError)
		h.failed(r.Context(), n, err)
	}
}

func (h *hook) failed(ctx context.Context, n notification, err error) {
	if h.options.Failed != nil {
		h.options.Failed(ctx, n.Type, err)
	}
}

// signed reports whether one of the secrets signed a body, not too long ago.
func (h *hook) signed(body []byte, header string) bool {
	return slices.ContainsFunc(h.secrets, func(secret string) bool {
		return webhook.ValidatePayloadWithTolerance(body, header, secret, h.options.Tolerance) == nil
	})
}

// take does what a notification is about.
func (h *hook) take(ctx context.Context, n notification) error {
	id := n.Data.Object.ID
	switch n.Type {
	case "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.canceled", "payment_intent.processing",
		"payment_intent.requires_action":
		return h.intent(ctx, id)
	case "refund.created", "refund.updated", "refund.failed", "charge.refund.updated":
		return h.refund(ctx, id)
	case "charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "charge.dispute.funds_withdrawn",
		"charge.dispute.funds_reinstated":
		return h.dispute(ctx, id)
	}
	return nil
}

// ours returns the key in an object's metadata, or "" if the object isn't of this SDK.
func ours(metadata map[string]string, hashed func(string) string) (string, error) {
	key, h := metadata[metaKey], metadata[metaHash]
	switch {
	case h == "":
		return "", nil
	case hashed(key) != h:
		return "", errors.New("stripe: the metadata of an object were changed at the provider")
	}
	return key, nil
}

func (h *hook) intent(ctx context.Context, id string) error {
	pi, err := h.gateway.retrieve(ctx, id)
	if err != nil {
		return err
	}
	key, err := ours(pi.Metadata, chargeHash)
	if key == "" || err != nil || untried(pi) || pi.CancellationReason == duplicate {
		return err
	}
	bound, err := h.bound(ctx, key, pi)
	switch {
	case err != nil:
		return err
	case bound != "" && bound != pi.ID && pi.Status == stripego.PaymentIntentStatusSucceeded:
		return fmt.Errorf("stripe: %s was paid, and so may be %s, for the same key: somebody has to look", pi.ID, bound)
	}
	_, err = h.service.Notify(ctx, subscription.AttemptID(key))
	return err
}

// bound returns the ID of the intent that is bound to a key, or "" if the table has none: the key may be another store's.
// Without a table it is the one that was notified of if no other one is known, since the service looks the key up, and a search
// may not know it yet.
func (h *hook) bound(ctx context.Context, key string, pi *stripego.PaymentIntent) (string, error) {
	if h.gateway.certain {
		id, err := h.gateway.keys.ProviderKey(ctx, chargeHash(key))
		if err != nil {
			return "", fmt.Errorf("stripe: look up a key: %w", err)
		}
		return id, nil
	}
	id, err := h.gateway.bound(ctx, chargeHash(key))
	if id == "" && err == nil {
		id, err = h.gateway.bind(ctx, chargeHash(key), pi.ID)
	}
	return id, err
}

func (h *hook) refund(ctx context.Context, id string) error {
	re, err := h.gateway.retrieveRefund(ctx, id)
	if err != nil {
		return unknown("retrieve a refund", err)
	}
	key, err := ours(re.Metadata, refundHash)
	switch {
	case err != nil:
		return err
	case key != "":
		_, err = h.service.Notify(ctx, subscription.AttemptID(key))
		return err
	case re.PaymentIntent == nil:
		return nil
	}
	return h.reverse(ctx, re.PaymentIntent.ID, func() ([]payment.Reversal, error) { return givenBack(re) })
}

func (h *hook) dispute(ctx context.Context, id string) error {
	d, err := send(ctx, func() (*stripego.Dispute, error) { return h.gateway.api.V1Disputes.Retrieve(ctx, id, nil) })
	if err != nil {
		return unknown("retrieve a dispute", err)
	}
	if d.PaymentIntent == nil {
		return nil
	}
	return h.reverse(ctx, d.PaymentIntent.ID, func() ([]payment.Reversal, error) { return disputed(d) })
}

// reverse passes notices about money of an intent on, if any money moved and the intent is the one of a key of ours. The
// service hears of the payment first. An error of notices doesn't keep the service from hearing of those that there are.
func (h *hook) reverse(ctx context.Context, intent string, notices func() ([]payment.Reversal, error)) error {
	pi, err := h.gateway.retrieve(ctx, intent)
	if err != nil {
		return err
	}
	key, err := ours(pi.Metadata, chargeHash)
	if key == "" || err != nil {
		return err
	}
	all, odd := notices()
	if len(all) == 0 {
		return odd
	}
	if _, err := h.bound(ctx, key, pi); err != nil {
		return err
	}
	if _, err := h.service.Notify(ctx, subscription.AttemptID(key)); err != nil {
		return err
	}
	bound, err := h.bound(ctx, key, pi) // the service has looked it up
	if err != nil || bound != "" && bound != pi.ID {
		return err // nothing was sold for a second payment, which was told as it was made
	}
	for _, r := range all {
		r.Charge = key
		if _, err := h.service.Reverse(ctx, subscription.AttemptID(key), r); err != nil {
			return err
		}
	}
	return odd
}
