package main

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"
)

// The region that a customer states is charged on every order from then on, for applications that exist and for new
// ones; an exemption needs a tax number, and its invoice says why there is no tax.
func TestTax(t *testing.T) {
	cl := newClient(t, "cobalt")
	topUp := url.Values{"pack": {"rtc-engine-25k"}, "quantity": {"1"}}
	_, page := cl.post("/tax", url.Values{"region": {"CA-QC"}})
	cl.says(page, "Your tax facts were saved", "Net 199.00 USD GST 5 % 9.95 USD QST 9.975 % 19.85 USD You pay 228.80 USD")
	_, page = cl.get("/top-up")
	cl.says(page, "Net 24.00 USD GST 5 % 1.20 USD QST 9.975 % 2.39 USD Total 27.59 USD")
	page = cl.buys("/top-up", topUp)
	cl.says(page, "GST 5 % 1.20 USD", "27.59 USD was paid")
	_, page = cl.get(invoiceLink.FindStringSubmatch(page)[1])
	cl.says(page, "QST 9.975 % 2.39 USD Total 27.59 USD")
	newApp := url.Values{"product": {"call"}, "version": {"one-to-one"}, "app": {newApplication}, "new_app": {"quebec"}}
	_, _, says := cl.orders("/order", newApp)
	cl.says(says, "GST 5 % 4.95 USD", "Total 113.83 USD", "for 228.80 USD, unless you turn auto-renewal off")
	_, page = cl.get("/calculator?product=call&hd=20000")
	cl.says(page, "About")

	for _, wrong := range []url.Values{
		{"region": {"XX"}}, {"region": {"DE"}, "exempt": {"yes"}}, {"exempt": {"yes"}, "number": {"DE1"}},
		{"region": {"DE"}, "number": {"<none>"}}, {"region": {"DE"}, "number": {"DE"}},
	} {
		if status, page := cl.post("/tax", wrong); status != http.StatusUnprocessableEntity {
			t.Errorf("%v: status %d: %s", wrong, status, text(page))
		}
	}
	_, page = cl.post("/tax", url.Values{"region": {"DE"}, "number": {"de123456789"}, "exempt": {"yes"}})
	cl.says(page, "No tax is charged. Your invoices say why.")
	page = cl.buys("/top-up", topUp)
	cl.says(page, "Total 24.00 USD")
	exempt := invoiceLink.FindStringSubmatch(page)[1]
	_, page = cl.post("/tax", url.Values{"region": {"DE"}})
	cl.says(page, "VAT 19 % 37.81 USD You pay 236.81 USD")
	_, page = cl.get(exempt)
	cl.says(page, "No tax is charged: reverse charge") // as it was when it was ordered
	_, page = cl.get("/upcoming")
	if got := regexp.MustCompile(`113\.83`).FindString(text(page)); got != "" {
		t.Error("an order that wasn't paid is charged again")
	}
}

// A renewal has the tax of its time, and what a balance lacks for it includes the tax.
func TestTaxOfARenewal(t *testing.T) {
	cl := newClient(t, "birch")
	cl.post("/tax", url.Values{"region": {"DE"}})
	_, page := cl.get("/")
	cl.says(page, "Update payment")
	if want := `href="/payment?amount=184.81"`; !regexp.MustCompile(regexp.QuoteMeta(want)).MatchString(page) {
		t.Errorf("the page doesn't offer to add 184.81 USD to 52.00 USD")
	}
	cl.post("/payment/deposit", url.Values{"key": {"d"}, "amount": {"184.81"}})
	if _, err := cl.c.move(t.Context(), cl.c.clock.now().AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	_, page = cl.get("/")
	cl.says(page, "Active", "Next charge 236.81 USD, tax included, on")
	_, page = cl.get("/upcoming")
	cl.says(page, "199.00 USD and VAT 19 % = 37.81 USD")
}
