// Package memory is the reference implementation of the store: everything in memory, gone with the
// process. It is for tests, examples and simulations, and for reading: whatever another store is
// unsure about, this one answers.
//
// Applications are spread over shards, each with its lock, so that different applications hardly
// ever wait for each other. No lock is held while a caller's code runs.
package memory
