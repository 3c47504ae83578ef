package document_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/prepaidkit/prepaid/payment"
	"github.com/prepaidkit/prepaid/pricing"
	"github.com/prepaidkit/prepaid/store/document"
	"github.com/prepaidkit/prepaid/subscription"
)

func ExampleAppend() {
	app := subscription.Application{
		ID: "video-chat", Account: "acme", Revision: 1, CreatedAt: time.Date(2025, 6, 16, 8, 30, 0, 123456000, time.UTC),
	}
	doc, err := document.Append(nil, &app)
	fmt.Println(string(doc), err)

	app.Account = "acm\xe9" // Latin-1
	_, err = document.Append(nil, &app)
	fmt.Println(errors.Is(err, subscription.ErrInvalid))
	// Output:
	// {"format":2,"revision":1,"id":"video-chat","account":"acme","created_at":"2025-06-16T08:30:00.123456Z"} <nil>
	// true
}

func ExampleDecode() {
	doc := `{"format": 2, "id": "video-chat", "account": "acme", "revision": 1, "created_at": "2025-06-16T08:30:00Z"}`
	app, err := document.Decode([]byte(doc))
	fmt.Println(app.ID, app.Revision, app.CreatedAt, err)

	// A newer version of the module wrote this one.
	_, err = document.Decode([]byte(`{"format": 7, "name": "video-chat"}`))
	var newer *document.FormatError
	fmt.Println(errors.As(err, &newer), newer.Format)
	fmt.Println(err)

	// Unknown members are an error, not dropped.
	_, err = document.Decode([]byte(`{"format": 2, "id": "video-chat", "color": "blue"}`))
	fmt.Println(err)
	// Output:
	// video-chat 1 2025-06-16 08:30:00 +0000 UTC <nil>
	// true 7
	// document: format 7: this version of the module reads formats 1 to 2: upgrade it
	// document: byte 42: unknown member "color"
}

func ExampleAppendLines() {
	price, err := pricing.PricePurchase("call/one-to-one", must(pricing.FromMinor(19900, "USD")), 2, pricing.HalfUp)
	if err != nil {
		fmt.Println(err)
		return
	}
	lines, err := document.AppendLines(nil, price.Lines)
	fmt.Println(string(lines), err)
	read, err := document.DecodeLines(lines)
	fmt.Println(read[0].Formula(), err)
	// Output:
	// [{"kind":"purchase","item":"call/one-to-one","unit":"199","times":{"num":2,"den":1},"amount":"398.00 USD"}] <nil>
	// 199.00 × 2 <nil>
}

func ExampleAppendDeliveries() {
	day := must(pricing.ParseDate("2025-06-16"))
	deliveries, err := document.AppendDeliveries(nil, []subscription.Delivery{{Usage: &subscription.UsageDelivery{Day: day}}})
	fmt.Println(string(deliveries), err)
	read, err := document.DecodeDeliveries(deliveries)
	fmt.Println(read[0].Usage.Day, err)
	// Output:
	// [{"bill":{"day":"2025-06-16"}}] <nil>
	// 2025-06-16 <nil>
}

func ExampleAppendTaxes() {
	rate, base, tax := must(pricing.ParseRate("19")), must(pricing.FromMinor(19900, "EUR")), must(pricing.FromMinor(3781, "EUR"))
	taxes, err := document.AppendTaxes(nil, []pricing.Tax{{Name: "VAT", Percent: rate, Base: base, Amount: tax}})
	fmt.Println(string(taxes), err)
	read, err := document.DecodeTaxes(taxes)
	fmt.Println(read[0].Amount, err)
	// Output:
	// [{"name":"VAT","percent":"19","base":"199.00 EUR","amount":"37.81 EUR"}] <nil>
	// 37.81 EUR <nil>
}

func ExampleAppendAction() {
	action, err := document.AppendAction(nil, payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/3ds"})
	fmt.Println(string(action), err)
	read, err := document.DecodeAction(action)
	fmt.Println(read, err)
	// Output:
	// {"kind":"redirect","value":"https://bank.example/3ds"} <nil>
	// redirect (hidden) <nil>
}

func ExampleText() {
	fmt.Println(document.Text("Überzahlung 🎉"))
	fmt.Println(document.Text("cut off \xf0\x9f"))
	fmt.Println(document.Text("a\x00b"))
	// Output:
	// <nil>
	// subscription: invalid input: text "cut off \xf0\x9f" is not UTF-8 without NUL
	// subscription: invalid input: text "a\x00b" is not UTF-8 without NUL
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
