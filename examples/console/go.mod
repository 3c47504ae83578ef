module github.com/prepaidkit/prepaid/examples/console

go 1.26.0

replace github.com/prepaidkit/prepaid => ../..

replace github.com/prepaidkit/prepaid/store/postgres => ../../store/postgres

replace github.com/prepaidkit/prepaid/store/sqlite => ../../store/sqlite

require (
	github.com/chromedp/chromedp v0.23.1
	github.com/google/go-cmp v0.7.0
	github.com/jackc/pgx/v5 v5.13.0
	github.com/prepaidkit/prepaid v0.1.0
	github.com/prepaidkit/prepaid/store/postgres v0.1.0
	github.com/prepaidkit/prepaid/store/sqlite v0.1.0
)
