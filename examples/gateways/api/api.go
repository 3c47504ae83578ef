// Package api is what the adapters beside it have in common: how they ask a provider that speaks JSON over HTTP, and the
// numbers and digests that stand for a request. Copy it with the adapter.
package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/prepaidkit/prepaid/payment"
)

// RefusedError is the code for which a provider refuses a request.
type RefusedError string

// Error implements error.
func (r RefusedError) Error() string { return string(r) }

// ErrAnswer means that no answer says what happened: the outcome is unknown, and the SDK asks again.
var ErrAnswer = errors.New("no answer that says what happened")

// size is the most that is read of an answer.
const size = 1 << 16

// Call sends a request and reads the answer to it, if answer isn't nil. It fails with a [RefusedError] if the provider refuses the
// request. Any other answer but a success is [ErrAnswer] alone.
func Call(ctx context.Context, client *http.Client, method, url string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, size))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	if response.StatusCode != http.StatusOK {
		var no struct {
			Why RefusedError `json:"error"`
		}
		if json.Unmarshal(text, &no) != nil || no.Why == "" {
			return fmt.Errorf("%w: %s", ErrAnswer, response.Status)
		}
		return fmt.Errorf("%w: %w", ErrAnswer, no.Why)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return nil
}

// Number returns the number that stands for a key at the provider: 160 bits of a digest, as 32 letters and digits.
func Number(key string) string {
	sum := sha256.Sum256([]byte(key))
	return strings.ToLower(base32.HexEncoding.EncodeToString(sum[:20]))
}

// Digest returns a digest of every field of a charge or a refund.
func Digest[T payment.Charge | payment.Refund](request T) string {
	text, _ := json.Marshal(request) //nolint:errchkjson // it never fails for these
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
