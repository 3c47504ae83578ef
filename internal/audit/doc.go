// Package audit checks what a store has against what the library promises: its orders and minutes against a replay of its
// events, against the gateway's ledger, and against what customers were answered. Days, minutes and the order of periods are
// computed a second time, by hand, so that a wrong rule isn't checked against itself.
//
// The simulation and the fault harness audit what they did; [Evidence] is what they know.
package audit
