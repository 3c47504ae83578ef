package wallet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// What the wallet refuses a request for. Any other answer but a success is an error: the outcome is unknown then, and the
// SDK asks again.
const (
	errNumberUsed   refusal = "number_used"
	errNoSuchOrder  refusal = "no_such_order"
	errNoSuchRefund refusal = "no_such_refund"
	errOrderOver    refusal = "order_over"
	errOrderOpen    refusal = "order_open"
)

type refusal string

func (r refusal) Error() string { return "wallet: " + string(r) }

var errAnswer = errors.New("wallet: no answer that says what happened")

// answerSize is the most that is read of an answer.
const answerSize = 1 << 16

// call sends a request and reads the answer to it. It fails with a refusal if the wallet refuses the request.
func (g *Gateway) call(ctx context.Context, method, path string, request, answer any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, g.o.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	response, err := g.o.Client.Do(r)
	if err != nil {
		return fmt.Errorf("%w: %w", errAnswer, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, answerSize))
	if err != nil {
		return fmt.Errorf("%w: %w", errAnswer, err)
	}
	if response.StatusCode != http.StatusOK {
		var no struct {
			Why refusal `json:"error"`
		}
		if json.Unmarshal(text, &no) != nil || no.Why == "" {
			return fmt.Errorf("%w: %s", errAnswer, response.Status)
		}
		return fmt.Errorf("%w: %w", errAnswer, no.Why)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%w: %w", errAnswer, err)
	}
	return nil
}
