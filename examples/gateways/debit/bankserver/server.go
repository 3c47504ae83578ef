// Package bankserver is a bank that collects debits, for the example and its tests: a server over HTTP with debits,
// transfers and returns in memory, and the accounts of the payers. It stands for a real provider, and nothing in it is
// meant to be copied.
//
// Creditors use it over HTTP; payers, time and tests by its methods.
package bankserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prepaidkit/prepaid/pricing"
)

// Server is a bank, with one creditor. Make one with New.
type Server struct {
	now func() time.Time
	mux *http.ServeMux

	mu        sync.Mutex
	day       int // banking days that have passed
	debits    map[string]*Debit
	order     []*Debit // as they were accepted
	transfers map[string]*Transfer
	queue     []*Transfer // accepted
	returns   []Return
	payers    map[string]*payer
}

// payer is somebody's account, and the mandate for it.
type payer struct {
	funds   map[pricing.Currency]int64
	mandate bool
	code    string // why debits are returned
}

// New returns a bank.
func New(now func() time.Time) *Server {
	s := &Server{
		now: now, mux: http.NewServeMux(),
		debits: map[string]*Debit{}, transfers: map[string]*Transfer{}, payers: map[string]*payer{},
	}
	s.mux.HandleFunc("PUT /debits/{number}", s.putDebit)
	s.mux.HandleFunc("GET /debits/{number}", s.getDebit)
	s.mux.HandleFunc("POST /debits/{number}/cancel", s.cancelDebit)
	s.mux.HandleFunc("PUT /transfers/{number}", s.putTransfer)
	s.mux.HandleFunc("GET /returns", s.getReturns)
	return s
}

// ServeHTTP answers the creditor.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mux.ServeHTTP(w, r)
}

func (s *Server) putDebit(w http.ResponseWriter, r *http.Request) {
	number := r.PathValue("number")
	var q DebitRequest
	if json.NewDecoder(r.Body).Decode(&q) != nil || len(number) > 35 || len(q.Account) > 35 || q.Amount <= 0 ||
		len(q.Attached) > 512 {
		answer(w, http.StatusBadRequest, Error{BadRequest})
		return
	}
	d := s.debits[number]
	if d == nil {
		d = &Debit{DebitRequest: q, Number: number, ID: fmt.Sprintf("D%d", len(s.debits)+1), State: Accepted}
		if !s.payer(q.Account).mandate {
			d.State, d.Code, d.EndedAt = Returned, NoMandate, s.now()
		}
		s.debits[number] = d
		s.order = append(s.order, d)
	}
	if d.DebitRequest != q {
		answer(w, http.StatusConflict, Error{NumberUsed})
		return
	}
	answer(w, http.StatusOK, d)
}

func (s *Server) getDebit(w http.ResponseWriter, r *http.Request) {
	d := s.debits[r.PathValue("number")]
	if d == nil {
		answer(w, http.StatusNotFound, Error{NoSuchDebit})
		return
	}
	answer(w, http.StatusOK, d)
}

func (s *Server) cancelDebit(w http.ResponseWriter, r *http.Request) {
	d := s.debits[r.PathValue("number")]
	switch {
	case d == nil:
		answer(w, http.StatusNotFound, Error{NoSuchDebit})
		return
	case d.State == Accepted:
		d.State, d.EndedAt = Canceled, s.now()
	case d.State != Canceled:
		answer(w, http.StatusConflict, Error{TooLate})
		return
	}
	answer(w, http.StatusOK, d)
}

func (s *Server) putTransfer(w http.ResponseWriter, r *http.Request) {
	number := r.PathValue("number")
	var q TransferRequest
	if json.NewDecoder(r.Body).Decode(&q) != nil || len(number) > 35 || q.Amount <= 0 {
		answer(w, http.StatusBadRequest, Error{BadRequest})
		return
	}
	t, d := s.transfers[number], s.debits[q.Debit]
	switch {
	case t != nil && t.TransferRequest != q:
		answer(w, http.StatusConflict, Error{NumberUsed})
		return
	case t != nil:
		answer(w, http.StatusOK, t)
		return
	case d == nil:
		answer(w, http.StatusNotFound, Error{NoSuchDebit})
		return
	case d.State == Accepted, d.State == Submitted:
		answer(w, http.StatusConflict, Error{DebitOpen})
		return
	}
	t = &Transfer{TransferRequest: q, Number: number, ID: fmt.Sprintf("T%d", len(s.transfers)+1), State: Accepted}
	switch {
	case d.Account != q.Account, d.Currency != q.Currency:
		t.State, t.Code = Refused, Differs
	case !d.paid(), q.Amount > d.Amount-d.back:
		t.State, t.Code = Refused, Exceeds
	default:
		d.back += q.Amount
		s.queue = append(s.queue, t)
	}
	s.transfers[number] = t
	answer(w, http.StatusOK, t)
}

func (s *Server) getReturns(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.ParseInt(r.FormValue("after"), 10, 64)
	if err != nil || after < 0 {
		answer(w, http.StatusBadRequest, Error{BadRequest})
		return
	}
	answer(w, http.StatusOK, s.returns[min(after, int64(len(s.returns))):])
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) //nolint:errchkjson // whoever is gone asks again
}
