// Package walletserver is a wallet for the example and its tests: a server over HTTP with orders, refunds and
// notifications in memory, and the wallets of its payers. It stands for a real provider, and nothing in it is meant to be
// copied.
//
// Merchants use it over HTTP; payers, time and tests by its methods.
package walletserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Server is a wallet, with one merchant. Make one with New.
type Server struct {
	currency pricing.Currency
	secret   []byte
	now      func() time.Time
	mux      *http.ServeMux

	mu      sync.Mutex
	orders  map[string]*Order // by number
	codes   map[string]*Order
	refunds map[string]*Refund
	queue   []*Refund // processing
	payers  map[string]*payer
	notices []notice
}

// payer is somebody's wallet.
type payer struct {
	funds  map[pricing.Currency]int64
	reason string // why payments fail
}

// New returns a wallet whose merchant is paid in one currency, and which signs its notifications with the secret.
func New(currency pricing.Currency, secret []byte, now func() time.Time) *Server {
	s := &Server{
		currency: currency, secret: secret, now: now, mux: http.NewServeMux(),
		orders: map[string]*Order{}, codes: map[string]*Order{}, refunds: map[string]*Refund{}, payers: map[string]*payer{},
	}
	s.mux.HandleFunc("POST /orders", s.postOrder)
	s.mux.HandleFunc("GET /orders/{number}", s.getOrder)
	s.mux.HandleFunc("POST /orders/{number}/close", s.closeOrder)
	s.mux.HandleFunc("POST /refunds", s.postRefund)
	s.mux.HandleFunc("GET /refunds/{number}", s.getRefund)
	return s
}

// ServeHTTP answers merchants.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		if o.State == Waiting && !s.now().Before(o.Expires) {
			o.State = Closed
		}
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) postOrder(w http.ResponseWriter, r *http.Request) {
	var q Request
	if json.NewDecoder(r.Body).Decode(&q) != nil || !plain(q.Number) || !plain(q.Buyer) || q.Amount <= 0 || q.Minutes <= 0 ||
		len(q.Attached) > 512 {
		answer(w, http.StatusBadRequest, Error{BadRequest})
		return
	}
	o := s.orders[q.Number]
	if o == nil {
		id := fmt.Sprintf("W%d", len(s.orders)+1)
		o = &Order{
			Request: q, ID: id, State: Waiting, Code: "wallet://pay/" + id,
			Expires: s.now().Add(time.Duration(q.Minutes) * time.Minute),
		}
		s.orders[q.Number], s.codes[o.Code] = o, o
	}
	if o.Request != q || o.over() {
		answer(w, http.StatusConflict, Error{NumberUsed})
		return
	}
	answer(w, http.StatusOK, o)
}

func (s *Server) getOrder(w http.ResponseWriter, r *http.Request) {
	o := s.orders[r.PathValue("number")]
	if o == nil {
		answer(w, http.StatusNotFound, Error{NoSuchOrder})
		return
	}
	found := *o
	found.Code = ""
	answer(w, http.StatusOK, found)
}

func (s *Server) closeOrder(w http.ResponseWriter, r *http.Request) {
	o := s.orders[r.PathValue("number")]
	switch {
	case o == nil:
		answer(w, http.StatusNotFound, Error{NoSuchOrder})
	case o.State == Waiting, o.State == Closed:
		o.State = Closed
		answer(w, http.StatusOK, struct{}{})
	default:
		answer(w, http.StatusConflict, Error{OrderOver})
	}
}

func (s *Server) postRefund(w http.ResponseWriter, r *http.Request) {
	var q Refund
	if json.NewDecoder(r.Body).Decode(&q) != nil || !plain(q.Number) || q.Amount <= 0 || q.State != "" {
		answer(w, http.StatusBadRequest, Error{BadRequest})
		return
	}
	o, made := s.orders[q.Order], s.refunds[q.Number]
	switch {
	case made != nil:
		answer(w, http.StatusConflict, Error{NumberUsed})
		return
	case o == nil:
		answer(w, http.StatusNotFound, Error{NoSuchOrder})
		return
	case !o.over():
		answer(w, http.StatusConflict, Error{OrderOpen})
		return
	}
	q.ID, q.State = fmt.Sprintf("WR%d", len(s.refunds)+1), Processing
	switch {
	case o.Buyer != q.Buyer, string(s.currency) != q.Currency:
		q.State, q.Reason = Failed, Differs
	case !o.paid(), q.Amount > o.Amount-o.back:
		q.State, q.Reason = Failed, Exceeds
	default:
		o.back += q.Amount
		s.queue = append(s.queue, &q)
	}
	s.refunds[q.Number] = &q
	answer(w, http.StatusOK, q)
}

func (s *Server) getRefund(w http.ResponseWriter, r *http.Request) {
	f := s.refunds[r.PathValue("number")]
	if f == nil {
		answer(w, http.StatusNotFound, Error{NoSuchRefund})
		return
	}
	answer(w, http.StatusOK, f)
}

// plain reports whether a number is made of what the wallet takes.
func plain(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') {
			return false
		}
	}
	return s != "" && len(s) <= 32
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) //nolint:errchkjson // whoever is gone asks again
}
