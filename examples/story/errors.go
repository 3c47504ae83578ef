package main

import (
	"fmt"

	"github.com/prepaidkit/prepaid/subscription"
)

// The command's own codes, in addition to those of [subscription.CodeOf].
const (
	codeBadStep     subscription.Code = "bad_step"     // invalid JSON, unknown field, no first instant, a time that has passed
	codeUnknownStep subscription.Code = "unknown_step" // an unknown op, or one that this version of the SDK doesn't have
	codeUnknownName subscription.Code = "unknown_name" // "$name", or a quote, that no step has made
	codeStuck       subscription.Code = "stuck"        // the worker makes no progress
)

// problem replaces an outcome: an error, with any order that was made nevertheless.
type problem struct {
	failure
	outcome
}

type failure struct {
	Error string            `json:"error"`
	Code  subscription.Code `json:"code"`
}

// stepError is one of the command's own errors.
type stepError struct {
	code subscription.Code
	err  error
}

func (e *stepError) Error() string { return e.err.Error() }

func (e *stepError) Unwrap() error { return e.err }

// Code returns the error's code, for [subscription.CodeOf].
func (e *stepError) Code() subscription.Code { return e.code }

func badStep(format string, args ...any) error {
	return &stepError{codeBadStep, fmt.Errorf(format, args...)}
}
