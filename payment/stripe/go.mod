module github.com/prepaidkit/prepaid/payment/stripe

go 1.26.0

replace github.com/prepaidkit/prepaid => ../..

require (
	github.com/google/go-cmp v0.7.0
	github.com/prepaidkit/prepaid v0.1.0
	github.com/stripe/stripe-go/v85 v85.0.0
)

require (
	github.com/shopspring/decimal v1.6.0 // indirect
	golang.org/x/exp v0.0.0-20261113113407-e3970619a1a4 // indirect
)
