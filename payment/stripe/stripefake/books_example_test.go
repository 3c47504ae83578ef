package stripefake_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/payment/stripe"
	"github.com/prepaidkit/prepaid/payment/stripe/stripefake"
	"github.com/prepaidkit/prepaid/pricing"
)

// What took money of a payment, and whether it still does.
func ExampleFake_Taken() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	intent := t.intent("order-1")
	refund, err := t.provider.RefundElsewhere(intent, 400)
	if err != nil {
		fmt.Println(err)
		return
	}
	dispute, err := t.provider.Dispute(intent, false)
	if err != nil {
		fmt.Println(err)
		return
	}
	show := func() {
		for _, taken := range t.provider.Taken(intent) {
			fmt.Println(taken.Dispute, taken.Amount, taken.Status, taken.Keeps(), taken.Open())
		}
	}
	show()
	fmt.Println(t.provider.FailRefund(refund), t.provider.CloseDispute(dispute, true))
	show()
	// Output:
	// false 400 succeeded true false
	// true 600 needs_response true true
	// <nil> <nil>
	// false 400 failed false false
	// true 600 won false false
}

// A dispute that is lost keeps the money; an inquiry never takes any.
func ExampleTaken_Keeps() {
	for _, inquiry := range []bool{false, true} {
		t := open(stripefake.Good)
		t.charge("order-1")
		intent := t.intent("order-1")
		id, err := t.provider.Dispute(intent, inquiry)
		before := t.provider.Taken(intent)[0].Keeps()
		fmt.Println(before, err, t.provider.CloseDispute(id, false), t.provider.Taken(intent)[0].Keeps())
		t.provider.Close()
	}
	// Output:
	// true <nil> <nil> true
	// false <nil> <nil> false
}

func ExampleTaken_Open() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	t.charge("order-1")
	intent := t.intent("order-1")
	id, err := t.provider.Dispute(intent, false)
	fmt.Println(t.provider.Taken(intent)[0].Open(), err)
	fmt.Println(t.provider.CloseDispute(id, false), t.provider.Taken(intent)[0].Open())
	// Output:
	// true <nil>
	// <nil> false
}

// A notification waits until it is delivered, and again if nobody takes it.
func ExampleFake_Waiting() {
	t := open(stripefake.Good)
	defer t.provider.Close()
	answer := http.StatusInternalServerError
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(answer) }))
	defer host.Close()
	t.provider.SendTo(host.URL, "whsec_…")
	t.charge("order-1")
	for range 3 {
		waiting := t.provider.Waiting()
		if len(waiting) == 2 {
			fmt.Println(waiting[1].Type, waiting[1].Object == t.intent("order-1"))
		} else {
			fmt.Println(len(waiting))
		}
		_, err := t.provider.Deliver(context.Background())
		if err != nil {
			fmt.Println(err)
		}
		answer = http.StatusNoContent
	}
	// Output:
	// payment_intent.succeeded true
	// payment_intent.succeeded true
	// 0
}

// A host's own page can stand for the issuer's.
func ExampleOptions() {
	provider := stripefake.New(&stripefake.Options{Bank: "/bank/"})
	defer provider.Close()
	customer, _ := provider.AddCustomer(stripefake.NeedsPayer)
	payers := func(context.Context, string) (stripe.Payer, error) { return stripe.Payer{Customer: customer}, nil }
	gateway, err := stripe.New("sk_test_…", payers, &stripe.Options{URL: provider.URL(), ReturnURL: "https://shop.example/"})
	if err != nil {
		fmt.Println(err)
		return
	}
	amount, err := pricing.FromMinor(1000, "USD")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := gateway.Charge(context.Background(), payment.Charge{Key: "order-1", Account: "acme", Amount: amount, Present: true})
	fmt.Println(r.Action.Kind, r.Action.Value == "/bank/"+provider.Intent("prepaid_key", "order-1"), err)
	// Output: redirect true <nil>
}
