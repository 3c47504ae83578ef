package balance_test

import (
	"strconv"
	"sync"
	"testing"

	"github.com/prepaidkit/prepaid/payment"
)

// BenchmarkCharge measures a successful charge with a new key: validated, decided and journaled.
func BenchmarkCharge(b *testing.B) {
	a, c := opened(b, "90000000000000.00 USD"), charge(b, "k", "1.00 USD")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Key = "app-1/order-" + strconv.Itoa(i)
		if r, err := a.Charge(b.Context(), c); err != nil || r.Status != payment.Succeeded {
			b.Fatal(r, err)
		}
	}
}

// BenchmarkChargeBare measures the minimum work of an idempotent in-memory charge: under a mutex, look up the key,
// subtract, and keep the request with its result.
func BenchmarkChargeBare(b *testing.B) {
	type made struct {
		charge payment.Charge
		result payment.Result
	}
	var mu sync.Mutex
	charges, left := make(map[string]*made), int64(1<<62)
	c := charge(b, "k", "1.00 USD")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Key = "app-1/order-" + strconv.Itoa(i)
		mu.Lock()
		if charges[c.Key] == nil && left >= c.Amount.Minor() {
			left -= c.Amount.Minor()
			charges[c.Key] = &made{c, payment.Result{Key: c.Key, Status: payment.Succeeded, Amount: c.Amount}}
		}
		mu.Unlock()
	}
}

// BenchmarkChargeRepeated measures a repeated charge, which is answered from the record.
func BenchmarkChargeRepeated(b *testing.B) {
	a, c := opened(b, "1.00 USD"), charge(b, "k", "1.00 USD")
	b.ReportAllocs()
	for b.Loop() {
		if r, err := a.Charge(b.Context(), c); err != nil || r.Status != payment.Succeeded {
			b.Fatal(r, err)
		}
	}
}
