package stripefake

import (
	"maps"
	"time"
)

// Taken is what took money of a payment intent: a refund or a dispute.
type Taken struct {
	ID       string
	Dispute  bool              // false for a refund
	Status   string            // the provider's word
	Amount   int64             // in the provider's minor units
	At       time.Time         // when it was made
	Metadata map[string]string // of a refund; empty if it was made on the provider's pages
}

// Open reports whether a dispute took the money, and the bank hasn't decided about it.
func (t Taken) Open() bool { return t.Dispute && t.Status == needsResponse }

// Keeps reports whether the money is gone as things are: the refund hasn't failed, or the dispute has neither been won nor
// is it an inquiry.
func (t Taken) Keeps() bool {
	if t.Dispute {
		return t.Status == needsResponse || t.Status == lost
	}
	return t.Status != "failed"
}

// Taken returns the refunds and the disputes of an intent, the oldest one first, as a person sees them on the provider's
// pages.
func (f *Fake) Taken(intentID string) []Taken {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Taken
	for _, id := range f.order {
		if re := f.refunds[id]; re != nil && re.PaymentIntent == intentID {
			all = append(all, Taken{
				ID: id, Status: re.Status, Amount: re.Amount, At: time.Unix(re.Created, 0).UTC(), Metadata: maps.Clone(re.Metadata),
			})
		}
		if d := f.disputes[id]; d != nil && d.PaymentIntent == intentID {
			all = append(all, Taken{
				ID: id, Dispute: true, Status: d.Status, Amount: d.Amount, At: time.Unix(d.Created, 0).UTC(), Metadata: map[string]string{},
			})
		}
	}
	return all
}

// Waiting returns the notifications that the next Deliver sends, in the order of the events. Their statuses are 0.
func (f *Fake) Waiting() []Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]Delivery, 0, len(f.events))
	for _, e := range f.events {
		all = append(all, e.delivery())
	}
	return all
}
