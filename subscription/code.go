package subscription

import (
	"errors"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Code is the stable name of an error, for customers, other programs and metrics. Texts may change, codes don't.
type Code string

// Internal is the code of an error that has none: a fault of the store, the gateway, the network or a context that ended.
// Its outcome may be unknown: repeat the request with its key.
const Internal Code = "internal"

// coded are errors with their codes, in the order in which they are looked for.
//
//nolint:gochecknoglobals // a table that is never written
var coded = []struct {
	err  error
	code Code
}{
	{ErrPaymentPending, "payment_pending"},
	{ErrDeclined, "declined"},
	{ErrReview, "review"},
	{ErrRefunded, "refunded"},
	{ErrCanceled, "canceled"},
	{ErrExhausted, "exhausted"},
	{ErrInvariant, "invariant"},
	{ErrTooLarge, "too_large"},
	{ErrRefused, "refused_by_store"},
	{ErrKeyReused, "key_reused"},
	{ErrIDReused, "id_reused"},
	{payment.ErrKeyConflict, "gateway_key_conflict"},
	{ErrQuoteStale, "quote_stale"},
	{ErrNoOrder, "no_order"},
	{ErrAlreadySubscribed, "already_subscribed"},
	{ErrOrderOpen, "order_open"},
	{ErrNotOnSale, "not_on_sale"},
	{ErrTrialLimit, "trial_limit"},
	{ErrOffer, "offer"},
	{ErrAgreementRequired, "agreement_required"},
	{ErrNotEligible, "not_eligible"},
	{ErrNotUpgradable, "not_upgradable"},
	{ErrNotHigher, "not_higher"},
	{ErrPeriodEnded, "period_ended"},
	{ErrNoAutoRenew, "no_auto_renew"},
	{ErrNotRefundable, "not_refundable"},
	{ErrArrears, "arrears"},
	{ErrCreditLimit, "credit_limit"},
	{ErrTooEarly, "too_early"},
	{ErrTooLate, "too_late"},
	{ErrClock, "clock"},
	{pricing.ErrUnknownProduct, "unknown_product"},
	{pricing.ErrUnknownVersion, "unknown_version"},
	{pricing.ErrUnknownOffer, "offer"},
	{pricing.ErrUnknownPack, "unknown_pack"},
	{pricing.ErrUnknownKind, "unknown_kind"},
	{pricing.ErrUnknownFree, "unknown_free"},
	{pricing.ErrPackSize, "pack_size"},
	{pricing.ErrNoPrice, "no_price"},
	{pricing.ErrZeroPrice, "zero_price"},
	{pricing.ErrCurrencyMismatch, "currency_mismatch"},
	{pricing.ErrCurrency, "unknown_currency"},
	{pricing.ErrPrecision, "precision"},
	{pricing.ErrOverflow, "out_of_range"},
	{pricing.ErrNegative, "negative"},
	{pricing.ErrRatio, "invalid_ratio"},
	{pricing.ErrRounding, "unknown_rounding"},
	{pricing.ErrDayCount, "unknown_day_count"},
	{pricing.ErrDate, "invalid_date"},
	{pricing.ErrTerm, "invalid_term"},
	{pricing.ErrZone, "unknown_zone"},
	{pricing.ErrOutsidePeriod, "outside_period"},
	{pricing.ErrSyntax, "syntax"},
	{ErrConflict, "conflict"},
	{ErrNotFound, "not_found"},
	{ErrExists, "exists"},
	{ErrInvalid, "invalid"},
	{payment.ErrInvalid, "payment_invalid"},
}

// CodeOf returns the code of an error: that of the first error of this table that it matches, "" for nil, and [Internal] for
// any other. An error of another package names its own with a method Code() Code, which errors.As finds.
//
//	code                   error                         what to do
//	payment_pending        ErrPaymentPending             wait, or repeat with the same key
//	declined               ErrDeclined                   show the reason of the *OrderError; a new request needs a new key
//	review                 ErrReview                     a person decides; nothing else to do
//	refunded               ErrRefunded                   tell the customer that the money goes back
//	canceled               ErrCanceled                   order again if it is still wanted, with a new key
//	exhausted              ErrExhausted                  sell a pack or an upgrade, or enable pay-as-you-go
//	invariant              ErrInvariant                  report a defect of the command; nothing was changed
//	too_large              ErrTooLarge                   wait until orders, lots or reservations have ended
//	refused_by_store       ErrRefused                    look at the database's triggers and policies, then repeat
//	key_reused             ErrKeyReused                  use a new key for another request
//	id_reused              ErrIDReused                   use a new ID for another usage record
//	gateway_key_conflict   payment.ErrKeyConflict        look for who else uses the gateway's keys
//	quote_stale            ErrQuoteStale                 quote again and show the new price
//	no_order               ErrNoOrder                    run the command without a quote
//	already_subscribed     ErrAlreadySubscribed          offer an upgrade or a renewal
//	order_open             ErrOrderOpen                  complete or cancel the open order
//	not_on_sale            ErrNotOnSale                  offer another version
//	trial_limit            ErrTrialLimit                 offer a paid version
//	offer                  ErrOffer                      quote the list price
//	agreement_required     ErrAgreementRequired          show the agreement in force and ask for acceptance
//	not_eligible           ErrNotEligible                what the eligibility hook means by it
//	not_upgradable         ErrNotUpgradable              purchase or renew instead
//	not_higher             ErrNotHigher                  offer a higher version
//	period_ended           ErrPeriodEnded                renew or purchase first
//	no_auto_renew          ErrNoAutoRenew                nothing: it never renews itself
//	not_refundable         ErrNotRefundable              a person decides
//	arrears                ErrArrears                    have the usage paid first
//	credit_limit           ErrCreditLimit                have the usage paid first
//	too_early              ErrTooEarly                   send the record again later
//	too_late               ErrTooLate                    the day is closed: it isn't counted
//	clock                  ErrClock                      set the machine's clock
//	unknown_product        pricing.ErrUnknownProduct     refresh what is shown from the catalog
//	unknown_version        pricing.ErrUnknownVersion     likewise
//	offer                  pricing.ErrUnknownOffer       likewise
//	unknown_pack           pricing.ErrUnknownPack        likewise
//	unknown_kind           pricing.ErrUnknownKind        add the kind to the catalog, then send the record again
//	unknown_free           pricing.ErrUnknownFree        refresh what is shown from the catalog
//	pack_size              pricing.ErrPackSize           ask for a size that is sold
//	no_price               pricing.ErrNoPrice            offer another term or currency
//	zero_price             pricing.ErrZeroPrice          ask for a larger size
//	currency_mismatch      pricing.ErrCurrencyMismatch   use the subscription's currency
//	unknown_currency       pricing.ErrCurrency           send an ISO 4217 code
//	precision              pricing.ErrPrecision          send no more digits than the currency has
//	out_of_range           pricing.ErrOverflow           send a smaller value
//	negative               pricing.ErrNegative           send a value that isn't negative
//	invalid_ratio          pricing.ErrRatio              correct the value
//	unknown_rounding       pricing.ErrRounding           correct the value
//	unknown_day_count      pricing.ErrDayCount           correct the value
//	invalid_date           pricing.ErrDate               correct the value
//	invalid_term           pricing.ErrTerm               correct the value
//	unknown_zone           pricing.ErrZone               correct the value
//	outside_period         pricing.ErrOutsidePeriod      correct the instant
//	syntax                 pricing.ErrSyntax             correct the text
//	conflict               ErrConflict                   repeat
//	not_found              ErrNotFound                   create it, or correct the identifier
//	exists                 ErrExists                     nothing: it is done already
//	invalid                ErrInvalid                    correct the request
//	payment_invalid        payment.ErrInvalid            correct the request, or the gateway
//	catalog                *pricing.CatalogError         correct the catalog
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if own, ok := errors.AsType[interface {
		error
		Code() Code
	}](err); ok {
		return own.Code()
	}
	if _, ok := errors.AsType[*pricing.CatalogError](err); ok {
		return "catalog"
	}
	for _, c := range coded {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return Internal
}
