package paymenttest

import (
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Returned is money that a [Hostile] gateway returned because it was asked to. Two with one key are a double refund.
type Returned struct {
	Refund      payment.Refund `json:"refund"` // as requested
	Amount      pricing.Money  `json:"amount"`
	At          time.Time      `json:"at"`
	WithdrawnAt time.Time      `json:"withdrawn_at,omitzero"` // when the money came back, see [RefundWithdrawn]; zero: it stayed
}

// Returned returns all refunds that were actually made, in order, whatever the callers were told.
func (h *Hostile) Returned() []Returned {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Returned, len(h.returned))
	for i, q := range h.returned {
		all[i] = Returned{Refund: q.refund, Amount: q.refund.Amount, At: q.at, WithdrawnAt: q.withdrawn}
	}
	return all
}

// Reversed is money of a charge that went back without a request, see [Hostile.Reverse].
type Reversed struct {
	payment.Reversal // the first notice

	ReinstatedAt time.Time `json:"reinstated_at,omitzero"` // zero: it wasn't
}

// Reverse makes the payer's bank take back money that was collected, or return it, or makes the provider refund it by
// itself, as its notice says. An ID moves its money once: what was reversed can be reinstated, and nothing else follows.
// Any amount can be reversed, however little is left; later refunds are declined if they exceed what is left. The account
// behind isn't credited: the payer has the money elsewhere.
//
// It fails with [payment.ErrInvalid] for a malformed notice, for one that doesn't follow, and for a charge that wasn't
// collected. Otherwise, [Hostile.Notices] returns the notice.
func (h *Hostile) Reverse(r payment.Reversal) error {
	if err := r.Validate(); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	charge, known := h.charges.latest[r.Charge], h.reversals[r.ID]
	switch {
	case charge == nil || charge.result.Status != payment.Succeeded || charge.result.Amount.Currency() != r.Amount.Currency():
		return fmt.Errorf("%w: %s of charge %q wasn't collected", payment.ErrInvalid, r.Amount, r.Charge)
	case (known != nil) != (r.Status == payment.Reinstated):
		return fmt.Errorf("%w: %s for reversal %q", payment.ErrInvalid, r.Status, r.ID)
	case known == nil:
		charge.reversed = total(charge.reversed, r.Amount)
		h.reversals[r.ID] = &Reversed{Reversal: r}
		h.order = append(h.order, r.ID)
	case known.Charge != r.Charge || known.Amount != r.Amount || known.Status != payment.Reversed || !known.ReinstatedAt.IsZero():
		return fmt.Errorf("%w: %s of %s for reversal %q, which is %s of %s", payment.ErrInvalid, r.Status, r.Amount, r.ID,
			known.Status, known.Amount)
	default:
		charge.reversed, _ = charge.reversed.Sub(r.Amount) // it is part of it
		known.ReinstatedAt = h.options.Now()
	}
	h.notices = append(h.notices, r)
	return nil
}

// Reversals returns all money that went back without a request, in order.
func (h *Hostile) Reversals() []Reversed {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := make([]Reversed, len(h.order))
	for i, id := range h.order {
		all[i] = *h.reversals[id]
	}
	return all
}

// Notices returns the notices of reversals since the last call, in order. With Disorder they are in random order, and
// some of them are returned again by a later call.
func (h *Hostile) Notices() []payment.Reversal {
	h.mu.Lock()
	defer h.mu.Unlock()
	notices := h.notices
	h.notices = disorder(h, notices)
	return notices
}
