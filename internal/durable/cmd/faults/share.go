package main

import "io"

func shares(due int, out, errs io.Writer) int { return 0 }
