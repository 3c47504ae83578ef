package stripe

import (
	stripego "github.com/stripe/stripe-go/v85"

	"github.com/prepaidkit/prepaid/payment"
)

// reasonOf returns the reason for a decline. What isn't known is [payment.Other], which is soft.
func reasonOf(e *stripego.Error) payment.Reason {
	if reason := declineReason(e.DeclineCode); reason != payment.Other {
		return reason
	}
	switch e.Code { //nolint:exhaustive // most codes are about requests
	case stripego.ErrorCodeAuthenticationRequired, stripego.ErrorCodePaymentIntentAuthenticationFailure:
		return payment.NeedsAuthentication
	case stripego.ErrorCodeExpiredCard, stripego.ErrorCodeInvalidExpiryMonth, stripego.ErrorCodeInvalidExpiryYear:
		return payment.ExpiredMethod
	case stripego.ErrorCodeInsufficientFunds:
		return payment.InsufficientBalance
	case stripego.ErrorCodeIncorrectNumber, stripego.ErrorCodeInvalidNumber, stripego.ErrorCodeResourceMissing:
		return payment.NoPaymentMethod
	case stripego.ErrorCodeProcessingError, stripego.ErrorCodePaymentMethodProviderTimeout,
		stripego.ErrorCodePaymentMethodNotAvailable, stripego.ErrorCodeCardDeclineRateLimitExceeded:
		return payment.TryLater
	}
	if uncharged(e.Code) {
		return payment.NoPaymentMethod
	}
	return payment.Other
}

// uncharged reports whether a code says that the provider can't charge such a payment method.
func uncharged(code stripego.ErrorCode) bool {
	switch code { //nolint:exhaustive // most codes are about something else
	case stripego.ErrorCodePaymentIntentIncompatiblePaymentMethod, stripego.ErrorCodePaymentMethodCurrencyMismatch,
		stripego.ErrorCodePaymentMethodUnsupportedType, stripego.ErrorCodePaymentMethodUnexpectedState,
		stripego.ErrorCodePaymentMethodUnactivated:
		return true
	}
	return false
}

// declineReason maps the issuer's code. The hard ones are those after which another attempt with the same card is
// pointless or forbidden by the networks.
func declineReason(code stripego.DeclineCode) payment.Reason {
	switch code { //nolint:exhaustive // what isn't named is soft
	case stripego.DeclineCodeInsufficientFunds, stripego.DeclineCodeCardVelocityExceeded,
		stripego.DeclineCodeWithdrawalCountLimitExceeded:
		return payment.InsufficientBalance
	case stripego.DeclineCodeExpiredCard, stripego.DeclineCodeInvalidExpiryMonth, stripego.DeclineCodeInvalidExpiryYear:
		return payment.ExpiredMethod
	case stripego.DeclineCodeLostCard, stripego.DeclineCodeStolenCard, stripego.DeclineCodePickupCard:
		return payment.LostOrStolen
	case stripego.DeclineCodeFraudulent, stripego.DeclineCodeMerchantBlacklist, stripego.DeclineCodeRestrictedCard,
		stripego.DeclineCodeSecurityViolation:
		return payment.Suspected
	case stripego.DeclineCodeDoNotTryAgain, stripego.DeclineCodeRevocationOfAllAuthorizations,
		stripego.DeclineCodeRevocationOfAuthorization, stripego.DeclineCodeStopPaymentOrder, stripego.DeclineCodeInvalidAccount,
		stripego.DeclineCodeIncorrectNumber, stripego.DeclineCodeInvalidNumber, stripego.DeclineCodeCardNotSupported:
		return payment.NoPaymentMethod
	case stripego.DeclineCodeAuthenticationRequired, stripego.DeclineCodeOfflinePINRequired,
		stripego.DeclineCodeOnlineOrOfflinePINRequired:
		return payment.NeedsAuthentication
	case stripego.DeclineCodeIssuerNotAvailable, stripego.DeclineCodeProcessingError, stripego.DeclineCodeReenterTransaction,
		stripego.DeclineCodeTryAgainLater, stripego.DeclineCodeApproveWithID:
		return payment.TryLater
	}
	return payment.Other
}
