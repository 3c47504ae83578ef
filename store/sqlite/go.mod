module github.com/prepaidkit/prepaid/store/sqlite

go 1.26.0

replace github.com/prepaidkit/prepaid => ../..
