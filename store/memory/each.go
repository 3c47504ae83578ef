package memory

import (
	"runtime"
	"sync"
)

// few is the size below which a batch isn't worth distributing over processors.
const few = 128

// each calls do for 0 to n-1, using all processors if n is large.
func each(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/few)
	if workers <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := w; i < n; i += workers {
				do(i)
			}
		})
	}
	wait.Wait()
}
