package modeltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store"
	"github.com/prepaidkit/prepaid/subscription"
	"github.com/prepaidkit/prepaid/topup"
)

// The scale of the concurrency: the number of rounds, each with its own application, of callers, and of services. There
// are fewer services than callers, so most callers meet in the store and some in a service.
const (
	rounds   = 12
	callers  = 6
	services = 3
	requests = 10
	patience = 30 * time.Second // to check one history
)

// linearizable uses, reserves, releases and reads the minutes of one application from many goroutines at once, for
// several rounds. It fails unless the results of each round have an order in which a single caller would get the same
// results.
func linearizable(ctx context.Context, st store.Store) error {
	for round := range rounds {
		app := subscription.ApplicationID(fmt.Sprintf("round %d", round))
		history, err := perform(ctx, st, app)
		if err != nil {
			return err
		}
		switch porcupine.CheckOperationsTimeout(meter(), history, patience) {
		case porcupine.Ok:
		case porcupine.Illegal:
			return fmt.Errorf("the results of %d concurrent requests have no order:\n%s", len(history), describe(history))
		case porcupine.Unknown:
			return fmt.Errorf("%d concurrent requests: not checked within %s", len(history), patience)
		}
		stored, err := st.Load(ctx, subscription.Read{Application: app})
		if err != nil {
			return err
		}
		l, err := readLedger(st.Entries(ctx, app))
		if err == nil {
			err = l.agrees(stored[0].Application)
		}
		if err != nil {
			return fmt.Errorf("after %d concurrent requests: %w", len(history), err)
		}
	}
	return nil
}

// perform opens an application with minutes in several lots, makes concurrent requests, and returns the requests and
// answers.
func perform(ctx context.Context, st store.Store, app subscription.ApplicationID) ([]porcupine.Operation, error) {
	now := opening()
	shop, err := openShop(ctx, st, false, func() time.Time { return now })
	if err != nil {
		return nil, err
	}
	first := shop.service(st)
	for i, cmd := range []subscription.Command{
		subscription.Create{Account: payer},
		subscription.Purchase{Product: "call", Version: "small", Term: pricing.Months(1), Currency: "USD", Agreement: accepted},
		topup.Buy{Pack: "call-20", Currency: "USD"}, topup.Buy{Pack: "any-30", Currency: "USD"},
	} {
		if _, err := first.Do(ctx, app, cmd, fmt.Sprintf("open %d", i)); err != nil {
			return nil, err
		}
	}
	open := make([]*subscription.Service, services)
	for i := range open {
		open[i] = shop.service(hesitant{st})
	}
	var clock atomic.Int64
	var wg sync.WaitGroup
	histories, errs := make([][]porcupine.Operation, callers), make([]error, callers)
	start := make(chan struct{})
	for i := range callers {
		wg.Go(func() {
			<-start
			for n := range requests {
				in := draw(now, fmt.Sprintf("caller %d, request %d", i, n))
				call := clock.Add(1)
				out, err := in.ask(ctx, open[i%services], app)
				if err != nil {
					errs[i] = fmt.Errorf("%s: %w", in, err)
					return
				}
				histories[i] = append(histories[i], porcupine.Operation{
					ClientId: i, Input: in, Call: call, Output: out, Return: clock.Add(1),
				})
			}
		})
	}
	close(start)
	wg.Wait()
	var history []porcupine.Operation
	for i := range callers {
		if errs[i] != nil {
			return nil, errs[i]
		}
		history = append(history, histories[i]...)
	}
	return history, nil
}

// hesitant pauses after a load, so callers overlap on any store, however fast it is.
type hesitant struct{ subscription.Store }

func (h hesitant) Load(ctx context.Context, reads ...subscription.Read) ([]subscription.Snapshot, error) {
	snapshots, err := h.Store.Load(ctx, reads...)
	select {
	case <-ctx.Done():
	case <-time.After(rand.N(300 * time.Microsecond)):
	}
	return snapshots, err
}
