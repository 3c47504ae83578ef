// Package outage makes a provider of the examples fail, for their tests.
package outage

import (
	"context"
	"net/http"
	"sync"
)

// Switch is a provider that can be made to fail. Every other answer is then an HTTP 500, and the rest are lost with their
// connections.
type Switch struct {
	Handler http.Handler

	mu            sync.Mutex
	failing, acts bool
	n             int
}

// Fail makes the provider fail until end is called; if acts is true, it carries requests out all the same. It is the Fail
// of a paymenttest.Harness.
func (s *Switch) Fail(_ context.Context, acts bool) (end func(), err error) {
	set := func(failing, acts bool) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.failing, s.acts = failing, acts
	}
	set(true, acts)
	return func() { set(false, false) }, nil
}

// ServeHTTP implements [http.Handler].
func (s *Switch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	failing, acts := s.failing, s.acts
	if failing {
		s.n++
	}
	lost := s.n%2 == 0
	s.mu.Unlock()
	if !failing {
		s.Handler.ServeHTTP(w, r)
		return
	}
	if acts {
		s.Handler.ServeHTTP(nowhere{}, r)
	}
	if lost {
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = c.Close() // the client sees a broken connection
			return
		}
	}
	http.Error(w, "an outage", http.StatusInternalServerError)
}

// nowhere is where lost answers go.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) WriteHeader(int)             {}
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
