// Package report has what the stores' reports have in common: what a span of time is, and what counts in a total.
package report
