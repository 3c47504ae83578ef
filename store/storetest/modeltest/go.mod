module github.com/prepaidkit/prepaid/store/storetest/modeltest

go 1.26.0

replace github.com/prepaidkit/prepaid => ../../..

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/prepaidkit/prepaid v0.1.0
	pgregory.net/rapid v1.3.0
)

require (
	github.com/shopspring/decimal v1.6.0 // indirect
	golang.org/x/exp v0.0.0-20261113113407-e3970619a1a4 // indirect
)
