package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/payment"
)

// notification is the body of the provider's webhook.
type notification struct {
	Key      string         `json:"key"` // of the charge or the refund
	Status   payment.Status `json:"status,omitempty"`
	Reversal string         `json:"reversal,omitempty"` // the ID of what happened to the charge's money since
}

// Headers of the provider's webhook: when it was sent, in Unix seconds, and the HMAC-SHA256 in hexadecimal of that
// text, a point and the body.
const (
	sentHeader      = "Provider-Sent"
	signatureHeader = "Provider-Signature"
)

// sign returns the signature of a notification.
func sign(secret []byte, sent string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(sent + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// hooks sends the provider's notifications to a URL of the console, and remembers the latest ones.
type hooks struct {
	secret []byte
	client *http.Client

	mu     sync.Mutex
	url    string // "" until the console is served
	latest []delivery
}

func newHooks(secret []byte) *hooks {
	return &hooks{secret: secret, client: &http.Client{Timeout: 10 * time.Second}}
}

// sendTo implements [messenger].
func (p *ownProvider) sendTo(url string) {
	p.hooks.mu.Lock()
	defer p.hooks.mu.Unlock()
	p.hooks.url = url
}

// outbox implements [messenger]. Nothing waits: what doesn't arrive is lost.
func (p *ownProvider) outbox() outbox { return outbox{Sent: p.hooks.sent()} }

// send implements [messenger].
func (*ownProvider) send(_ context.Context, how sending) error {
	if how != sendWaiting {
		return errNoPage
	}
	return nil
}

// sent returns the latest notifications, the last one first.
func (h *hooks) sent() []delivery {
	h.mu.Lock()
	defer h.mu.Unlock()
	latest := slices.Clone(h.latest)
	slices.Reverse(latest)
	return latest
}

// mostSent is the number of sent notifications that are remembered.
const mostSent = 20

// remembered adds a delivery to the latest ones, the last one last.
func remembered(latest []delivery, d delivery) []delivery {
	if len(latest) == mostSent {
		latest = latest[1:]
	}
	return append(latest, d)
}

// send sends a notification once. One that doesn't arrive is lost, as in life; the worker then finds out by asking.
func (h *hooks) send(ctx context.Context, n notification) {
	d := delivery{About: n.Key, Says: string(n.Status)}
	if n.Reversal != "" {
		d.Says = "something happened to its money"
	}
	status, err := h.post(ctx, n)
	switch {
	case err != nil:
		d.Answer = "not delivered: " + err.Error()
	default:
		d.Answer, d.OK = strconv.Itoa(status)+" "+http.StatusText(status), status < http.StatusMultipleChoices
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.latest = remembered(h.latest, d)
}

func (h *hooks) post(ctx context.Context, n notification) (status int, err error) {
	h.mu.Lock()
	url := h.url
	h.mu.Unlock()
	if url == "" {
		return 0, errors.New("nobody listens")
	}
	body, err := json.Marshal(n)
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	sent := strconv.FormatInt(time.Now().Unix(), 10) // a real request has a real time
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(sentHeader, sent)
	req.Header.Set(signatureHeader, sign(h.secret, sent, body))
	resp, err := h.client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// pending returns the charges that the bank hasn't answered.
func (p *ownProvider) pending(ctx context.Context) ([]movement, error) {
	return p.charges(ctx, isPending)
}

// answer plays the bank, or the payer whom the bank asked: it approves or declines a pending charge, and tells the
// console. A charge is answered once; errNotPending means that there is nothing to answer.
func (p *ownProvider) answer(ctx context.Context, key string, approve bool) error {
	return p.tells(ctx, func() (notification, error) {
		var m movement
		known, err := p.notes.get(ctx, chargeNotes+key, &m)
		if err != nil {
			return notification{}, err
		}
		if !known || m.Result.Status != payment.Pending {
			return notification{}, fmt.Errorf("%w: %.80q", errNotPending, key)
		}
		if approve {
			m.Result.Status, m.Result.Amount, m.Result.At = payment.Succeeded, m.Charge.Amount, p.now()
		} else {
			m.Result.Status, m.Result.Reason = payment.Declined, payment.Canceled
			if !m.Result.Action.IsZero() {
				m.Result.Reason = payment.NeedsAuthentication // the payer refused to confirm it
			}
		}
		m.Result.Action = payment.Action{}
		return notification{Key: key, Status: m.Result.Status}, p.notes.put(ctx, chargeNotes+key, m)
	})
}
