// Package balance is a payment gateway that collects from prepaid account balances held in memory: the
// way a seller with a wallet works, the gateway of examples and tests, and the reference for durable ones.
// What is in it is gone with the process.
//
//	accounts := balance.New(nil)
//	err := accounts.Open(ctx, "acme")
//	err = accounts.Deposit(ctx, "acme", "wire-2025-06-01", amount)
//	result, err := accounts.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: price})
//
// # Balances that last
//
// The stores have the same gateway over their databases, with the same rules, errors and movements; it passes
// the same tests, and remembers every key for good:
//
//   - store/sqlite, (*Store).Accounts: for a service on one machine, which needs no other payment provider;
//   - store/postgres, (*Store).Accounts: for several machines.
//
// Use this package where nothing need survive: in tests, examples and simulations.
//
// # Accounts
//
// An account is opened once, with its payment method bound. Without one it can't be charged: that is a
// decline, [payment.NoPaymentMethod], like too small a balance, [payment.InsufficientBalance]. Currencies
// are kept apart and nothing is ever converted: dollars don't pay for euros.
//
// A balance is never negative and never beyond what [pricing.Money] can hold.
//
// # Keys
//
// Deposits, charges and refunds happen once per key, each kind with keys of its own, and are remembered
// for as long as the [Accounts] live; [Accounts.Retention] is 0, forever. A decline is final for its key,
// also after a deposit.
//
// # Audit
//
// Every change of a balance is a [Movement], and nothing else changes one. [Accounts.Journal] yields all
// of them, oldest first, [Accounts.Statement] those of one account; their amounts sum to its balance.
//
// # Errors
//
// Charge, Lookup and Refund keep the contract of [payment.Gateway]. Here an error also means that nothing
// was moved, because nothing can get lost on the way to a map; callers that rely on it give up changing
// the gateway later.
package balance
