package stripe

import (
	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// ReasonOf is the reason for a failure that has a code and no issuer's code.
func ReasonOf(code string) payment.Reason {
	return reasonOf(&stripego.Error{Code: stripego.ErrorCode(code)})
}

// Money is what an amount in the provider's minor units is.
func Money(amount int64, currency string) (pricing.Money, error) {
	return money(amount, stripego.Currency(currency))
}
