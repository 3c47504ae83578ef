// Package wallet implements the rules of prepaid balances as pure functions of the stored records. A store of balances,
// in memory or in a database, reads a [Position] and the earlier result of the key, decides, and writes the returned
// balance and result.
//
// A database that decides in SQL reimplements [DecideCharge], [DecideRefund] and [Deposit.Decide]; the tests of package
// wallettest check that they agree.
package wallet
