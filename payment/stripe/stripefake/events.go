package stripefake

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

type endpoint struct{ url, secret string }

type event struct {
	ID         string          `json:"id"`
	Object     string          `json:"object"`
	APIVersion string          `json:"api_version"`
	Created    int64           `json:"created"`
	Type       string          `json:"type"`
	Data       eventData       `json:"data"`
	Request    json.RawMessage `json:"request"`

	about string // the ID of the object
}

func (e *event) delivery() Delivery { return Delivery{Event: e.ID, Type: e.Type, Object: e.about} }

type eventData struct {
	Object json.RawMessage `json:"object"` // as it was then
}

// Delivery is a notification that was sent, or waits to be sent.
type Delivery struct {
	Event  string // its ID
	Type   string
	Object string // the ID of what it is about
	Status int    // the HTTP status of the answer; 0: there was none
}

// SendTo makes Deliver send notifications to that URL, signed with that secret. Those of before are sent too.
func (f *Fake) SendTo(url, secret string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.endpoint = endpoint{url, secret}
}

// notify queues a notification. The caller holds the lock.
func (f *Fake) notify(kind string, object any) {
	if in, ok := object.(*intent); ok {
		object = in.seen(request{})
	}
	body, err := json.Marshal(object)
	if err != nil {
		return
	}
	var about struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(body, &about) != nil {
		return
	}
	f.events = append(f.events, &event{
		ID: f.id("evt"), Object: "event", APIVersion: "2026-03-25.dahlia", Created: f.now().Unix(), Type: kind,
		Data: eventData{body}, Request: json.RawMessage("null"), about: about.ID,
	})
}

// Deliver sends each notification that wasn't answered with a 2xx status yet, in the order of the events, and returns what
// was sent. It fails if nobody was named by SendTo, or with ctx's error.
func (f *Fake) Deliver(ctx context.Context) ([]Delivery, error) {
	f.mu.Lock()
	events, to := f.events, f.endpoint
	f.events = nil
	f.mu.Unlock()
	return f.send(ctx, events, to)
}

// Redeliver sends all notifications that were answered with a 2xx status again, as the provider may. It returns and fails
// as Deliver does.
func (f *Fake) Redeliver(ctx context.Context) ([]Delivery, error) {
	f.mu.Lock()
	events, to := f.delivered, f.endpoint
	f.delivered = nil
	f.mu.Unlock()
	return f.send(ctx, events, to)
}

func (f *Fake) send(ctx context.Context, events []*event, to endpoint) ([]Delivery, error) {
	if to.url == "" {
		return nil, fmt.Errorf("%w: SendTo names nobody", ErrUnknown)
	}
	var sent []Delivery
	var taken, again []*event
	for _, e := range events {
		d := e.delivery()
		if body, err := json.Marshal(e); err == nil {
			d.Status = post(ctx, to, body)
		}
		if d.Status/100 == 2 {
			taken = append(taken, e)
		} else {
			again = append(again, e)
		}
		sent = append(sent, d)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(again, f.events...)
	f.delivered = append(f.delivered, taken...)
	return sent, ctx.Err()
}

// post sends a notification, and returns the status of the answer, or 0.
func post(ctx context.Context, to endpoint, body []byte) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Stripe-Signature", Sign(body, to.secret, time.Now())) //nolint:forbidigo // signatures are of real time
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.Do(r)
	if err != nil {
		return 0
	}
	_ = answer.Body.Close()
	return answer.StatusCode
}

// Sign returns the header Stripe-Signature of a notification's body.
func Sign(body []byte, secret string, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}
