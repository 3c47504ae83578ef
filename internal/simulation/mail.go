package simulation

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/subscription"
)

// letter is a notification on its way from the gateway.
type letter struct {
	result payment.Result
	at     time.Time // when it arrives
	tries  int
}

// deliver fetches the gateway's notifications, and brings those that have arrived to the service: late, in any
// order, some twice, some never.
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
		delay := time.Duration(rng.Int64N(int64(6 * time.Hour)))
		if rng.IntN(10) == 0 {
			delay *= 40
		}
		w.post = append(w.post, letter{result: r, at: w.now.Add(delay)})
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

// notify brings one notification; what couldn't be taken in is brought again, a few times.
func (w *world) notify(l letter) {
	p := free(w.services, l.tries)
	if p == nil {
		w.post = append(w.post, l)
		return
	}
	w.figures.Notified++
	p.run(func() {
		w.verdicts[l.result.Key] = verdict{l.result.Status, w.now}
		receipt, err := p.service.Settle(context.Background(), subscription.AttemptID(l.result.Key), l.result)
		w.tracef("  notification of %s %s: order %s, %v", l.result.Key, l.result.Status, receipt.Order.Status, err)
		switch {
		case err == nil:
		case w.tryAgain(err), errors.Is(err, subscription.ErrConflict), w.unknown(l.result.Key, err):
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
