module github.com/prepaidkit/prepaid/examples/guide

go 1.26.0

replace github.com/prepaidkit/prepaid => ../..

replace github.com/prepaidkit/prepaid/payment/stripe => ../../payment/stripe

replace github.com/prepaidkit/prepaid/store/postgres => ../../store/postgres

replace github.com/prepaidkit/prepaid/store/sqlite => ../../store/sqlite

replace github.com/prepaidkit/prepaid/subscription/prepaidotel => ../../subscription/prepaidotel

require (
	github.com/google/go-cmp v0.7.0
	github.com/jackc/pgx/v5 v5.13.0
	github.com/prepaidkit/prepaid v0.1.0
	github.com/prepaidkit/prepaid/payment/stripe v0.1.0
	github.com/prepaidkit/prepaid/store/postgres v0.1.0
	github.com/prepaidkit/prepaid/store/sqlite v0.1.0
	github.com/prepaidkit/prepaid/subscription/prepaidotel v0.1.0
	go.opentelemetry.io/otel/metric v1.47.0
	go.opentelemetry.io/otel/trace v1.47.0
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/shopspring/decimal v1.6.0 // indirect
	github.com/stripe/stripe-go/v85 v85.0.0 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel v1.47.0 // indirect
	go.opentelemetry.io/otel/log v1.47.0 // indirect
	golang.org/x/exp v0.0.0-20261113113407-e3970619a1a4 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.41.0 // indirect
	modernc.org/libc v1.80.1 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
	modernc.org/sqlite v1.62.0 // indirect
)
