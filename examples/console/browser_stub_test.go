package main

import (
	_ "github.com/chromedp/chromedp"
	_ "github.com/google/go-cmp/cmp"
)
