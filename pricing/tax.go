package pricing

// RegionID identifies a region of the catalog, whose taxes apply to a customer.
type RegionID string

// TaxRate is a tax and its rate from a given day.
type TaxRate struct {
	Name    string `json:"name"`
	Percent Rate   `json:"percent"`
	From    Date   `json:"from,omitzero"` // the first day on which it applies; zero: always
}

// Tax is the result of applying one tax to an amount.
type Tax struct {
	Name    string `json:"name"`
	Percent Rate   `json:"percent"`
	Base    Money  `json:"base"` // the taxed amount
	Amount  Money  `json:"amount"`
}
