// Package audit checks what a store contains against what the library promises. It compares the orders and minutes
// with a replay of the events, with the gateway's ledger, and with the answers that customers got. It computes days,
// minutes, and the order of periods a second time, independently, so that a wrong rule isn't checked against itself.
//
// The simulation and the fault harness audit their own runs; [Evidence] is what they know about a run.
package audit
