package subscription

// What [Settle] and [Service.Consume] decide, one by one.
var (
	SettleCharge  = settleCharge
	SettleRefund  = settleRefund
	SettleUnknown = settleUnknown
	DecideUsage   = decideUsage
)
