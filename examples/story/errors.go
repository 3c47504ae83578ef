package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/subscription"
)

// The command's own codes, beside those of [subscription.CodeOf].
const (
	codeBadStep     subscription.Code = "bad_step"     // no JSON, no such field, no first instant, a time that has passed
	codeUnknownStep subscription.Code = "unknown_step" // no such op, or one that this version of the SDK doesn't have
	codeUnknownName subscription.Code = "unknown_name" // "$name", or a quote, that no step has made
	codeStuck       subscription.Code = "stuck"        // the worker doesn't get on
)

// problem takes the place of an outcome: an error, with the order that was made all the same.
type problem struct {
	failure
	outcome
}

type failure struct {
	Error string            `json:"error"`
	Code  subscription.Code `json:"code"`
}

// stepError is an error of the command's own.
type stepError struct {
	code subscription.Code
	err  error
}

func (e *stepError) Error() string { return e.err.Error() }

func (e *stepError) Unwrap() error { return e.err }

// Code names the error for [subscription.CodeOf].
func (e *stepError) Code() subscription.Code { return e.code }

func badStep(format string, args ...any) error {
	return &stepError{codeBadStep, fmt.Errorf(format, args...)}
}
