module github.com/prepaidkit/prepaid/internal/durable

go 1.26.0

replace github.com/prepaidkit/prepaid => ../..

replace github.com/prepaidkit/prepaid/store/sqlite => ../../store/sqlite

replace github.com/prepaidkit/prepaid/store/postgres => ../../store/postgres

replace github.com/prepaidkit/prepaid/store/storetest/modeltest => ../../store/storetest/modeltest

require (
	github.com/prepaidkit/prepaid v0.0.0-00010101000000-000000000000
	github.com/prepaidkit/prepaid/store/postgres v0.0.0-00010101000000-000000000000
	github.com/prepaidkit/prepaid/store/sqlite v0.0.0-00010101000000-000000000000
	github.com/prepaidkit/prepaid/store/storetest/modeltest v0.0.0-00010101000000-000000000000
)
