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
	// Output: [{"kind":"purchase","item":"call/one-to-one","unit":"199","times":{"num":2,"den":1},"amount":"398.00 USD"}] <nil>
}

// A report that reads the column of an order's lines.
func ExampleDecodeLines() {
	lines, err := document.DecodeLines([]byte(
		`[{"kind":"purchase","item":"call/one-to-one","unit":"199","times":{"num":2,"den":1},"amount":"398.00 USD"}]`))
	fmt.Println(lines[0].Item, lines[0].Formula(), "=", lines[0].Amount, err)
	// Output: call/one-to-one 199.00 × 2 = 398.00 USD <nil>
}

func ExampleAppendDeliveries() {
	day := must(pricing.ParseDate("2025-06-16"))
	deliveries, err := document.AppendDeliveries(nil, []subscription.Delivery{{Usage: &subscription.UsageDelivery{Day: day}}})
	fmt.Println(string(deliveries), err)
	// Output: [{"bill":{"day":"2025-06-16"}}] <nil>
}

// What isn't known is an error: a delivery that is dropped would be paid for and never made.
func ExampleDecodeDeliveries() {
	deliveries, err := document.DecodeDeliveries([]byte(`[{"bill":{"day":"2025-06-16"}}]`))
	fmt.Println(deliveries[0].Usage.Day, err)
	_, err = document.DecodeDeliveries([]byte(`[{"flowers":{"day":"2025-06-16"}}]`))
	fmt.Println(err)
	// Output:
	// 2025-06-16 <nil>
	// document: deliveries: byte 12: unknown member "flowers"
}

func ExampleAppendTaxes() {
	rate, base, tax := must(pricing.ParseRate("19")), must(pricing.FromMinor(19900, "EUR")), must(pricing.FromMinor(3781, "EUR"))
	taxes, err := document.AppendTaxes(nil, []pricing.Tax{{Name: "VAT", Percent: rate, Base: base, Amount: tax}})
	fmt.Println(string(taxes), err)
	// Output: [{"name":"VAT","percent":"19","base":"199.00 EUR","amount":"37.81 EUR"}] <nil>
}

func ExampleDecodeTaxes() {
	taxes, err := document.DecodeTaxes([]byte(`[{"name":"VAT","percent":"19","base":"199.00 EUR","amount":"37.81 EUR"}]`))
	fmt.Println(taxes[0].Percent, "% of", taxes[0].Base, "=", taxes[0].Amount, err)
	// Output: 19 % of 199.00 EUR = 37.81 EUR <nil>
}

func ExampleAppendAction() {
	action, err := document.AppendAction(nil, payment.Action{Kind: payment.ActionRedirect, Value: "https://bank.example/3ds"})
	fmt.Println(string(action), err)
	// Output: {"kind":"redirect","value":"https://bank.example/3ds"} <nil>
}

// What is printed of an action never shows its value, which may be a secret.
func ExampleDecodeAction() {
	action, err := document.DecodeAction([]byte(`{"kind":"redirect","value":"https://bank.example/3ds"}`))
	fmt.Println(action, err)
	fmt.Println(action.Value)
	// Output:
	// redirect (hidden) <nil>
	// https://bank.example/3ds
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
