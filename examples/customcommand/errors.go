package customcommand

import "github.com/prepaidkit/prepaid/subscription"

// Why a command of this package isn't possible. Nothing is changed then. They are wrapped with the details of each case; test for
// them with errors.Is. [subscription.CodeOf] returns their codes.
var (
	// ErrVoucher means that a voucher can't be right: its code is empty, or it takes off nothing or everything. The code is
	// "voucher_invalid".
	ErrVoucher error = refusal{"voucher_invalid", "the voucher isn't valid"}
	// ErrVoucherExpired has the code "voucher_expired".
	ErrVoucherExpired error = refusal{"voucher_expired", "the voucher has expired"}
	// ErrVoucherUsed means that the application has redeemed the voucher, or is about to pay for it. The code is
	// "voucher_used".
	ErrVoucherUsed error = refusal{"voucher_used", "the voucher was used"}
	// ErrReason means that no reason was given. The code is "reason_required".
	ErrReason error = refusal{"reason_required", "a pause needs a reason"}
)

// refusal is an error with a code.
type refusal struct {
	code subscription.Code
	text string
}

func (r refusal) Error() string { return "customcommand: " + r.text }

// Code returns the code for [subscription.CodeOf].
func (r refusal) Code() subscription.Code { return r.code }
