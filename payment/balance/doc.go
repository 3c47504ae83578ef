// Package balance is a payment gateway that collects from prepaid account balances held in memory. It works like a
// seller's own wallet. It serves examples and tests, and is the reference for durable gateways. Its contents are lost
// when the process exits.
//
//	accounts := balance.New(nil)
//	err := accounts.Open(ctx, "acme")
//	err = accounts.Deposit(ctx, "acme", "wire-2025-06-01", amount)
//	result, err := accounts.Charge(ctx, payment.Charge{Key: "order-1", Account: "acme", Amount: price})
//
// # Durable balances
//
// The stores provide the same gateway on their databases, with the same rules, errors and movements. It passes the same
// tests and never forgets a key:
//
//   - store/sqlite, (*Store).Accounts: for a service on one machine that needs no other payment provider;
//   - store/postgres, (*Store).Accounts: for several machines.
//
// Use this package where nothing needs to be durable: in tests, examples and simulations.
//
// # Accounts
//
// An account is opened once, with a payment method. An account without one can't be charged: the charge is declined
// with [payment.NoPaymentMethod], just as it is declined with [payment.InsufficientBalance] if the balance is too
// small. Currencies are separate and are never converted: dollars don't pay for euros.
//
// A balance is never negative and never exceeds the range of [pricing.Money].
//
// # Keys
//
// Deposits, charges and refunds happen once per key. Each kind has its own keys, which are remembered for the lifetime
// of the [Accounts]; [Accounts.Retention] is 0, forever. A decline is final for its key, even after a deposit.
//
// # Audit
//
// Every change of a balance is a [Movement], and nothing else changes a balance. [Accounts.Journal] yields all
// movements, oldest first; [Accounts.Statement] yields those of one account. The movements of an account sum to its
// balance.
//
// # Errors
//
// Charge, Lookup and Refund satisfy the contract of [payment.Gateway]. In this package an error also means that nothing
// moved, since no request can be lost. A caller that relies on this cannot switch to another gateway later.
package balance
