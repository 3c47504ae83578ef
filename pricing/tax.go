package pricing

// RegionID names a region of the catalog whose taxes apply to a customer.
type RegionID string

// TaxRate is a tax and its rate from a day on.
type TaxRate struct {
	Name    string `json:"name"`
	Percent Rate   `json:"percent"`
	From    Date   `json:"from,omitzero"` // the first day on which it applies; zero: always
}

// Tax is what one tax makes of an amount.
type Tax struct {
	Name    string `json:"name"`
	Percent Rate   `json:"percent"`
	Base    Money  `json:"base"` // that it is computed from
	Amount  Money  `json:"amount"`
}
