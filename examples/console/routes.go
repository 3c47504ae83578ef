package main

import (
	"context"
	"net/http"

	"github.com/prepaidkit/prepaid/subscription"
)

// handler returns the whole console. Everything but signing in, files and the webhook needs somebody who is signed in.
func (c *console) handler() http.Handler {
	mux := http.NewServeMux()
	customers := map[string]page{
		"GET /{$}":                           c.overview,
		"GET /packages":                      c.packages,
		"GET /order":                         c.orderPage,
		"POST /order":                        c.subscribe,
		"GET /top-up":                        c.topUpPage,
		"POST /top-up":                       c.buyNow,
		"GET /checkout/{id}":                 c.checkoutPage,
		"POST /checkout/{id}":                c.pay,
		"GET /products/{product}":            c.productPage,
		"GET /apps/{app}/{product}":          c.managePage,
		"POST /apps/{app}/{product}/renew":   c.renew,
		"POST /apps/{app}/{product}/upgrade": c.upgrade,
		"POST /apps/{app}/{product}/auto":    c.autoRenewal,
		"POST /apps/{app}/{product}/next":    c.chooseNext,
		"GET /apps/{app}/pay-as-you-go":      c.payAsYouGoPage,
		"POST /apps/{app}/pay-as-you-go":     c.enablePayAsYouGo,
		"GET /apps/{app}/auto-top-up":        c.autoTopUpPage,
		"POST /apps/{app}/auto-top-up":       c.setAutoTopUp,
		"POST /apps/{app}/free-minutes":      c.claimFree,
		"POST /apps/{app}/usage":             c.use,
		"GET /calculator":                    c.calculator,
		"POST /orders/{app}/{order}/cancel":  c.cancelOrder,
		"POST /orders/{app}/{order}/again":   c.orderAgain,
		"POST /orders/{app}/{order}/return":  c.returnPackage,
		"GET /payment":                       c.paymentPage,
		"POST /payment/deposit":              c.deposit,
		"POST /payment/method":               c.bindMethod,
		"GET /tax":                           c.taxPage,
		"POST /tax":                          c.saveTax,
		"POST /allowlist":                    c.contactUs,
	}
	both := map[string]page{
		"GET /orders":                                c.ordersPage,
		"GET /orders/{app}/{order}":                  c.order,
		"GET /orders/{app}/{order}/invoice":          c.invoice,
		"POST /orders/{app}/{order}/check":           c.checkOrder,
		"GET /orders/{app}/{order}/refunds/{number}": c.creditNote,
		"GET /minutes":                               c.minutesPage,
		"GET /upcoming":                              c.upcoming,
		"GET /activity":                              c.activity,
	}
	staff := map[string]page{
		"GET /staff":                            c.workPage,
		"POST /staff/done":                      c.markDone,
		"GET /staff/find":                       c.findPage,
		"GET /staff/customers/{account}":        c.customerPage,
		"POST /staff/customers/{account}/notes": c.takeNote,
		"GET /staff/apps/{app}":                 c.staffAppPage,
		"GET /staff/apps/{app}/{action}":        c.actionPage,
		"POST /staff/apps/{app}/{action}":       c.takeAction,
		"GET /staff/import":                     c.importPage,
		"POST /staff/import":                    c.importFile,
		"GET /staff/mails":                      c.mailsPage,
		"POST /staff/mails":                     c.switchMailServer,
		"GET /staff/reports":                    c.reportsPage,
		"GET /staff/books":                      c.booksPage,
		"GET /staff/books/postings.csv":         c.postingsFile,
		"GET /staff/health":                     c.healthPage,
		"POST /staff/health":                    c.checkHealth,
	}
	anyone := map[string]page{
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
	}
	for pattern, h := range customers {
		mux.Handle(pattern, c.signedIn(forCustomers(h)))
	}
	for pattern, h := range both {
		mux.Handle(pattern, c.signedIn(c.forBoth(h)))
	}
	for pattern, h := range staff {
		mux.Handle(pattern, c.signedIn(forStaff(h)))
	}
	for pattern, h := range anyone {
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

// cookie has the ID of the customer who is signed in, or that of the staff. A host of your own has sessions; a demonstration asks for no
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
	return c.signs(r.Context(), ck.Value)
}

// signs returns who signs in with an ID, and whether there is somebody.
func (c *console) signs(ctx context.Context, id string) (customer, bool, error) {
	if id == staffID {
		return customer{ID: staffID, Name: "The seller’s staff"}, true, nil
	}
	return c.customer(ctx, id)
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
