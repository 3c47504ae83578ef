package main

import "github.com/prepaidkit/prepaid/subscription"

// actor is who has a command run, and why. Every command may have one.
type actor struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// readActor removes who acts from a command's fields.
func readActor(fields *object) (actor, error) {
	var a actor
	own := fields.take("by", "reason")
	err := own.into(&a)
	return a, err
}

// of returns the service on whose behalf the actor acts.
func (a actor) of(s *subscription.Service) *subscription.Service { return s.As(a.By, a.Reason) }
