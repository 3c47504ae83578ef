package subscription

import (
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// AutoTopUp is a standing order for a pack, used when a product's minutes run low. Not used yet.
type AutoTopUp struct {
	Product   pricing.ProductID `json:"product"`
	Pack      pricing.PackID    `json:"pack"`
	Currency  pricing.Currency  `json:"currency"`
	Quantity  int               `json:"quantity"`           // for a fixed pack
	Minutes   int64             `json:"minutes,omitzero"`   // for a custom pack
	Below     Quantity          `json:"below"`              // order when less than this is left
	PerPeriod int               `json:"per_period"`         // maximum number
	Agreement string            `json:"agreement,omitzero"` // version accepted with it
	Number    int               `json:"number,omitzero"`    // number of orders it ever placed
	Since     time.Time         `json:"since,omitzero"`     // start of the period that Bought is counted in
	Bought    int               `json:"bought,omitzero"`    // in that period
	// Stopped is the reason for a decline that stopped automatic orders until the customer acts.
	Stopped payment.Reason `json:"stopped,omitzero"`
}
