package simulation

import "github.com/prepaidkit/prepaid/subscription"

// minimize removes actions as long as the remaining ones still fail.
func minimize(actions []action, app subscription.ApplicationID, fails func([]action) bool) []action {
	if app != "" {
		var own []action
		for _, a := range actions {
			switch a.kind {
			case createApplication, makeRequest, repeatRequest, confirmQuote, depositMoney, switchMethod, useMinutes, sendAgain,
				refundMoney, staffActs:
				if applicationID(a.app) != app {
					continue
				}
			case work, deliverMail, changeCatalog, operate, stepClock, setClock, restoreBackup, tell, reverseMoney:
			}
			own = append(own, a)
		}
		if fails(own) {
			actions = own
		}
	}
	for size := (len(actions) + 1) / 2; size > 0; size /= 2 {
		for from := 0; from < len(actions); {
			shorter := append(append([]action(nil), actions[:from]...), actions[min(from+size, len(actions)):]...)
			if len(shorter) < len(actions) && fails(shorter) {
				actions = shorter
			} else {
				from += size
			}
		}
	}
	return actions
}
