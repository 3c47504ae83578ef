package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// gateway is the adapter between the SDK and the bank. What isn't an answer of the bank's is an error: the outcome is
// unknown then, and the SDK asks again.
type gateway struct {
	url    string
	client *http.Client
}

// answerSize is the most that is read of an answer.
const answerSize = 1 << 16

var errNoAnswer = errors.New("no answer from the bank")

// Charge implements [payment.Gateway].
func (g *gateway) Charge(ctx context.Context, c payment.Charge) (payment.Result, error) {
	if err := c.Validate(); err != nil {
		return payment.Result{}, err
	}
	return g.ask(ctx, http.MethodPost, "/charges", c)
}

// Lookup implements [payment.Gateway].
func (g *gateway) Lookup(ctx context.Context, key string) (payment.Result, error) {
	if err := payment.ValidateKey(key); err != nil {
		return payment.Result{}, err
	}
	return g.ask(ctx, http.MethodGet, "/charges?key="+url.QueryEscape(key), nil)
}

// Refund implements [payment.Gateway].
func (g *gateway) Refund(ctx context.Context, r payment.Refund) (payment.Result, error) {
	if err := r.Validate(); err != nil {
		return payment.Result{}, err
	}
	return g.ask(ctx, http.MethodPost, "/refunds", r)
}

// Retention implements [payment.Gateway]. The bank remembers keys forever.
func (*gateway) Retention() time.Duration { return 0 }

func (g *gateway) ask(ctx context.Context, method, path string, request any) (payment.Result, error) {
	var body io.Reader
	if request != nil {
		b, err := json.Marshal(request)
		if err != nil {
			return payment.Result{}, err
		}
		body = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, g.url+path, body)
	if err != nil {
		return payment.Result{}, err
	}
	answer, err := g.client.Do(r)
	if err != nil {
		return payment.Result{}, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	defer func() { _ = answer.Body.Close() }()
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusConflict:
		return payment.Result{}, payment.ErrKeyConflict
	default:
		return payment.Result{}, fmt.Errorf("%w: %s", errNoAnswer, answer.Status)
	}
	var result payment.Result
	if err := json.NewDecoder(io.LimitReader(answer.Body, answerSize)).Decode(&result); err != nil {
		return payment.Result{}, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	return result, result.Validate()
}
