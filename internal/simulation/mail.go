package simulation

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/subscription"
)

// letter is a notification on its way from the gateway.
type letter struct {
	result   payment.Result
	reversal payment.Reversal // instead of a result
	at       time.Time        // when it arrives
	tries    int
	forged   bool // claims a payment, sent by somebody who knows the attempt's ID
}

// deliver fetches the gateway's notifications and passes those that have arrived to the service: late, in any order,
// some twice, some never.
func (w *world) deliver() {
	rng := rand.New(rand.NewPCG(w.current.seed, 2))
	results, err := w.gateway.Drain(context.Background())
	if err != nil {
		w.violatef("simulation", "", "%v", err)
	}
	for _, r := range results {
		if !w.healthy && rng.IntN(1000) < w.lost {
			w.figures.Lost++
			continue
		}
		if strings.HasSuffix(r.Key, byHand) {
			continue // nobody in the system knows it
		}
		delay := time.Duration(rng.Int64N(int64(6 * time.Hour)))
		if rng.IntN(10) == 0 {
			delay *= 40
		}
		w.post = append(w.post, letter{result: r, at: w.now.Add(delay)})
		if _, refund := chargeKey(r.Key); r.Status == payment.Declined && rng.IntN(4) == 0 && !refund {
			w.post = append(w.post, letter{result: r, at: w.now.Add(delay), forged: true})
		}
	}
	for _, r := range w.gateway.Notices() {
		if !w.healthy && rng.IntN(1000) < w.lost {
			w.figures.Lost++
			continue
		}
		w.post = append(w.post, letter{reversal: r, at: w.now.Add(time.Duration(rng.Int64N(int64(3 * day))))})
	}
	var arrived []letter
	w.post = slices.DeleteFunc(w.post, func(l letter) bool {
		due := w.healthy || !l.at.After(w.now)
		if due {
			arrived = append(arrived, l)
		}
		return due
	})
	rng.Shuffle(len(arrived), func(i, j int) { arrived[i], arrived[j] = arrived[j], arrived[i] })
	for _, l := range arrived {
		w.notify(l)
		if rng.IntN(12) == 0 {
			w.notify(l)
		}
	}
}

// takeIn passes a notification to the service. A genuine one is passed either with its content, as from a gateway whose
// signature was checked, or with its attempt alone. A forged one is passed with its attempt alone, unless the mutant
// trusts it.
func (w *world) takeIn(p *process, l letter) (subscription.Order, error) {
	ctx, attempt := context.Background(), subscription.AttemptID(l.result.Key)
	switch {
	case l.forged && w.mutant.trusts:
		app, id, err := attempt.Parse()
		if err != nil {
			return subscription.Order{}, err
		}
		o, err := p.service.Order(ctx, app, id)
		if err != nil {
			return subscription.Order{}, err
		}
		return p.service.Settle(ctx, attempt, payment.Result{Key: l.result.Key, Status: payment.Succeeded, Amount: o.Amount})
	case l.forged, mix(w.current.seed, 0, "notify "+l.result.Key)%2 == 0:
		return p.service.Notify(ctx, attempt)
	}
	w.verdicts[l.result.Key] = verdict{l.result.Status, w.now}
	return p.service.Settle(ctx, attempt, l.result)
}

// notify delivers one notification. If it fails, it is delivered again, a few times.
func (w *world) notify(l letter) {
	if l.reversal.ID != "" {
		w.notice(l)
		return
	}
	p := free(w.services, l.tries)
	if p == nil {
		w.post = append(w.post, l)
		return
	}
	w.figures.Notified++
	p.run(func() {
		order, err := w.takeIn(p, l)
		w.tracef("  notification of %s %s: order %s, %v", l.result.Key, l.result.Status, order.Status, err)
		switch {
		case err == nil:
		case w.tryAgain(err), errors.Is(err, subscription.ErrConflict), errors.Is(err, paymenttest.ErrNoAnswer),
			w.unknown(l.result.Key, err):
			l.tries++
			if l.tries < 4 || w.healthy {
				l.at = w.now.Add(time.Duration(l.tries) * time.Hour)
				w.post = append(w.post, l)
				return
			}
			w.figures.Lost++
		default:
			w.violatef("error", "", "notification of %s: %v", l.result.Key, err)
		}
	})
}
