// Package stripe collects from cards through Stripe.
package stripe
