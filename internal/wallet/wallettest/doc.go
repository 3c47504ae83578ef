// Package wallettest tests account balances, wherever they are kept: the contract of a gateway, what package
// balance promises beside it, and what a database adds: results that outlive the process, several processes, and
// requests that are given up on their way.
//
// The reference is payment/balance. A random walk of requests must have the same outcome in both.
package wallettest
