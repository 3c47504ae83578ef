package stripe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	stripego "github.com/stripe/stripe-go/v85"
)

var errAnswer = errors.New("stripe: an answer that can't be right")

// unknown returns the error for a request whose outcome isn't known. The client's own text has the beginning of what it
// couldn't read, or the object, and so would show a payment's secret: it is used only if there was no answer.
func unknown(verb string, err error) error {
	var e *stripego.Error
	var broken net.Error
	switch {
	case errors.As(err, &e):
		return fmt.Errorf("stripe: %s: HTTP %d, %s %s %s: %.300q (request %s)",
			verb, e.HTTPStatusCode, e.Type, e.Code, e.DeclineCode, e.Msg, e.RequestID)
	case errors.As(err, &broken), errors.Is(err, context.Canceled), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("stripe: %s: %w", verb, err)
	}
	return fmt.Errorf("%w: %s", errAnswer, verb)
}

// refused returns the provider's answer if it refused a request for what the request or the object is: nothing was done,
// and repeating it is pointless while the object stays as it is. It returns nil for every other error: rate limits, locks,
// credentials, failures of the provider or the network.
func refused(err error) *stripego.Error {
	var e *stripego.Error
	if !errors.As(err, &e) || e.Type == stripego.ErrorTypeIdempotency {
		return nil
	}
	switch e.HTTPStatusCode {
	case http.StatusBadRequest, http.StatusPaymentRequired, http.StatusNotFound:
		return e
	}
	return nil
}

// otherContent reports whether an idempotency key was used with other parameters before.
func otherContent(err error) bool {
	var e *stripego.Error
	return errors.As(err, &e) && e.Type == stripego.ErrorTypeIdempotency && !locked(err)
}

// replayed reports whether an answer is that of an earlier request with the same idempotency key.
func replayed(r *stripego.APIResponse) bool {
	return r != nil && r.Header.Get("Idempotent-Replayed") == "true"
}

// failedBefore reports whether an error is that of an earlier request with the same idempotency key, which keeps it.
func failedBefore(err error) bool {
	var e *stripego.Error
	return errors.As(err, &e) && replayed(e.LastResponse)
}

// locked reports whether a request wasn't begun, because another one has its key or its object.
func locked(err error) bool {
	var e *stripego.Error
	return errors.As(err, &e) && (e.HTTPStatusCode == http.StatusConflict || e.Code == stripego.ErrorCodeLockTimeout)
}

// send makes a request, again if it was locked out by another one, a few times within half a second.
func send[T any](ctx context.Context, request func() (T, error)) (T, error) {
	for wait := 10 * time.Millisecond; ; wait *= 2 {
		answer, err := request()
		if err == nil || !locked(err) || wait > 200*time.Millisecond {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return answer, ctx.Err()
		case <-time.After(wait):
		}
	}
}
