package main

import (
	"context"
	"net/http"

	"github.com/prepaidkit/prepaid/subscription"
)

// handler returns the whole console. Everything but signing in, files and the webhook needs a customer.
func (c *console) handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, h := range map[string]page{
		"GET /{$}":                                   c.overview,
		"GET /packages":                              c.packages,
		"GET /order":                                 c.orderPage,
		"POST /order":                                c.subscribe,
		"GET /top-up":                                c.topUpPage,
		"POST /top-up":                               c.buyNow,
		"GET /checkout/{id}":                         c.checkoutPage,
		"POST /checkout/{id}":                        c.pay,
		"GET /products/{product}":                    c.productPage,
		"GET /apps/{app}/{product}":                  c.managePage,
		"POST /apps/{app}/{product}/renew":           c.renew,
		"POST /apps/{app}/{product}/upgrade":         c.upgrade,
		"POST /apps/{app}/{product}/auto":            c.autoRenewal,
		"POST /apps/{app}/{product}/next":            c.chooseNext,
		"GET /apps/{app}/{product}/deal":             c.dealPage,
		"POST /apps/{app}/{product}/deal":            c.agreeDeal,
		"GET /apps/{app}/pay-as-you-go":              c.payAsYouGoPage,
		"POST /apps/{app}/pay-as-you-go":             c.enablePayAsYouGo,
		"GET /apps/{app}/auto-top-up":                c.autoTopUpPage,
		"POST /apps/{app}/auto-top-up":               c.setAutoTopUp,
		"POST /apps/{app}/free-minutes":              c.claimFree,
		"POST /apps/{app}/usage":                     c.use,
		"GET /calculator":                            c.calculator,
		"GET /orders":                                c.ordersPage,
		"GET /orders/{app}/{order}":                  c.order,
		"GET /orders/{app}/{order}/invoice":          c.invoice,
		"POST /orders/{app}/{order}/check":           c.checkOrder,
		"POST /orders/{app}/{order}/cancel":          c.cancelOrder,
		"POST /orders/{app}/{order}/again":           c.orderAgain,
		"POST /orders/{app}/{order}/return":          c.returnPackage,
		"GET /orders/{app}/{order}/refund":           c.refundPage,
		"POST /orders/{app}/{order}/refund":          c.refund,
		"GET /orders/{app}/{order}/refunds/{number}": c.creditNote,
		"GET /minutes":                               c.minutesPage,
		"GET /upcoming":                              c.upcoming,
		"GET /activity":                              c.activity,
		"GET /payment":                               c.paymentPage,
		"POST /payment/deposit":                      c.deposit,
		"POST /payment/method":                       c.bindMethod,
		"GET /tax":                                   c.taxPage,
		"POST /tax":                                  c.saveTax,
		"POST /allowlist":                            c.contactUs,
		"GET /staff":                                 c.staffPage,
		"GET /staff/apps/{app}":                      c.staffAppPage,
		"POST /staff/apps/{app}/gift":                c.giveMinutes,
		"POST /staff/apps/{app}/account":             c.moveAccount,
		"POST /staff/apps/{app}/close":               c.closeApplication,
		"POST /staff/apps/{app}/erase":               c.eraseApplication,
		"GET /staff/import":                          c.importPage,
		"POST /staff/import":                         c.importFile,
		"GET /staff/mails":                           c.mailsPage,
		"POST /staff/mails":                          c.switchMailServer,
		"GET /staff/reports":                         c.reportsPage,
		"GET /staff/books":                           c.booksPage,
		"GET /staff/books/postings.csv":              c.postingsFile,
		"GET /staff/health":                          c.healthPage,
		"POST /staff/health":                         c.runAudit,
		"GET /problem":                               c.problemPage,
		"GET /demonstration/clock":                   c.machinePage,
		"POST /demonstration/clock":                  c.moveClock,
		"GET /demonstration/provider":                c.providerPage,
		"POST /demonstration/provider":               c.answerCharge,
		"POST /demonstration/provider/reversals":     c.reverseCharge,
		"POST /demonstration/provider/notifications": c.sendNotifications,
		"GET /demonstration/bank/{token}":            c.bankPage,
		"POST /demonstration/bank/{token}":           c.confirmCharge,
		"/":                                          func(http.ResponseWriter, *http.Request, customer) error { return errNoPage },
	} {
		mux.Handle(pattern, c.signedIn(h))
	}
	mux.HandleFunc("GET /sign-in", c.signInPage)
	mux.HandleFunc("POST /sign-in", c.signIn)
	mux.HandleFunc("POST /sign-up", c.signUpForm)
	mux.HandleFunc("POST /sign-out", c.signOut)
	mux.Handle("POST /webhooks/payments", c.webhook)
	mux.Handle("GET /static/", http.FileServerFS(files))
	return secured(c.relayed(mux))
}

// page handles a request of a signed-in customer. It returns an error instead of writing about it.
type page func(w http.ResponseWriter, r *http.Request, cu customer) error

// customerKey is the key of the customer in a request's context.
type customerKey struct{}

// cookie has the ID of the customer who is signed in. A host of your own has sessions; a demonstration asks for no
// password.
const cookie = "customer"

// signedIn calls h with the customer, or sends the visitor to sign in.
func (c *console) signedIn(h page) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cu, ok, err := c.visitor(r)
		if err != nil {
			c.fail(w, r, err)
			return
		}
		if !ok {
			http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), customerKey{}, cu))
		if err := h(w, r, cu); err != nil {
			c.fail(w, r, err)
		}
		c.sendWaiting(r)
	})
}

// visitor returns the customer who is signed in, and whether there is one.
func (c *console) visitor(r *http.Request) (customer, bool, error) {
	ck, err := r.Cookie(cookie)
	if err != nil {
		return customer{}, false, nil //nolint:nilerr // no cookie: nobody is signed in
	}
	return c.customer(r.Context(), ck.Value)
}

// application returns one of the customer's applications. One of somebody else doesn't exist.
func (c *console) application(ctx context.Context, cu customer, id string) (subscription.Application, error) {
	app, err := c.service.Application(ctx, subscription.ApplicationID(id))
	if err != nil {
		return subscription.Application{}, err
	}
	if app.Account != cu.account() {
		return subscription.Application{}, errNoPage
	}
	return app, nil
}

// applications returns all of the customer's applications, by ID.
func (c *console) applications(ctx context.Context, cu customer) ([]subscription.Application, error) {
	var all []subscription.Application
	for id, err := range c.store.ApplicationsOf(ctx, cu.account()) {
		if err != nil {
			return nil, err
		}
		app, err := c.service.Application(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, app)
	}
	return all, nil
}

// see redirects to a page with the answer to a form, so that reloading it sends nothing again.
func see(w http.ResponseWriter, r *http.Request, to string) error {
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
