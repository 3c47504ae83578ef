package subscription

import (
	"errors"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
)

// Code is the stable name of an error, for customers, other programs and metrics. Error texts may change; codes
// don't. The table at [CodeOf] and [Internal] are the complete list for the errors of packages subscription, payment
// and pricing. A code is added only together with a new error, so handle those that you don't know like Internal. To
// act on an error in Go, use errors.Is rather than its code.
type Code string

// Internal is the code of an error that has no other: a failure of the store, the gateway or the network, or a
// context that ended. The outcome may be unknown; repeat the request with its key.
const Internal Code = "internal"

// coded lists errors with their codes, in the order in which CodeOf tries them.
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
	{ErrNotChangeable, "not_changeable"},
	{ErrNotRefundable, "not_refundable"},
	{ErrClosed, "closed"},
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
	{pricing.ErrUnknownRegion, "unknown_region"},
	{pricing.ErrTax, "invalid_tax"},
	{pricing.ErrBelowLeast, "below_least"},
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

// CodeOf returns the code of err: the code of the first error in this table that err matches, "" if err is nil, and
// [Internal] for any other error. An error of another package can supply its own code through a method Code() Code,
// which errors.As must find.
//
//	code                   error                         what to do
//	payment_pending        ErrPaymentPending             wait, or repeat with the same key
//	declined               ErrDeclined                   show the reason of the *OrderError; a new request needs a new key
//	review                 ErrReview                     wait: a person decides
//	refunded               ErrRefunded                   tell the customer that the money is being returned
//	canceled               ErrCanceled                   order again with a new key, if still wanted
//	exhausted              ErrExhausted                  sell a pack or an upgrade, or enable pay-as-you-go
//	invariant              ErrInvariant                  report a bug in the command; nothing was changed
//	too_large              ErrTooLarge                   wait until orders, lots or reservations have ended
//	refused_by_store       ErrRefused                    check the database's triggers and policies, then retry
//	key_reused             ErrKeyReused                  use a new key for another request
//	id_reused              ErrIDReused                   use a new ID for another usage record
//	gateway_key_conflict   payment.ErrKeyConflict        find out who else uses these keys at the gateway
//	quote_stale            ErrQuoteStale                 quote again and show the new price
//	no_order               ErrNoOrder                    run the command without a quote
//	already_subscribed     ErrAlreadySubscribed          offer an upgrade or a renewal
//	order_open             ErrOrderOpen                  complete or cancel the open order
//	not_on_sale            ErrNotOnSale                  offer another version
//	trial_limit            ErrTrialLimit                 offer a paid version
//	offer                  ErrOffer                      quote the list price
//	agreement_required     ErrAgreementRequired          show the agreement in force and ask for acceptance
//	not_eligible           ErrNotEligible                see your eligibility hook
//	not_upgradable         ErrNotUpgradable              purchase or renew instead
//	not_higher             ErrNotHigher                  offer a higher version
//	period_ended           ErrPeriodEnded                renew or purchase first
//	no_auto_renew          ErrNoAutoRenew                nothing: it can't renew automatically
//	not_changeable         ErrNotChangeable              offer an upgrade, or a purchase after the end
//	not_refundable         ErrNotRefundable              have a person decide
//	closed                 ErrClosed                     create another application for a customer who comes again
//	arrears                ErrArrears                    have the usage paid first
//	credit_limit           ErrCreditLimit                have the usage paid first
//	too_early              ErrTooEarly                   send the record again later
//	too_late               ErrTooLate                    nothing: the day is closed and the record isn't counted
//	clock                  ErrClock                      correct the machine's clock
//	unknown_product        pricing.ErrUnknownProduct     refresh the catalog data that you show
//	unknown_version        pricing.ErrUnknownVersion     refresh the catalog data that you show
//	offer                  pricing.ErrUnknownOffer       refresh the catalog data that you show
//	unknown_pack           pricing.ErrUnknownPack        refresh the catalog data that you show
//	unknown_kind           pricing.ErrUnknownKind        add the kind to the catalog, then send the record again
//	unknown_free           pricing.ErrUnknownFree        refresh the catalog data that you show
//	unknown_region         pricing.ErrUnknownRegion      add the customer's tax region to the catalog
//	invalid_tax            pricing.ErrTax                correct the tax rates
//	below_least            pricing.ErrBelowLeast         order more, or nothing
//	pack_size              pricing.ErrPackSize           request a size that is sold
//	no_price               pricing.ErrNoPrice            offer another term or currency
//	zero_price             pricing.ErrZeroPrice          request a larger size
//	currency_mismatch      pricing.ErrCurrencyMismatch   use the subscription's currency
//	unknown_currency       pricing.ErrCurrency           send an ISO 4217 code
//	precision              pricing.ErrPrecision          send no more decimals than the currency has
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
//	conflict               ErrConflict                   retry
//	not_found              ErrNotFound                   create it, or correct the ID
//	exists                 ErrExists                     nothing: it's already done
//	invalid                ErrInvalid                    correct the request
//	payment_invalid        payment.ErrInvalid            correct the request or the gateway
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
	for _, c := range coded {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	if _, ok := errors.AsType[*pricing.CatalogError](err); ok {
		return "catalog"
	}
	return Internal
}
