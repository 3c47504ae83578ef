package subscription

import "time"

// DecideUsage is the decision of [Service.Consume].
var DecideUsage = decideUsage

// SettleUnknown settles an order whose outcome the gateway can no longer tell.
func SettleUnknown(s Snapshot, id OrderID, now time.Time) (Change, error) {
	d := Begin(s, now)
	o, err := d.order(id)
	if err != nil {
		return Change{}, err
	}
	d.settleUnknown(o)
	return d.Change(), nil
}
