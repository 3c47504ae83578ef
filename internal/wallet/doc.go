// Package wallet has the rules of prepaid balances, as pure functions of what is on record. Whoever keeps the
// record, in memory or in a database, reads a [Position] and what was made of a key before, decides, and writes the
// balance and the result that come back.
//
// A database that decides in SQL restates [DecideCharge], [DecideRefund] and [Deposit.Decide], and is held to them
// by the tests of package wallettest.
package wallet
