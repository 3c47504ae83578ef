// Package wallettest tests implementations of account balances. It tests the contract of a gateway, the additional
// guarantees of package balance, and those of a database: durable results, several processes, and canceled requests.
//
// The reference is payment/balance. A random walk of requests must have the same outcome in both.
package wallettest
