package renewal

import (
	"fmt"

	"github.com/prepaidkit/prepaid/subscription"
)

// topUps places the orders of automatic top-ups that are due. If that failed in an earlier pass, the failure is recorded
// and retried later, and does not block the rest of the application. It returns the one that fails.
func (r *round) topUps() (failed string, err error) {
	for i := range r.app.AutoTopUps {
		t := &r.app.AutoTopUps[i]
		step := "top-up of " + string(t.Product)
		if why, failed := r.failed[step]; failed {
			t.HeldUntil = r.now.Add(r.policy.FailureBackoff)
			r.draft.AddEvent(subscription.Event{
				Type: subscription.EventDecisionFailed, Kind: subscription.TopUpOrder, Product: t.Product,
				Note: fmt.Sprintf("%s: %v", step, why),
			})
			continue
		}
		if err := r.draft.TopUp(t.Product, r.policy.TopUpDelays, r.catalog); err != nil {
			return step, err
		}
	}
	return "", nil
}
