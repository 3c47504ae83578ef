package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/prepaidkit/prepaid/subscription"
)

// maxHookAge is how old a notification may be, so that one that was overheard is of no use later.
const maxHookAge = 5 * time.Minute

// webhook receives the notifications of the console's own provider. The signature keeps strangers from causing work; what became of the
// charge, the refund or the charge's money is asked of the provider itself, by [subscription.Service.Notify] or before
// [subscription.Service.Reverse]. Any other answer than 200 makes a provider send the notification again.
type webhook struct {
	provider *ownProvider
	service  *subscription.Service
	log      *slog.Logger
}

// receiver implements [messenger].
func (p *ownProvider) receiver(s *subscription.Service, log *slog.Logger) (http.Handler, error) {
	return &webhook{p, s, log}, nil
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "the body can't be read", http.StatusBadRequest)
		return
	}
	sent := r.Header.Get(sentHeader)
	if !hmac.Equal([]byte(sign(h.provider.hooks.secret, sent, body)), []byte(r.Header.Get(signatureHeader))) {
		http.Error(w, "the signature is wrong", http.StatusUnauthorized)
		return
	}
	seconds, err := strconv.ParseInt(sent, 10, 64)
	if age := time.Since(time.Unix(seconds, 0)); err != nil || age.Abs() > maxHookAge {
		http.Error(w, "the notification is too old", http.StatusUnauthorized)
		return
	}
	var n notification
	if err := json.Unmarshal(body, &n); err != nil {
		http.Error(w, "the body is not a notification", http.StatusBadRequest)
		return
	}
	if n.Reversal == "" {
		_, err = h.service.Notify(r.Context(), subscription.AttemptID(n.Key))
	} else {
		err = h.reversed(r.Context(), n.Reversal)
	}
	switch {
	case errors.Is(err, subscription.ErrNotFound):
		http.Error(w, "no such charge", http.StatusNotFound)
	case err != nil:
		h.log.ErrorContext(r.Context(), "webhook", "error", err)
		http.Error(w, "try again", http.StatusInternalServerError)
	}
}

// reversed asks the provider what happened to a charge's money, and applies it to the charge's order.
func (h *webhook) reversed(ctx context.Context, id string) error {
	r, known, err := h.provider.reversal(ctx, id)
	if err != nil || !known {
		return cmp.Or(err, fmt.Errorf("%w: reversal %.80q", subscription.ErrNotFound, id))
	}
	attempt := subscription.AttemptID(r.Charge)
	if _, err := h.service.Notify(ctx, attempt); err != nil { // the payment may not have been told of yet
		return err
	}
	_, err = h.service.Reverse(ctx, attempt, r)
	return err
}
