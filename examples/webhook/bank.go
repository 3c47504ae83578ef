package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/prepaidkit/prepaid/payment"
)

// secret is what the bank signs its calls with. A service of your own reads it from where its secrets are.
const secret = "whsec_example"

// sign returns the signature of a call's body.
func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// notice is the body of the bank's calls.
type notice struct {
	Attempt string `json:"attempt"`
}

// bank is the other side: a server that takes orders for debits, and decides about each later.
type bank struct {
	mu      sync.Mutex
	charges map[string]*debit // by key
	refunds map[string]payment.Refund
}

// debit is a charge, and what became of it.
type debit struct {
	charge payment.Charge
	result payment.Result
	back   int64 // refunded, in minor units
}

func newBank() *bank {
	return &bank{charges: map[string]*debit{}, refunds: map[string]payment.Refund{}}
}

// ServeHTTP answers the service.
func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var result payment.Result
	status := http.StatusOK
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/charges":
		var c payment.Charge
		if json.NewDecoder(r.Body).Decode(&c) != nil || c.Validate() != nil {
			status = http.StatusBadRequest
			break
		}
		result, status = b.charge(c)
	case r.Method == http.MethodGet && r.URL.Path == "/charges":
		result = b.lookup(r.FormValue("key"))
	case r.Method == http.MethodPost && r.URL.Path == "/refunds":
		var f payment.Refund
		if json.NewDecoder(r.Body).Decode(&f) != nil || f.Validate() != nil {
			status = http.StatusBadRequest
			break
		}
		result, status = b.refund(f)
	default:
		status = http.StatusNotFound
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(result) //nolint:errchkjson // whoever is gone asks again
}

func (b *bank) charge(c payment.Charge) (payment.Result, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.charges[c.Key]
	switch {
	case d == nil:
		d = &debit{charge: c, result: payment.Result{Key: c.Key, Status: payment.Pending}}
		b.charges[c.Key] = d
	case d.charge != c:
		return payment.Result{}, http.StatusConflict
	}
	return d.result, http.StatusOK
}

func (b *bank) lookup(key string) payment.Result {
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := b.charges[key]; d != nil {
		return d.result
	}
	return payment.Result{Key: key, Status: payment.NotFound}
}

func (b *bank) refund(r payment.Refund) (payment.Result, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d, was := b.charges[r.Charge], b.refunds[r.Key]
	made := payment.Result{Key: r.Key, Status: payment.Succeeded, Amount: r.Amount}
	switch {
	case was == r:
		return made, http.StatusOK
	case was != payment.Refund{}:
		return payment.Result{}, http.StatusConflict
	case d == nil || d.result.Status == payment.Pending:
		return payment.Result{Key: r.Key, Status: payment.NotFound}, http.StatusOK
	case d.charge.Account != r.Account || d.charge.Amount.Currency() != r.Amount.Currency():
		return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.Mismatch}, http.StatusOK
	case d.back+r.Amount.Minor() > d.result.Amount.Minor():
		return payment.Result{Key: r.Key, Status: payment.Declined, Reason: payment.ExceedsCharge}, http.StatusOK
	}
	d.back += r.Amount.Minor()
	b.refunds[r.Key] = r
	return made, http.StatusOK
}

// decide ends a charge that is pending.
func (b *bank) decide(key string, pays bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	d := b.charges[key]
	if d == nil || d.result.Status != payment.Pending {
		return
	}
	d.result.Status, d.result.Amount = payment.Succeeded, d.charge.Amount
	if !pays {
		d.result = payment.Result{Key: key, Status: payment.Declined, Reason: payment.InsufficientBalance}
	}
}

// pending returns the keys of the charges that wait for a decision.
func (b *bank) pending() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var keys []string
	for key, d := range b.charges {
		if d.result.Status == payment.Pending {
			keys = append(keys, key)
		}
	}
	return keys
}

// call tells a service's webhook that there is news of a charge. A real bank repeats what fails; the worker would find it
// out, too.
func (*bank) call(ctx context.Context, url, key string) error {
	body, err := json.Marshal(notice{key})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Signature", sign(body))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("the webhook answers %s", answer.Status)
	}
	return nil
}
