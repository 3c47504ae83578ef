// Package scene is what the benchmarks of stores have in common: a small catalog, a gateway that collects everything
// at once, applications as a service makes them, and a recorder of what a store is asked for, so that hand-written SQL
// can be asked for the same.
package scene
