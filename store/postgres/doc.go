// Package postgres keeps applications in a Postgres database.
package postgres
