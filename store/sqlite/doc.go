// Package sqlite keeps applications in one SQLite file.
package sqlite
