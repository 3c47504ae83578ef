package subscription

import (
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// AutoTopUp is a standing order of a pack for a product whose minutes run low.
type AutoTopUp struct {
	Product   pricing.ProductID `json:"product"`
	Pack      pricing.PackID    `json:"pack"`
	Currency  pricing.Currency  `json:"currency"`
	Quantity  int               `json:"quantity"`           // of a fixed pack
	Minutes   int64             `json:"minutes,omitzero"`   // of a custom pack
	Below     Quantity          `json:"below"`              // it is ordered when less is left
	PerPeriod int               `json:"per_period"`         // at most so many
	Agreement string            `json:"agreement,omitzero"` // the version accepted with it
	Number    int               `json:"number,omitzero"`    // orders ever placed by it
	Since     time.Time         `json:"since,omitzero"`     // the start of the period that Bought is counted in
	Bought    int               `json:"bought,omitzero"`    // in that period
	// Stopped is the reason of a decline after which nothing is ordered until the customer acts.
	Stopped payment.Reason `json:"stopped,omitzero"`
}
