package bankserver

import (
	"fmt"
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// takes is how many banking days the payer's bank has for its answer.
const takes = 3

// Day is the end of a banking day: what was accepted is submitted, and what was submitted days ago is paid or returned.
// Transfers are made.
func (s *Server) Day() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.day++
	for _, d := range s.order {
		switch {
		case d.State == Accepted:
			d.State, d.due = Submitted, s.day+takes
		case d.State == Submitted && s.day >= d.due:
			s.end(d)
		}
	}
	for _, t := range s.queue {
		t.State, t.DoneAt = Done, s.now()
		s.payer(t.Account).funds[pricing.Currency(t.Currency)] += t.Amount
	}
	s.queue = nil
}

// end has the payer's bank answer.
func (s *Server) end(d *Debit) {
	p, c := s.payer(d.Account), pricing.Currency(d.Currency)
	d.State, d.EndedAt = Returned, s.now()
	switch {
	case p.code != "":
		d.Code = p.code
	case p.funds[c] < d.Amount:
		d.Code = NoFunds
	default:
		p.funds[c] -= d.Amount
		d.State = Paid
	}
}

// Fund gives a payer a mandate and a working account, and adds to its money.
func (s *Server) Fund(account string, amount pricing.Money) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.payer(account)
	p.funds[amount.Currency()] += amount.Minor()
	p.mandate, p.code = true, ""
}

// Funds returns a payer's money, in minor units.
func (s *Server) Funds(account string, c pricing.Currency) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.payer(account).funds[c]
}

// Revoke ends a payer's mandate: no more debits are accepted.
func (s *Server) Revoke(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payer(account).mandate = false
}

// Return makes the payer's bank return debits with a code.
func (s *Server) Return(account, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payer(account).code = code
}

// TakeBack makes the payer's bank take the last debit back that was paid.
func (s *Server) TakeBack(account, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range slices.Backward(s.order) {
		if d.Account != account || d.State != Paid {
			continue
		}
		d.State = TakenBack
		s.payer(account).funds[pricing.Currency(d.Currency)] += d.Amount
		n := int64(len(s.returns) + 1)
		s.returns = append(s.returns, Return{
			Line: n, ID: fmt.Sprintf("R%d", n), Attached: d.Attached, Amount: d.Amount, Currency: d.Currency,
			Code: code, At: s.now(),
		})
		return nil
	}
	return fmt.Errorf("bankserver: account %s has paid nothing", account)
}

func (s *Server) payer(account string) *payer {
	p := s.payers[account]
	if p == nil {
		p = &payer{funds: map[pricing.Currency]int64{}}
		s.payers[account] = p
	}
	return p
}
