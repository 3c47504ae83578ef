package sqlite_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/prepaidkit/prepaid/internal/scene"
)

// A transaction that waits for others keeps nobody for long: not the last caller of several, nor the store's end.
func TestNobodyIsWaitedForLong(t *testing.T) {
	const rounds = 20
	s := scene.New(t)
	st := open(t, t.TempDir()+"/a.db", nil)
	s.Sell(st, callers)
	service := s.Service(st)
	consume := func(caller, round int) {
		results, err := service.Consume(context.Background(), scene.App(caller), s.Usage(round, 1)...)
		if err != nil || !results[0].Counted {
			t.Errorf("%v, %v", results, err)
		}
	}
	var wait sync.WaitGroup
	for caller := range callers {
		wait.Go(func() {
			for round := range rounds {
				consume(caller, round)
			}
		})
	}
	wait.Wait()
	began := time.Now()
	consume(0, rounds)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("a single call after many took %s", took)
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
}
