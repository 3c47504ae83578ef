package payment_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/balance"
	"github.com/prepaidkit/prepaid/payment/paymenttest"
	"github.com/prepaidkit/prepaid/pricing"
)

func usd(cents int64) pricing.Money {
	m, err := pricing.FromMinor(cents, "USD")
	if err != nil {
		fmt.Println(err)
	}
	return m
}

// A timeout is not a failure: the money may have been collected. Repeating the request with the same key reveals the
// outcome.
func ExampleGateway() {
	ctx := context.Background()
	accounts := balance.New(nil)
	if err := accounts.Open(ctx, "acme"); err != nil {
		fmt.Println(err)
	}
	if err := accounts.Deposit(ctx, "acme", "wire-1", usd(50000)); err != nil {
		fmt.Println(err)
	}
	var gateway payment.Gateway = paymenttest.NewHostile(accounts, &paymenttest.HostileOptions{
		Plan: paymenttest.Script(paymenttest.TimeoutAfter, paymenttest.TimeoutBefore),
	})

	charge := payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(19900), Order: "order-1"}
	for {
		result, err := gateway.Charge(ctx, charge)
		if err != nil {
			fmt.Println("unknown:", err)
			continue // in production: later, and only within gateway.Retention()
		}
		fmt.Println(result.Status, result.Amount)
		break
	}
	left, err := accounts.Balance(ctx, "acme", "USD")
	fmt.Println("left:", left, err)
	// Output:
	// unknown: paymenttest: no answer from the gateway: charge "order-1/1"
	// unknown: paymenttest: no answer from the gateway: charge "order-1/1"
	// succeeded 199.00 USD
	// left: 301.00 USD <nil>
}

func ExampleCharge_Validate() {
	free := payment.Charge{Key: "order-1/1", Account: "acme", Amount: usd(0)}
	err := free.Validate()
	fmt.Println(err, errors.Is(err, payment.ErrInvalid))
	// Output: payment: invalid: amount 0.00 USD is not positive true
}

func ExampleRefund_Validate() {
	r := payment.Refund{Key: "refund-1", Account: "acme", Amount: usd(500)}
	fmt.Println(r.Validate())
	// Output: payment: invalid: charge is empty
}

func ExampleValidateKey() {
	fmt.Println(payment.ValidateKey("order-1/1"))
	fmt.Println(payment.ValidateKey(""))
	// Output:
	// <nil>
	// payment: invalid: key is empty
}

func ExampleStatus_Final() {
	for _, s := range []payment.Status{payment.Succeeded, payment.Declined, payment.Pending, payment.NotFound} {
		fmt.Println(s, s.Final())
	}
	// Output:
	// succeeded true
	// declined true
	// pending false
	// not_found false
}

func ExampleStatus_Valid() {
	fmt.Println(payment.Pending.Valid(), payment.Status("paid").Valid())
	// Output: true false
}

// The content of a webhook is validated before it is used.
func ExampleResult_Validate() {
	r := payment.Result{Key: "order-1/1", Status: payment.Pending, Amount: usd(19900)}
	fmt.Println(r.Validate())
	// Output: payment: invalid: pending with an amount, 199.00 USD
}

func ExampleResult_Paid() {
	r := payment.Result{Key: "order-1/1", Status: payment.Succeeded, Amount: usd(19899)}
	fmt.Println(r.Paid(usd(19900)))
	// Output: false
}

func ExampleReason_Hard() {
	fmt.Println(payment.LostOrStolen.Hard(), payment.InsufficientBalance.Hard())
	// Output: true false
}

func ExampleReversal_Validate() {
	amount, err := pricing.ParseMoney("199.00", "USD")
	if err != nil {
		panic(err)
	}
	r := payment.Reversal{ID: "dp_1", Charge: "attempt-1", Status: payment.Reversed, Amount: amount}
	fmt.Println(r.Validate())
	r.Status = "lost"
	fmt.Println(r.Validate())
	// Output:
	// <nil>
	// payment: invalid: status "lost" of a reversal
}
