package testworld

import (
	"context"
	"sync"

	"github.com/prepaidkit/prepaid/subscription"
)

// Heard keeps what an observer was told.
type Heard struct {
	mu  sync.Mutex
	all []subscription.Observation
}

// Observe is the observer: subscription.Options.Observe.
func (h *Heard) Observe(_ context.Context, o subscription.Observation) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, o)
}

// Take returns what was told since the last call.
func (h *Heard) Take() []subscription.Observation {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.all
	h.all = nil
	return all
}
