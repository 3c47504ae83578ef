package subscription

import (
	"slices"

	"github.com/prepaidkit/prepaid/pricing"
)

// TaxFacts is the tax information recorded for a customer.
type TaxFacts struct {
	Region pricing.RegionID  `json:"region,omitzero"` // the region whose catalog rates apply
	Exempt string            `json:"exempt,omitzero"` // why no tax applies; "" if taxes do
	Number string            `json:"number,omitzero"` // the customer's tax number
	Rates  []pricing.TaxRate `json:"rates,omitempty"` // for this customer alone, instead of the region's
}

// IsZero reports whether nothing is recorded.
func (t TaxFacts) IsZero() bool {
	return t.Region == "" && t.Exempt == "" && t.Number == "" && len(t.Rates) == 0
}

// Equal reports whether t and u are the same.
func (t TaxFacts) Equal(u TaxFacts) bool {
	return t.Region == u.Region && t.Exempt == u.Exempt && t.Number == u.Number && slices.Equal(t.Rates, u.Rates)
}
