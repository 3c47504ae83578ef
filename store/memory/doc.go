// Package memory is the reference implementation of the store. It keeps everything in memory, and its contents are lost
// when the process exits. It is for tests, examples and simulations, and documents the exact behavior that other stores
// must have.
//
//	service, err := subscription.NewService(memory.New(), balance.New(nil), subscription.StaticCatalog(cat), nil)
//
// Applications are distributed over shards, each with its own lock, so different applications rarely wait for each
// other. No lock is held while a caller's code runs.
package memory
