package walletserver

import (
	"fmt"

	"github.com/prepaidkit/prepaid/pricing"
)

// Fund makes a payer able to pay, and adds to the payer's money.
func (s *Server) Fund(name string, amount pricing.Money) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.payer(name)
	p.funds[amount.Currency()] += amount.Minor()
	p.reason = ""
}

// Funds returns a payer's money, in minor units.
func (s *Server) Funds(name string, c pricing.Currency) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.payer(name).funds[c]
}

// Stop makes a payer's payments fail for a reason.
func (s *Server) Stop(name, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.payer(name).reason = reason
}

// Scan has a payer scan the code of an order, and pay or refuse to. It fails if the order can't be paid any more.
func (s *Server) Scan(name, code string, pays bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, p := s.codes[code], s.payer(name)
	switch {
	case o == nil || o.State != Waiting || !s.now().Before(o.Expires):
		return fmt.Errorf("walletserver: the order of %s can't be paid", code)
	case !pays:
		o.State, o.Reason = Failed, Denied
	case p.reason != "":
		o.State, o.Reason = Failed, p.reason
	case p.funds[s.currency] < o.Amount:
		o.State, o.Reason = Failed, Balance
	default:
		p.funds[s.currency] -= o.Amount
		o.State, o.PaidAt = Paid, s.now()
		o.payer = name
	}
	s.notices = append(s.notices, notice{Kind: "order", Number: o.Number, State: o.State, Amount: o.Amount, Attached: o.Attached})
	return nil
}

// Process makes the refunds that are being processed.
func (s *Server) Process() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.queue {
		o := s.orders[f.Order]
		s.payer(o.payer).funds[s.currency] += f.Amount
		f.State, f.DoneAt, o.State = Done, s.now(), Refunded
		s.notices = append(s.notices, notice{Kind: "refund", Number: f.Number, State: f.State, Amount: f.Amount, Attached: f.Attached})
	}
	s.queue = nil
}

func (s *Server) payer(name string) *payer {
	p := s.payers[name]
	if p == nil {
		p = &payer{funds: map[pricing.Currency]int64{}}
		s.payers[name] = p
	}
	return p
}
